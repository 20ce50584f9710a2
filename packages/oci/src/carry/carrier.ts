import { createHash, type Hash } from 'node:crypto';
import { connect, Socket } from 'node:net';
import { writeHere } from '../disk.ts';
import { lengthOfPlain } from '../plain-head.ts';
import type { Carried } from '../store.ts';

/** Where blobs come from: one registry, spoken to directly. All of it can be given to a thread. */
export interface Origin {
  readonly host: string;
  readonly port: number;
  /** The name is what the certificate must be for; none for an address. */
  readonly tls?: { readonly name?: string; readonly ca?: readonly string[] };
  /** Milliseconds until a connection stands, an answer begins, more of it comes. */
  readonly connecting: number;
  readonly answering: number;
  readonly idle: number;
}

/** One blob to fetch. */
export interface Load {
  /** Its place among the claims: no two loads have the same. */
  readonly id: number;
  /** The request from its first line to the empty one. */
  readonly ask: string;
  /** Bytes it has to have. */
  readonly size: number;
  /** Descriptor of the file, open for writing. Nobody else writes into it, and it stays open until the load has ended. */
  readonly file: number;
  /** A carrier that has so many under way does not begin it yet. */
  readonly atOnce: number;
}

/** How a load ended. The hash is the caller's to compare. */
export interface Trip extends Carried {
  /** Milliseconds from the question to the answer's first byte. */
  readonly waited?: number;
  /** What came was no plain answer with this blob (a redirect, a refusal, another length): the next ones will hardly be. */
  readonly refused?: boolean;
  /** A write has waited for the disk. */
  readonly slow?: boolean;
}

/** Told of bytes that are in the file, and once of the end: then nothing more is written into the file. */
export interface Listener {
  moved(id: number, bytes: number): void;
  ended(id: number, trip: Trip): void;
}

/** Bytes come together in a piece of this size, which is hashed and written before it leaves the processor's cache. */
const PIECE = 256 * 1024;
const HEAD_END = '\r\n\r\n';
const HEAD_LIMIT = 16 * 1024;
/** A write that takes longer than this has waited for a disk, and not for its turn on a busy processor. Milliseconds. */
const SLOW = 100;

/**
 * Fetches blobs straight from connections into files, all in one thread: read, hashed and written while the bytes are in
 * that processor's cache. It knows HTTP's plainest answer and no other: `200` with the length that was expected. On
 * anything else, and on every trouble, the load ends with what is in the file, and who asked goes on in the usual way,
 * which knows of retries, redirects, tokens and proxies. So nothing is decided here but where bytes go.
 *
 * Each load is offered to all carriers, and is carried by the one that claims it first: none waits while there is work.
 */
export class Carrier {
  readonly #origin: Origin;
  readonly #claims: Int32Array;
  readonly #me: number;
  readonly #listener: Listener;
  readonly #offered: Load[] = [];
  #retired = false;
  readonly #free: Line[] = [];
  readonly #busy = new Map<number, Line>();

  /**
   * @param claims one place for each load, shared by all carriers: 0 until it is claimed, then the number of who did
   * @param me this one's number, from 1
   */
  constructor(origin: Origin, claims: Int32Array, me: number, listener: Listener) {
    this.#origin = origin;
    this.#claims = claims;
    this.#me = me;
    this.#listener = listener;
  }

  offer(load: Load): void {
    if (this.#retired) return;
    this.#offered.push(load);
    this.#next();
  }

  /** What is under way ends, and nothing more begins. */
  retire(): void {
    this.#retired = true;
    this.#offered.length = 0;
  }

  stop(id: number): void {
    this.#busy.get(id)?.close();
  }

  close(): void {
    this.retire();
    for (const line of [...this.#free, ...this.#busy.values()]) line.close();
  }

  #next(): void {
    for (let load = this.#offered[0]; load && this.#busy.size < load.atOnce; load = this.#offered[0]) {
      this.#offered.shift();
      if (Atomics.compareExchange(this.#claims, load.id, 0, this.#me) === 0) this.#carry(load);
    }
  }

  #carry(load: Load): void {
    const { id } = load;
    const line = this.#free.pop() ?? new Line(this.#origin, (left) => this.#left(left));
    this.#busy.set(id, line);
    const moved = (bytes: number): void => this.#listener.moved(id, bytes);
    line.begin(load, moved, (trip) => {
      this.#busy.delete(id);
      if (line.usable) this.#free.push(line);
      this.#next();
      this.#listener.ended(id, trip);
    });
  }

  #left(line: Line): void {
    const at = this.#free.indexOf(line);
    if (at >= 0) this.#free.splice(at, 1);
  }
}

interface Job extends Load {
  readonly hash: Hash;
  readonly moved: (bytes: number) => void;
  readonly end: (trip: Trip) => void;
  /** When it was asked for, and how long the answer took. */
  asked: number;
  waited: number | undefined;
  slow: boolean;
  /** Nothing more can be asked on this connection. */
  last: boolean;
  /** Of the body: in the file, and still to come. */
  written: number;
  left: number;
}

/** A connection that carries one blob after the other. */
class Line {
  readonly #origin: Origin;
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);
  readonly #gone: (line: this) => void;
  /** Node asks for memory while it makes the socket. */
  #socket = new Socket();
  #state: 'new' | 'connecting' | 'open' = 'new';
  /** Bytes in the piece. */
  #used = 0;
  #job: Job | undefined;

  constructor(origin: Origin, gone: (line: Line) => void) {
    this.#origin = origin;
    this.#gone = gone;
  }

  get usable(): boolean {
    return this.#state === 'open' && !this.#socket.destroyed;
  }

  begin(load: Load, moved: (bytes: number) => void, end: (trip: Trip) => void): void {
    const hash = createHash('sha256');
    const begun = { asked: 0, waited: undefined, slow: false, last: false, written: 0, left: load.size };
    this.#job = { ...load, hash, moved, end, ...begun };
    this.#used = 0;
    if (this.#state === 'open') this.#ask(this.#job);
    else void this.#connect();
  }

  close(): void {
    this.#socket.destroy();
    this.#fail({});
  }

  async #connect(): Promise<void> {
    this.#state = 'connecting';
    const { host, port, tls } = this.#origin;
    const onread = {
      buffer: () => this.#piece.subarray(this.#used),
      callback: (bytes: number) => this.#arrived(bytes),
    };
    const to = { host, port, noDelay: true, onread };
    if (tls) {
      // Half of what a thread costs to start.
      const { connect: connectSecurely } = await import('node:tls');
      const named = tls.name === undefined ? {} : { servername: tls.name };
      const trusted = tls.ca ? { ca: [...tls.ca] } : {};
      this.#socket = connectSecurely({ ...to, ...named, ...trusted, ALPNProtocols: ['http/1.1'] });
    } else this.#socket = connect(to);
    const ended = (): void => {
      this.#socket.destroy();
      this.#gone(this);
      this.#fail({});
    };
    this.#socket
      .on('error', ended)
      .on('end', ended)
      .on('close', ended)
      .on('timeout', ended)
      .once(tls ? 'secureConnect' : 'connect', () => {
        this.#state = 'open';
        if (this.#job) this.#ask(this.#job);
      })
      .setTimeout(this.#origin.connecting);
    // Stopped before it stood.
    if (!this.#job) ended();
  }

  #ask(job: Job): void {
    job.asked = performance.now();
    this.#socket.ref().setTimeout(this.#origin.answering);
    this.#socket.write(job.ask, 'latin1');
  }

  /** @returns whether more may be read now */
  #arrived(bytes: number): boolean {
    const job = this.#job;
    if (!job) {
      // Nobody asked for it.
      this.#socket.destroy();
      return false;
    }
    this.#used += bytes;
    if (job.waited !== undefined) return this.#take(job, this.#used - bytes);
    const end = this.#piece.subarray(0, this.#used).indexOf(HEAD_END);
    if (end < 0 && this.#used < HEAD_LIMIT) return true;
    job.waited = performance.now() - job.asked;
    const head = this.#piece.toString('latin1', 0, Math.max(0, end));
    job.last = /^connection:.*close/im.test(head);
    if (!head.startsWith('HTTP/1.1 200 ') || lengthOfPlain(head) !== job.size) {
      this.#fail({ refused: true });
      return false;
    }
    this.#socket.setTimeout(this.#origin.idle);
    this.#piece.copyWithin(0, end + HEAD_END.length, this.#used);
    this.#used -= end + HEAD_END.length;
    return this.#used === 0 || this.#take(job, 0);
  }

  /** What lies in the piece from `fresh` on is of the body, and new. */
  #take(job: Job, fresh: number): boolean {
    const came = this.#used - fresh;
    job.left -= came;
    if (job.left < 0) {
      this.#fail({ refused: true });
      return false;
    }
    job.hash.update(this.#piece.subarray(fresh, this.#used));
    return job.left === 0 || this.#used === PIECE ? this.#write(job) : true;
  }

  #write(job: Job): boolean {
    const began = performance.now();
    try {
      writeHere(job.file, this.#piece.subarray(0, this.#used), job.written);
    } catch {
      // Whoever goes on meets it too, and has words for it.
      this.#fail({});
      return false;
    }
    job.written += this.#used;
    job.moved(this.#used);
    this.#used = 0;
    job.slow ||= performance.now() - began > SLOW;
    if (job.left > 0) return true;
    this.#job = undefined;
    if (job.last) this.#socket.destroy();
    else this.#socket.setTimeout(0).unref();
    job.end({ ...outcome(job), hash: job.hash.digest('hex') });
    return true;
  }

  #fail(why: Pick<Trip, 'refused'>): void {
    const job = this.#job;
    if (!job) return;
    this.#job = undefined;
    this.#socket.destroy();
    job.end({ ...outcome(job), ...why });
  }
}

function outcome({ written, waited, slow }: Job): Trip {
  return { bytes: written, slow, ...(waited === undefined ? {} : { waited }) };
}

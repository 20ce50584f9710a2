import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { lengthOfPlain } from './plain-head.ts';
import type { Landing } from './store.ts';

/** What everybody but a direct reader gets is read in pieces of this size, as node does by itself. Bytes. */
const READ_SIZE = 64 * 1024;
/** Shorter bodies come with their head for the most part. Bytes. */
const DIRECT_LEAST = 16 * 1024;
const HEAD_END = '\r\n\r\n';

/** Who has a connection's bytes at the moment; nobody: node's HTTP parser. */
interface Tap {
  /** A request whose answer's body is wanted past the parser, until the first bytes of the answer come. */
  asking: ClientRequest | undefined;
  /** The answer whose body the parser must not see. */
  held: Held | undefined;
  landing: Landing | undefined;
  /** Told of bytes in `landing.room()`, or of a chunk in other memory. @returns whether more may be read now */
  arrived: (bytes: number, chunk: Buffer | undefined) => boolean;
}

/** An answer of which the parser has had the head alone. */
interface Held {
  readonly tap: Tap;
  readonly socket: Socket;
  readonly length: number;
  /** What of the body came before anybody could ask for it: with the head, for the most part. */
  readonly came: Buffer[];
  through: boolean;
}

/**
 * Bodies read from the connection into their reader's own memory. Node allocates memory for each 64 KiB, and its parser
 * copies that into some more: for a gigabyte this is 0.8 s of work and of collecting, where the kernel's own part is
 * 0.4 s. The `onread` of `net.connect` gives whoever asks the bytes without either. The parser is given the head alone,
 * as that of an answer to HEAD, which has no body whatever its Content-Length: so it is done, and the connection can
 * serve the next request when the body is through.
 */
export class DirectBodies {
  readonly #taps = new WeakMap<object, Tap>();
  readonly #held = new WeakMap<IncomingMessage, Held>();

  /** Connections of this agent can be read so from now on. */
  equip(agent: Agent): void {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const tap: Tap = { asking: undefined, held: undefined, landing: undefined, arrived: () => false };
      let own = Buffer.allocUnsafeSlow(READ_SIZE);
      let socket: Socket | undefined;
      const onread = {
        buffer: () => tap.landing?.room() ?? own,
        callback: (bytes: number, memory: Uint8Array): boolean => {
          const chunk = memory.buffer === own.buffer ? own.subarray(0, bytes) : undefined;
          if (tap.landing) return tap.arrived(bytes, chunk);
          if (!socket || !chunk) return false;
          if (!this.#holds(tap, socket, chunk)) {
            // A copy: the parser's readers keep what they are given.
            return socket.push(Buffer.from(chunk));
          }
          // Node may read on whatever is returned here, and the chunk still waits for its reader.
          own = Buffer.allocUnsafeSlow(READ_SIZE);
          return false;
        },
      };
      socket = create({ ...options, onread } as typeof options, callback) as Socket;
      this.#taps.set(socket, tap);
      return socket;
    };
  }

  /**
   * The body of this request's answer will be asked for by `read`. Where it is not, the answer may seem to have none, and
   * its connection ends with it.
   */
  expect(request: ClientRequest): void {
    request.once('socket', (socket) => {
      const tap = this.#taps.get(socket);
      if (tap) tap.asking = request;
    });
  }

  /**
   * All of a body into `landing`, past the parser. Afterwards the answer is at its end and its connection free. One that
   * fails never ends for node: the caller destroys it in any case, and with it the connection that is not free.
   * @returns undefined where it is to be read from the answer: not expected, short, in chunks, or no success
   */
  read(answer: IncomingMessage, landing: Landing): Promise<void> | undefined {
    const held = this.#held.get(answer);
    return held && new Promise((resolve, reject) => readHeld(answer, held, landing, resolve, reject));
  }

  /** @returns whether the parser must not have that chunk: it is of a body that is held, or had such a one's head */
  #holds(tap: Tap, socket: Socket, chunk: Buffer): boolean {
    if (tap.held) {
      tap.held.came.push(chunk);
      return true;
    }
    const request = tap.asking;
    tap.asking = undefined;
    // A head in several pieces is seldom, and the parser's.
    const end = request ? chunk.indexOf(HEAD_END) : -1;
    const length = end < 0 ? undefined : lengthOfPlain(chunk.toString('latin1', 0, end));
    if (!request || length === undefined || length < DIRECT_LEAST) return false;
    const head = end + HEAD_END.length;
    const held = { tap, socket, length, came: [chunk.subarray(head)], through: false };
    tap.held = held;
    const answer = headOnly(request, socket, chunk.subarray(0, head));
    if (!answer?.complete || answer.headers['content-length'] !== String(length)) {
      // The parser does not read it as we do: then nobody knows what comes next.
      socket.destroy();
      return true;
    }
    this.#held.set(answer, held);
    // Somebody read it as what it seems to be. Another request must not find this body in its place.
    answer.once('end', () => {
      if (!held.through) socket.destroy();
    });
    return true;
  }
}

/** @returns the answer as the parser made it of that head, without a body */
function headOnly(request: ClientRequest, socket: Socket, head: Buffer): IncomingMessage | undefined {
  const { method } = request;
  let answer: IncomingMessage | undefined;
  const see = (incoming: IncomingMessage): void => {
    answer = incoming;
  };
  request.prependOnceListener('response', see);
  request.method = 'HEAD';
  socket.push(Buffer.from(head));
  request.method = method;
  request.off('response', see);
  return answer;
}

function readHeld(
  answer: IncomingMessage,
  held: Held,
  landing: Landing,
  resolve: () => void,
  reject: (error: unknown) => void,
): void {
  const { tap, socket } = held;
  let left = held.length;
  const stop = (): void => {
    tap.landing = undefined;
    socket.off('error', fail).off('end', cut).off('close', cut);
  };
  const fail = (error: unknown): void => {
    stop();
    reject(error);
  };
  const cut = (): void => fail(socket.errored ?? cutOff());
  if (socket.destroyed) {
    cut();
    return;
  }
  const finish = (wait: Promise<void> | undefined, keep: boolean): void => {
    stop();
    let ended: Promise<void> | undefined;
    if (keep) {
      held.through = true;
      tap.held = undefined;
      ended = endOf(answer);
    }
    // What waits still may fail, and is part of the body's own success.
    Promise.all([wait, ended]).then(() => resolve(), reject);
  };
  tap.arrived = (bytes, chunk) => {
    const wanted = Math.min(bytes, left);
    try {
      const wait = chunk ? landing.take(chunk.subarray(0, wanted)) : landing.filled(wanted);
      left -= wanted;
      if (left > 0) {
        wait?.then(() => socket.resume(), fail);
        return wait === undefined;
      }
      // Who sends more than was announced is not asked again on this connection.
      const keep = bytes === wanted;
      finish(wait, keep);
      return keep;
    } catch (error) {
      fail(error);
      return false;
    }
  };
  tap.landing = landing;
  socket.on('error', fail).on('end', cut).on('close', cut);
  const came = held.came.length === 1 ? held.came[0] : Buffer.concat(held.came);
  held.came.length = 0;
  if (!came?.length || tap.arrived(came.length, came)) socket.resume();
}

/** Until node has seen the end of the answer, and frees its connection. */
function endOf(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    let ended = false;
    answer
      .on('end', () => {
        ended = true;
        resolve();
      })
      .on('error', reject)
      .on('close', () => {
        if (!ended) reject(cutOff());
      })
      .resume();
  });
}

/** What ends without having been whole: the next try may do better. */
export function cutOff(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}

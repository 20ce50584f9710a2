import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Landing } from './store.ts';

/** What everybody but a direct reader gets is read in pieces of this size, as node does by itself. Bytes. */
const READ_SIZE = 64 * 1024;
/** Shorter bodies are through before it pays. Bytes. */
const DIRECT_LEAST = 128 * 1024;
/**
 * Up to this length a connection is kept: the parser is shown zeros in place of what it missed, which it copies. Beyond
 * it another connection costs less. Bytes.
 */
export const KEPT_MOST = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(256 * 1024);

/** Who has a connection's bytes at the moment; nobody: node's HTTP parser. */
interface Tap {
  landing: Landing | undefined;
  /** Told of bytes in `landing.room()`, or of a chunk in other memory. @returns whether more may be read now */
  arrived: (bytes: number, chunk: Buffer | undefined) => boolean;
}

/**
 * Bodies read from the connection into their reader's own memory. Node allocates memory for each 64 KiB, and its parser
 * copies that into some more: for a gigabyte this is 0.8 s of work and of collecting, where the kernel's own part is
 * 0.4 s. The `onread` of `net.connect` gives whoever asks the bytes without either.
 */
export class DirectBodies {
  readonly #taps = new WeakMap<object, Tap>();

  /** Connections of this agent can be read so from now on. */
  equip(agent: Agent): void {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const tap: Tap = { landing: undefined, arrived: () => false };
      const own = Buffer.allocUnsafeSlow(READ_SIZE);
      let socket: Socket | undefined;
      const onread = {
        buffer: () => tap.landing?.room() ?? own,
        callback: (bytes: number, memory: Uint8Array): boolean => {
          const chunk = memory.buffer === own.buffer ? own.subarray(0, bytes) : undefined;
          if (tap.landing) return tap.arrived(bytes, chunk);
          // A copy: the parser's readers keep what they are given.
          return socket?.push(Buffer.from(memory.subarray(0, bytes))) ?? false;
        },
      };
      socket = create({ ...options, onread } as typeof options, callback) as Socket;
      this.#taps.set(socket, tap);
      return socket;
    };
  }

  /**
   * The rest of a body into `landing`, past the parser. Afterwards the answer is at its end and its connection free; one of
   * more than `KEPT_MOST` bytes never ends for node, nor does one that fails: the caller destroys it in any case, and with
   * it the connection that is not free.
   * @returns undefined where it cannot be done so: nothing has been read then
   */
  read(answer: IncomingMessage, landing: Landing): Promise<void> | undefined {
    const { socket } = answer;
    const tap = this.#taps.get(socket);
    const length = Number(answer.headers['content-length'] ?? 0);
    if (!tap || !(length >= DIRECT_LEAST)) return undefined;
    // On its way between the connection and the parser: it cannot be taken from between them.
    if (answer.complete || answer.destroyed || socket.destroyed || socket.readableLength > 0) return undefined;
    return new Promise((resolve, reject) => {
      /** Bytes that have not come yet, and how many the parser does not see. */
      let left = length;
      let missed = 0;
      const fail = (error: unknown): void => {
        tap.landing = undefined;
        reject(error);
      };
      answer.on('error', fail).on('close', () => {
        if (left > 0) fail(cutOff());
      });
      const finish = (wait: Promise<void> | undefined, keep: boolean): void => {
        tap.landing = undefined;
        const ended = keep ? endOf(answer, missed) : undefined;
        // What waits still may fail, and is part of the body's own success.
        Promise.all([wait, ended]).then(() => resolve(), fail);
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
          const keep = length <= KEPT_MOST && bytes === wanted;
          finish(wait, keep);
          return keep;
        } catch (error) {
          fail(error);
          return false;
        }
      };
      tap.landing = landing;
      socket.pause();
      let wait: Promise<void> | undefined;
      try {
        // What the parser had already passed on, with the head of the answer.
        for (let chunk = answer.read(); chunk !== null; chunk = answer.read()) {
          const enough = landing.take(chunk as Buffer);
          if (enough) wait = wait ? Promise.all([wait, enough]).then(() => undefined) : enough;
          left -= (chunk as Buffer).length;
        }
      } catch (error) {
        wait?.catch(() => undefined);
        fail(error);
        return;
      }
      missed = left;
      if (wait) wait.then(() => socket.resume(), fail);
      else socket.resume();
    });
  }
}

/** Until node has seen the end of the answer, which it does when its parser has had `missed` bytes more. */
function endOf(answer: IncomingMessage, missed: number): Promise<void> {
  return new Promise((resolve, reject) => {
    answer
      .on('end', resolve)
      .on('error', reject)
      .on('close', () => reject(cutOff()));
    answer.resume();
    for (let left = missed; left > 0; left -= ZEROS.length) answer.socket.push(ZEROS.subarray(0, left));
  });
}

/** What ends without having been whole: the next try may do better. */
export function cutOff(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}

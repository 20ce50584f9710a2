import type { Agent, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Landing } from './store.ts';

/** What everybody but a direct reader gets is read in pieces of this size, as node does by itself. Bytes. */
const READ_SIZE = 64 * 1024;
/**
 * A body that was read past the parser costs its connection, and another one later: a few round trips, which a long
 * body makes up for. Bytes.
 */
export const DIRECT_LEAST = 16 * 1024 * 1024;

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
   * The rest of a body into `landing`, past the parser, which is told nothing of it: the answer never ends for node, and
   * the caller destroys it, with its connection.
   * @returns undefined where it cannot be done so: nothing has been read then
   */
  read(answer: IncomingMessage, landing: Landing): Promise<void> | undefined {
    const { socket } = answer;
    const tap = this.#taps.get(socket);
    const length = Number(answer.headers['content-length'] ?? 0);
    if (!tap || !(length >= DIRECT_LEAST) || answer.headers['transfer-encoding'] !== undefined) return undefined;
    // On its way between the connection and the parser: it cannot be taken from between them.
    if (answer.complete || answer.destroyed || socket.destroyed || socket.readableLength > 0) return undefined;
    return new Promise((resolve, reject) => {
      let left = length;
      const end = (): void => {
        tap.landing = undefined;
      };
      const fail = (error: unknown): void => {
        end();
        reject(error);
        answer.destroy();
      };
      /** @returns whether more may be read now */
      const took = (bytes: number, wait: Promise<void> | undefined): boolean => {
        left -= bytes;
        if (left <= 0) {
          end();
          // What waits still may fail, and is part of the body's own success.
          if (wait) wait.then(resolve, fail);
          else resolve();
          return false;
        }
        wait?.then(() => socket.resume(), fail);
        return wait === undefined;
      };
      tap.arrived = (bytes, chunk) => {
        const wanted = Math.min(bytes, left);
        try {
          return took(wanted, chunk ? landing.take(chunk.subarray(0, wanted)) : landing.filled(wanted));
        } catch (error) {
          fail(error);
          return false;
        }
      };
      answer.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
      tap.landing = landing;
      // What the parser had already passed on, with the head of the answer.
      socket.pause();
      const early: Promise<void>[] = [];
      try {
        for (let chunk = answer.read(); chunk !== null; chunk = answer.read()) {
          const wait = landing.take(chunk as Buffer);
          if (wait) early.push(wait);
          left -= (chunk as Buffer).length;
        }
      } catch (error) {
        fail(error);
        return;
      }
      Promise.all(early).then(() => socket.resume(), fail);
    });
  }
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SlowLinkOptions {
  /** `127.0.0.1:5000`: the destination of the connections. */
  readonly target: string;
  /** Minimum time from the first byte sent to the first byte of the response. Milliseconds. */
  readonly roundTrip: number;
  /** Bandwidth of the whole link, for all connections together, in each direction. Default: unlimited. */
  readonly bytesPerSecond?: number;
}

export interface SlowLink extends AsyncDisposable {
  /** `127.0.0.1:34567`, to use instead of the target. */
  readonly host: string;
  /** Connections accepted so far. */
  readonly connections: number;
}

/** Maximum bytes of a connection in transit before its sender must wait, like a TCP window. */
const WINDOW = 4 * 1024 * 1024;

/**
 * A TCP proxy on loopback that behaves like a line with high latency or low bandwidth. Data arrives half a round trip
 * later, and a connection's first bytes another whole one later, for the handshake, which takes no time on loopback.
 */
export async function startSlowLink(options: SlowLinkOptions): Promise<SlowLink> {
  const port = Number(options.target.slice(options.target.lastIndexOf(':') + 1));
  const host = options.target.slice(0, options.target.lastIndexOf(':'));
  const up = new Line(options);
  const down = new Line(options);
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    connections += 1;
    const far = connect({ port, host, allowHalfOpen: true, noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
    }
    up.carry(near, far, performance.now() + options.roundTrip);
    down.carry(far, near, 0);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** One direction of the link. */
class Line {
  readonly #delay: number;
  readonly #rate: number;
  /** When the last accepted byte will have left. */
  #free = 0;

  constructor({ roundTrip, bytesPerSecond = Number.POSITIVE_INFINITY }: SlowLinkOptions) {
    this.#delay = roundTrip / 2;
    this.#rate = bytesPerSecond / 1000;
  }

  /** @param notBefore when this connection's handshake is complete */
  carry(from: Socket, to: Socket, notBefore: number): void {
    const queue: { readonly due: number; readonly chunk: Buffer | undefined }[] = [];
    let under = 0;
    let timer: NodeJS.Timeout | undefined;
    // If the far side does not read, the window stays full until it does.
    const open = (): void => {
      if (under >= WINDOW || to.writableNeedDrain) from.pause();
      else from.resume();
    };
    to.on('drain', open);
    const deliver = (): void => {
      timer = undefined;
      const now = performance.now();
      for (let head = queue[0]; head && head.due <= now; head = queue[0]) {
        queue.shift();
        if (!head.chunk) to.end();
        else {
          under -= head.chunk.length;
          to.write(head.chunk);
        }
      }
      open();
      if (queue[0]) timer = setTimeout(deliver, Math.max(1, queue[0].due - performance.now()));
    };
    const take = (chunk: Buffer | undefined): void => {
      // A handshake delays only its own connection, and uses no bandwidth of the others.
      this.#free = Math.max(performance.now(), this.#free) + (chunk?.length ?? 0) / this.#rate;
      queue.push({ due: Math.max(this.#free, notBefore) + this.#delay, chunk });
      under += chunk?.length ?? 0;
      open();
      timer ??= setTimeout(deliver, Math.max(1, (queue[0]?.due ?? 0) - performance.now()));
    };
    from.on('data', take);
    from.on('end', () => take(undefined));
    const stop = (): void => clearTimeout(timer);
    from.on('close', () => {
      if (!from.readableEnded) {
        stop();
        to.destroy();
      }
    });
    to.on('close', stop);
  }
}

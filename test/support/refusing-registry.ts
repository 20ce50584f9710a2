import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RefusingRegistry extends AsyncDisposable {
  /** `127.0.0.1:34567`, to use instead of the registry's. */
  readonly host: string;
}

/** A registry that rejects some requests with 403, like one with immutable tags or without permission. */
export async function startRefusingRegistry(
  target: string,
  refuses: (method: string, path: string) => boolean,
): Promise<RefusingRegistry> {
  const [hostname, port] = target.split(':');
  const server = createServer((asked, answer) => {
    const { method = '', url: path = '', headers } = asked;
    if (refuses(method, path)) {
      asked.resume();
      const errors = [{ code: 'DENIED', message: 'it may not be changed' }];
      answer.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
      return;
    }
    const onward = request({ hostname, port, method, path, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

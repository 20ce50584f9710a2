import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
  /** One line per request: `CONNECT registry.invalid:443`, `GET http://registry.invalid/v2/`. */
  readonly requests: string[];
}

/**
 * An HTTP proxy on loopback that sends every request, tunnelled (CONNECT) or forwarded (absolute form), to `target`
 * (`127.0.0.1:5000`), whatever host the request names: hosts under `.invalid` need no DNS.
 */
export async function startHttpProxy(target: string): Promise<HttpProxy> {
  const [host = '', port = ''] = target.split(':');
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((asked, answer) => {
    requests.push(`${asked.method} ${asked.url}`);
    const { pathname, search } = new URL(asked.url ?? '');
    const { method, headers } = asked;
    const onward = request({ host, port, method, headers, path: `${pathname}${search}` }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  server.on('connect', (asked, near: Socket, head) => {
    requests.push(`CONNECT ${asked.url}`);
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    sockets.add(near).add(far);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

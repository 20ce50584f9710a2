import { TimeoutFailure } from './connection-failure.ts';

/** The connection ended before the response did. */
class ConnectionClosed extends Error {
  readonly code = 'ECONNRESET';
}

/** An error of undici in our words, with the code that Node gives it. Any other error as it is. */
export function plainError(error: Error): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new Error('the headers of the response are too large');
    case 'UND_ERR_SOCKET':
      // Nothing asked for another protocol, and a retry would change nothing.
      if (message === 'bad upgrade') return new Error('the server switched to another protocol');
      return new ConnectionClosed('the server closed the connection');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new ConnectionClosed('the server closed the connection before the end of the response');
    default:
      return withoutProxy(error);
  }
}

/** An error while connecting, directly or through a proxy. @param timeout milliseconds */
export function connectError(error: Error, timeout: number): Error {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new TimeoutFailure(`no connection within ${timeout / 1000} seconds`);
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_INFO':
      // undici would connect again and again after an error with this code.
      return new ConnectionClosed('the proxy closed the connection');
    case 'UND_ERR_PRX_TLS':
      return error.cause instanceof Error ? error.cause : error;
    default:
      return withoutProxy(error);
  }
}

function withoutProxy(error: Error): Error {
  const status = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(error.message)?.[1];
  return status === undefined ? error : new Error(`the proxy responded with ${status}`);
}

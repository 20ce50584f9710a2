import type { Call, RegistryClient } from '../registry/client.ts';
import { unreachable } from '../registry/error.ts';
import { asFailure, ConnectionFailure } from './connection-failure.ts';
import type { HttpResponse } from './http-response.ts';
import { RetryableError, withRetry } from './retry.ts';

/** Make a call and read its response, including the body. An interrupted response is retried like a missing one. */
export async function callAndRead<T>(
  client: RegistryClient,
  call: Call,
  read: (response: HttpResponse) => Promise<T>,
): Promise<T> {
  return withRetry(client.parts.retry, call.signal, async () => {
    const response = await client.once(call);
    try {
      return await read(response);
    } catch (error) {
      // Errors that `read` finds in the content are final; only connection failures are retried.
      if (!response.errored) throw error;
      const failure = asFailure(response.errored, call.signal);
      if (!(failure instanceof ConnectionFailure)) throw failure;
      const shown = unreachable(client.attempt(call.operation), failure);
      throw failure.transient ? new RetryableError(shown, undefined, failure.timedOut) : shown;
    }
  });
}

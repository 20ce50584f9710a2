import type { IncomingMessage } from 'node:http';
import type { Call, RegistryClient } from '../registry/client.ts';
import { unreachable } from '../registry/error.ts';
import { asFailure, ConnectionFailure } from './connection-failure.ts';
import { RetryableError, withRetry } from './retry.ts';

/**
 * A call and what `read` makes of its answer, body and all: an answer that breaks off is asked for again, like one that
 * never came.
 */
export async function callAndRead<T>(
  client: RegistryClient,
  call: Call,
  read: (answer: IncomingMessage) => Promise<T>,
): Promise<T> {
  return withRetry(client.parts.retry, call.signal, async () => {
    const answer = await client.once(call);
    try {
      return await read(answer);
    } catch (error) {
      // What `read` finds wrong with the content is final; only the connection may do better.
      if (!answer.errored) throw error;
      const failure = asFailure(answer.errored, call.signal);
      if (!(failure instanceof ConnectionFailure)) throw failure;
      const shown = unreachable(client.attempt(call.operation), failure);
      throw failure.transient ? new RetryableError(shown, undefined, failure.silent) : shown;
    }
  });
}

import type { Descriptor } from '@tidegate/core';
import { asFailure, ConnectionFailure } from '../http/connection-failure.ts';
import type { HttpResponse } from '../http/http-response.ts';
import { RetryableError, RetryBudget } from '../http/retry.ts';
import type { CallOptions } from '../store.ts';
import { skipping } from '../verified.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse, unreachable } from './error.ts';

/**
 * The bytes of a blob from `offset` on. A broken connection is resumed with a Range request. Not verified.
 * @param open requests the content from an offset: 206, or 200 with all of it
 * @param first the response to `open(offset)` if the caller has it already
 */
export async function* download(
  client: RegistryClient,
  descriptor: Descriptor,
  open: (offset: number) => Promise<HttpResponse>,
  offset: number,
  options: CallOptions & { readonly onResume?: ((offset: number) => void) | undefined },
  first?: HttpResponse,
): AsyncGenerator<Buffer> {
  const attempt = client.attempt(`read of ${descriptor.digest}`);
  const budget = new RetryBudget(client.parts.retry, options.signal);
  let at = offset;
  let response = first;
  for (;;) {
    response ??= await open(at);
    try {
      const start = response.statusCode === 206 ? rangeStart(response) : 0;
      if (start !== at && start !== 0)
        throw invalidResponse(attempt, `requested bytes from offset ${at}, the response starts at ${start}`);
      if (at > offset && start === at) options.onResume?.(at);
      const body = start === at ? response : skipping(Promise.resolve(response), at);
      for await (const chunk of body as AsyncIterable<Buffer>) {
        at += chunk.length;
        budget.progress();
        yield chunk;
      }
      return;
    } catch (error) {
      const broken = brokenOff(client, descriptor, error, options);
      if (lacksNothing(broken, at, descriptor)) return;
      await budget.after(broken);
    } finally {
      response.destroy();
    }
    response = undefined;
  }
}

/** Wrap failures that a retry may fix in RetryableError; return all others unchanged. */
function brokenOff(client: RegistryClient, descriptor: Descriptor, error: unknown, options: CallOptions): Error {
  const failure = asFailure(error, options.signal);
  if (!(failure instanceof ConnectionFailure)) return failure;
  const shown = unreachable(client.attempt(`read of ${descriptor.digest}`), failure);
  return failure.transient ? new RetryableError(shown, undefined, failure.timedOut) : shown;
}

/**
 * All bytes arrived and only the end of the response is missing: a Range request past the end would get 416 forever.
 */
function lacksNothing(broken: Error, at: number, { size }: Descriptor): boolean {
  return broken instanceof RetryableError && at === size;
}

function rangeStart(response: HttpResponse): number {
  const start = /^bytes (\d{1,15})-/.exec(response.headers['content-range'] ?? '')?.[1];
  return start === undefined ? 0 : Number(start);
}

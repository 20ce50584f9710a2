import type { IncomingMessage } from 'node:http';
import type { Descriptor } from '@tidegate/core';
import { asFailure, ConnectionFailure } from '../http/connection-failure.ts';
import { header } from '../http/responses.ts';
import { RetryableError, RetryBudget } from '../http/retry.ts';
import type { CallOptions } from '../store.ts';
import { skipping } from '../verified.ts';
import type { RegistryClient } from './client.ts';
import { invalidResponse, unreachable } from './error.ts';

/**
 * The bytes of a blob from `offset` on; where a connection breaks, a Range request goes on. Not verified.
 * @param open asks for the content from an offset on: 206, or 200 with all of it
 * @param first the answer to `open(offset)` where the caller has it already
 */
export async function* download(
  client: RegistryClient,
  descriptor: Descriptor,
  open: (offset: number) => Promise<IncomingMessage>,
  offset: number,
  options: CallOptions & { readonly onResume?: ((offset: number) => void) | undefined },
  first?: IncomingMessage,
): AsyncGenerator<Buffer> {
  const attempt = client.attempt(`read of ${descriptor.digest}`);
  const budget = new RetryBudget(client.parts.retry, options.signal);
  let at = offset;
  let answer = first;
  for (;;) {
    answer ??= await open(at);
    try {
      const start = answer.statusCode === 206 ? rangeStart(answer) : 0;
      if (start !== at && start !== 0)
        throw invalidResponse(attempt, `asked for bytes from ${at} on, they begin at ${start}`);
      if (at > offset && start === at) options.onResume?.(at);
      const body = start === at ? answer : skipping(Promise.resolve(answer), at);
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
      answer.destroy();
    }
    answer = undefined;
  }
}

/** What may succeed on a retry as RetryableError, everything else as it is. */
function brokenOff(client: RegistryClient, descriptor: Descriptor, error: unknown, options: CallOptions): Error {
  const failure = asFailure(error, options.signal);
  if (!(failure instanceof ConnectionFailure)) return failure;
  const shown = unreachable(client.attempt(`read of ${descriptor.digest}`), failure);
  return failure.transient ? new RetryableError(shown, undefined, failure.silent) : shown;
}

/** Only the end of the answer did not come: who asks for more than there is gets a refusal (416) for ever. */
function lacksNothing(broken: Error, at: number, { size }: Descriptor): boolean {
  return broken instanceof RetryableError && at === size;
}

function rangeStart(answer: IncomingMessage): number {
  const start = /^bytes (\d{1,15})-/.exec(header(answer, 'content-range') ?? '')?.[1];
  return start === undefined ? 0 : Number(start);
}

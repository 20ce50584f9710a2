import type { IncomingMessage } from 'node:http';
import type { Descriptor } from '@tidegate/core';
import { asFailure, ConnectionFailure, header } from './http.ts';
import type { RegistryClient } from './registry-client.ts';
import { nonsense, unreachable } from './registry-error.ts';
import { Patience, Transient } from './retry.ts';
import type { CallOptions } from './store.ts';
import { skipping } from './verified.ts';

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
  options: CallOptions,
  first?: IncomingMessage,
): AsyncGenerator<Buffer> {
  const attempt = client.attempt(`read of ${descriptor.digest}`);
  const patience = new Patience(client.parts.retry, options.signal);
  let at = offset;
  let answer = first;
  for (;;) {
    answer ??= await open(at);
    const start = answer.statusCode === 206 ? rangeStart(answer) : 0;
    if (start !== at && start !== 0) throw nonsense(attempt, `asked for bytes from ${at} on, they begin at ${start}`);
    try {
      const body = start === at ? answer : skipping(Promise.resolve(answer), at);
      for await (const chunk of body as AsyncIterable<Buffer>) {
        at += chunk.length;
        patience.progress();
        yield chunk;
      }
      return;
    } catch (error) {
      const failure = asFailure(error, options.signal);
      if (!(failure instanceof ConnectionFailure)) throw failure;
      const shown = unreachable(attempt, failure);
      await patience.after(failure.transient ? new Transient(shown) : shown);
    } finally {
      answer.destroy();
    }
    answer = undefined;
  }
}

function rangeStart(answer: IncomingMessage): number {
  const start = /^bytes (\d{1,15})-/.exec(header(answer, 'content-range') ?? '')?.[1];
  return start === undefined ? 0 : Number(start);
}

import type { IncomingMessage } from 'node:http';
import type { Descriptor } from '@tidegate/core';
import { header } from './answers.ts';
import { asFailure, ConnectionFailure } from './connection-failure.ts';
import { cutOff } from './direct-body.ts';
import type { RegistryClient } from './registry-client.ts';
import { nonsense, unreachable } from './registry-error.ts';
import { Patience, Transient } from './retry.ts';
import type { CallOptions, Landing } from './store.ts';
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
    try {
      const start = answer.statusCode === 206 ? rangeStart(answer) : 0;
      if (start !== at && start !== 0) throw nonsense(attempt, `asked for bytes from ${at} on, they begin at ${start}`);
      const body = start === at ? answer : skipping(Promise.resolve(answer), at);
      for await (const chunk of body as AsyncIterable<Buffer>) {
        at += chunk.length;
        patience.progress();
        yield chunk;
      }
      return;
    } catch (error) {
      const broken = brokenOff(client, descriptor, error, options);
      if (lacksNothing(broken, at, descriptor)) return;
      await patience.after(broken);
    } finally {
      answer.destroy();
    }
    answer = undefined;
  }
}

/**
 * The same, given to `landing` as it comes in from the connection: no stream and no generator stands between, and with
 * long bodies not even node's parser. Where `landing` gives a promise, nothing more is read until that is kept.
 * @param options.from bytes that `landing` has already
 */
export async function deliver(
  client: RegistryClient,
  descriptor: Descriptor,
  open: (offset: number) => Promise<IncomingMessage>,
  landing: Landing,
  options: CallOptions & { readonly onResume?: ((offset: number) => void) | undefined; readonly from?: number },
): Promise<void> {
  const patience = new Patience(client.parts.retry, options.signal);
  let at = options.from ?? 0;
  const passed = (bytes: number): void => {
    at += bytes;
    patience.progress();
  };
  const counted: Landing = {
    take(chunk) {
      passed(chunk.length);
      return landing.take(chunk);
    },
    room: () => landing.room(),
    filled(bytes) {
      passed(bytes);
      return landing.filled(bytes);
    },
  };
  for (;;) {
    const answer = await open(at);
    const start = answer.statusCode === 206 ? rangeStart(answer) : 0;
    if (start !== at && start !== 0) {
      answer.destroy();
      const attempt = client.attempt(`read of ${descriptor.digest}`);
      throw nonsense(attempt, `asked for bytes from ${at} on, they begin at ${start}`);
    }
    if (at > 0 && start === at) options.onResume?.(at);
    const rest = at > start ? past(counted, at - start) : counted;
    try {
      await (client.parts.connections.direct.read(answer, rest) ?? drain(answer, rest));
      return;
    } catch (error) {
      const broken = brokenOff(client, descriptor, error, options);
      if (lacksNothing(broken, at, descriptor)) return;
      await patience.after(broken);
    } finally {
      answer.destroy();
    }
  }
}

/** `landing` for content of which it has so many bytes already. */
function past(landing: Landing, bytes: number): Landing {
  let known = bytes;
  return {
    take(chunk) {
      const fresh = chunk.subarray(Math.min(known, chunk.length));
      known -= chunk.length - fresh.length;
      return fresh.length === 0 ? undefined : landing.take(fresh);
    },
    room: () => landing.room(),
    filled(bytes) {
      const old = Math.min(known, bytes);
      known -= old;
      if (old === bytes) return undefined;
      if (old > 0) landing.room().copyWithin(0, old, bytes);
      return landing.filled(bytes - old);
    },
  };
}

function drain(answer: IncomingMessage, landing: Landing): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      answer.destroy();
    };
    answer.on('data', (chunk: Buffer) => {
      let wait: Promise<void> | undefined;
      try {
        wait = landing.take(chunk);
      } catch (error) {
        fail(error);
      }
      if (!wait) return;
      answer.pause();
      wait.then(() => answer.resume(), fail);
    });
    answer
      .on('end', resolve)
      .on('error', reject)
      .on('close', () => reject(cutOff()));
  });
}

/** What may go well the next time as Transient, everything else as it is. */
function brokenOff(client: RegistryClient, descriptor: Descriptor, error: unknown, options: CallOptions): Error {
  const failure = asFailure(error, options.signal);
  if (!(failure instanceof ConnectionFailure)) return failure;
  const shown = unreachable(client.attempt(`read of ${descriptor.digest}`), failure);
  return failure.transient ? new Transient(shown, undefined, failure.silent) : shown;
}

/** Only the end of the answer did not come: who asks for more than there is gets a refusal (416) for ever. */
function lacksNothing(broken: Error, at: number, { size }: Descriptor): boolean {
  return broken instanceof Transient && at === size;
}

function rangeStart(answer: IncomingMessage): number {
  const start = /^bytes (\d{1,15})-/.exec(header(answer, 'content-range') ?? '')?.[1];
  return start === undefined ? 0 : Number(start);
}

import type { Descriptor } from '@tidegate/core';
import type { Content, PushOptions, Take } from './store.ts';
import { Checker, throwIfCancelled } from './verified.ts';

/** Few large writes instead of many small ones: each costs a trip to another thread. Bytes. */
const WRITE_SIZE = 512 * 1024;

interface Sink {
  /** Writes all of it. The memory is the caller's again once the promise is kept. */
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * All of a blob into `file`, held against its descriptor. Chunks are hashed and gathered in two pieces of memory in
 * turn: one fills while the other is being written.
 * @throws TidegateError `integrity`, `cancelled`; what the content or the file throw
 */
export async function receive(
  descriptor: Descriptor,
  content: Content,
  file: Sink,
  where: string,
  options: PushOptions,
): Promise<void> {
  const checker = new Checker(descriptor, where);
  const length = Math.min(WRITE_SIZE, Math.max(1, descriptor.size));
  let filling: Buffer = Buffer.allocUnsafeSlow(length);
  let other: Buffer | undefined;
  let filled = 0;
  let writing: Promise<void> = Promise.resolve();
  let pending = false;
  const flush = (): void => {
    const full = filling.subarray(0, filled);
    pending = true;
    writing = file.write(full).finally(() => {
      pending = false;
    });
    // Its failure is met by whoever waits for it; until then it must not count as unheard.
    writing.catch(() => undefined);
    [filling, other] = [other ?? Buffer.allocUnsafeSlow(length), filling];
    filled = 0;
  };
  /** @returns a promise where both pieces of memory are in use */
  const gather = (chunk: Uint8Array): Promise<void> | undefined => {
    for (let at = 0; at < chunk.length; ) {
      if (filled === length) {
        if (pending) return writing.then(() => gather(chunk.subarray(at)));
        flush();
      }
      const room = Math.min(length - filled, chunk.length - at);
      filling.set(chunk.subarray(at, at + room), filled);
      filled += room;
      at += room;
    }
    return undefined;
  };
  const take: Take = (chunk) => {
    throwIfCancelled(options.signal, `writing ${descriptor.digest}`);
    checker.feed(chunk);
    options.onBytes?.(chunk.length);
    return gather(chunk);
  };
  try {
    if (content.deliver) await content.deliver(take, options.onResume);
    else for await (const chunk of content.open() as AsyncIterable<Buffer>) await take(chunk);
    checker.finish();
    await writing;
    if (filled > 0) await file.write(filling.subarray(0, filled));
  } finally {
    // The file is closed after this: nothing may still be on its way into it.
    await writing.catch(() => undefined);
  }
}

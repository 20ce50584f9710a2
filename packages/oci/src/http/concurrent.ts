import { throwIfCancelled } from '../verified.ts';

/**
 * Run `work` on every item, at most `limit()` at a time (at least one). The limit is read again whenever one ends. The
 * first failure aborts the others through their signal and is thrown after all have ended, so that no work continues in
 * the background.
 */
export async function eachConcurrently<T>(
  items: readonly T[],
  limit: () => number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  throwIfCancelled(signal, 'copy');
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const queue = items.values();
  let failure: { readonly error: unknown } | undefined;
  await new Promise<void>((resolve) => {
    let running = 0;
    let over = false;
    const next = (): void => {
      while (!over && !both.aborted && (running === 0 || running < limit())) {
        const { done, value } = queue.next();
        if (done) over = true;
        else {
          running += 1;
          work(value, both)
            .catch((error: unknown) => {
              failure ??= { error };
              stop.abort(error);
            })
            .then(() => {
              running -= 1;
              next();
            });
        }
      }
      if (running === 0) resolve();
    };
    next();
  });
  if (failure) throw failure.error;
  throwIfCancelled(signal, 'copy');
}

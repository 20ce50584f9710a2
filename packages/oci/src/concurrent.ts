import { throwIfCancelled } from './verified.ts';

/**
 * `work` on every item, at most `limit()` at a time, asked again whenever one ends. The first failure stops the rest
 * through their signal, and is thrown once all have ended: nothing goes on behind the caller's back.
 * @param weight how many an item counts for; one is always under way
 */
export async function eachConcurrently<T>(
  items: readonly T[],
  limit: () => number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  weight: (item: T) => number = () => 1,
): Promise<void> {
  throwIfCancelled(signal, 'copy');
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const queue = items.values();
  let failure: { readonly error: unknown } | undefined;
  await new Promise<void>((resolve) => {
    let running = 0;
    /** What they count for. */
    let weighing = 0;
    let over = false;
    const next = (): void => {
      while (!over && !both.aborted && (running === 0 || weighing < limit())) {
        const { done, value } = queue.next();
        if (done) over = true;
        else {
          const share = weight(value);
          running += 1;
          weighing += share;
          work(value, both)
            .catch((error: unknown) => {
              failure ??= { error };
              stop.abort(error);
            })
            .then(() => {
              running -= 1;
              weighing -= share;
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

/**
 * Run tasks in parallel under one signal. The first failure aborts the others and is thrown after all have ended: no
 * task keeps writing after its stage has failed.
 */
export async function together<T extends readonly unknown[]>(
  outer: AbortSignal | undefined,
  start: (signal: AbortSignal) => { readonly [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const failures: unknown[] = [];
  const tasks = [...start(signal)].map((task) =>
    Promise.resolve(task).catch((error: unknown) => {
      failures.push(error);
      stop.abort();
    }),
  );
  const results = await Promise.all(tasks);
  if (failures.length > 0) throw failures[0];
  return results as unknown as T;
}

/**
 * Map with at most `limit` tasks at once; results have the order of the items. The first failure aborts the others, as
 * far as they observe their signal, and is thrown after all have ended.
 * @param outer aborts all tasks; without it they run to their end
 */
export async function mapLimited<A, B>(
  items: readonly A[],
  limit: number,
  work: (item: A, signal: AbortSignal) => Promise<B>,
  outer?: AbortSignal,
): Promise<readonly B[]> {
  const results = new Array<B>(items.length);
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const failures: unknown[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [at, item] of entries) {
      try {
        results[at] = await work(item, signal);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

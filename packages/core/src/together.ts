/**
 * Run tasks side by side under one signal. The first failure stops the others and is what is thrown, after all have
 * come to rest: nothing goes on writing behind a failed stage's back.
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
 * Map with at most `limit` at once; the order of results is the order of items. The first failure stops the others as
 * far as they heed their signal, and is what is thrown, after all have come to rest.
 * @param outer stops them all; without it they end when they are done
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

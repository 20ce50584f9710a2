/** Output of a development script: one line per call. */
export type Say = (line: string) => void;

const EVERY = 15_000;

/** Reports what it waits for, again every 15 seconds, and how long it took. */
export async function waitingFor<T>(what: string, say: Say, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  say(`${what} …`);
  const again = setInterval(() => say(`${what} … ${elapsed()}`), EVERY);
  try {
    const result = await work();
    say(`${what}: done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(again);
  }
}

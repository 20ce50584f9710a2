/**
 * CPU time of this process, the minimum of several runs, so that the load of other processes does not matter.
 * Microseconds.
 * @param enough below this time no further run is needed
 */
function timeOf(work: () => void, enough = 0): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && least >= enough; run += 1) {
    const started = process.cpuUsage();
    work();
    least = Math.min(least, process.cpuUsage(started).user);
  }
  return least;
}

/** Shorter times are not significant. Microseconds. */
const TELLING = 3000;
const LARGEST = 2 ** 16;

/** Maximum growth for eight times the text: linear time is 8, or 30 with garbage collection; quadratic time is 64. */
export const LINEAR_GROWTH = 40;

/**
 * How many times longer `work` takes with eight times the input. The input is first enlarged until its time can be
 * measured.
 * @param inputOf a text that is repeated, or a function that returns an input of about this many characters
 */
export function growthOf(work: (text: string) => void, inputOf: string): number;
export function growthOf<T>(work: (input: T) => void, inputOf: string | ((length: number) => T)): number;
export function growthOf<T>(work: (input: T) => void, inputOf: string | ((length: number) => T)): number {
  const of =
    typeof inputOf === 'string' ? (length: number) => inputOf.repeat(Math.ceil(length / inputOf.length)) as T : inputOf;
  const timeAt = (length: number, enough?: number) => {
    const input = of(length);
    return timeOf(() => work(input), enough);
  };
  let size = 2 ** 12;
  let once = timeAt(size);
  while (once < TELLING && size < LARGEST) {
    size *= 2;
    once = timeAt(size);
  }
  const eight = timeAt(8 * size, LINEAR_GROWTH * Math.max(once, TELLING));
  let growth = eight / Math.max(once, TELLING);
  // From some size on, every run collects garbage: one step, which the smaller input may be below and the larger above.
  // With twice the input both are above it. Quadratic time stays quadratic.
  for (let again = 0; again < 2 && growth >= LINEAR_GROWTH; again += 1) {
    size *= 2;
    growth = Math.min(growth, timeAt(8 * size) / Math.max(timeAt(size), TELLING));
  }
  return growth;
}

/** Runs `work` on hostile texts, many of which it rejects: only the time matters. */
export const ignoringErrors = (work: (text: string) => unknown) => (text: string) => {
  try {
    work(text);
  } catch {
    // The error does not matter.
  }
};

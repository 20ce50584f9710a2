/**
 * Limits for following the generated text of one file's scripts: a short script can generate a long one, and a file has
 * many.
 */
export class Budget {
  /** Number of generated commands. */
  steps = 30_000;
  /** Number of generated characters, in addition to the scripts themselves. */
  text = 1_000_000;
  /** Number of commands of functions, for each call. */
  calls = 10_000;
  /** Characters of all values together: a script may build a long value again in each of its lines. */
  values = 30_000_000;

  get isSpent(): boolean {
    return this.steps < 0 || this.text < 0 || this.calls < 0 || this.values < 0;
  }
}

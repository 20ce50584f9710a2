/** How much is followed of what the scripts of one file make: a short script makes a long one, and a file has many. */
export class Budget {
  /** Commands that are made. */
  steps = 30_000;
  /** Characters that are made, beside those of the scripts themselves. */
  text = 1_000_000;
  /** Commands of functions, each time that one is called. */
  calls = 10_000;
  /** Characters of all values together: a script may put a long one together again in each of its lines. */
  values = 30_000_000;

  get isSpent(): boolean {
    return this.steps < 0 || this.text < 0 || this.calls < 0 || this.values < 0;
  }
}

/** Scripts are nested a few levels deep, so that all inner ones together are a few times as long as the outer one. */
const TIMES = 16;
const LEAST = 1_000;

/**
 * Limit for the text of inner scripts. The commands of a substitution are listed with the script around it, and once more
 * if an inner script contains it: `eval $(eval $(…))` would be read twice as often with each level. Their commands are
 * listed already when the limit is reached.
 */
export class InnerText {
  #left: number;

  /** @param length of the outer script */
  constructor(length: number) {
    this.#left = TIMES * length + LEAST;
  }

  /** @returns whether the script may be read */
  take(script: string): boolean {
    this.#left -= script.length + 1;
    return this.#left >= 0;
  }
}

import type { Command, Text } from './syntax.ts';

/** The texts that flow through the pipes of a script. A pipe connects commands of the same nesting depth. */
export class Pipes {
  readonly #flowing = new Map<number, Text>();
  /** Depths at which a group is not at its end. */
  readonly #open = new Set<number>();

  /** The input of a command from the pipe before it. */
  take({ depth = 0 }: Command): Text | undefined {
    if (this.#open.has(depth)) return undefined;
    const text = this.#flowing.get(depth);
    this.#flowing.delete(depth);
    return text;
  }

  put({ depth = 0, pipes, isGrouped }: Command, printed: Text | undefined): void {
    if (pipes && printed) {
      const before = this.#flowing.get(depth);
      this.#flowing.set(depth, before ? { text: `${before.text}\n${printed.text}` } : printed);
    }
    if (isGrouped) this.#open.add(depth);
    else this.#open.delete(depth);
  }
}

import { TidegateError } from '../error.ts';
import { clipped } from '../text/wording.ts';
import { type Position, shown, type Tree } from './tree.ts';

/** One error in a policy file. */
export interface Problem {
  readonly at: Position;
  /** `vulnerabilities.fail-on`, `ignore[2].expires`; empty for the file as a whole. */
  readonly key: string;
  readonly why: string;
}

/** The state of reading one policy file: its name and the errors so far. */
export class Reading {
  readonly file: string;
  readonly problems: Problem[] = [];
  /** Where each key of a policy belongs: `fail-on` under `vulnerabilities`. */
  readonly places: ReadonlyMap<string, string>;

  constructor(file: string, places: ReadonlyMap<string, string> = new Map()) {
    this.file = file;
    this.places = places;
  }

  /**
   * Whether the next problem is reported, and not only counted. A suggestion takes time to find, so a counted one gets
   * none.
   */
  get isTold(): boolean {
    return this.problems.length < MOST;
  }

  /** @param hint an additional sentence, such as a suggestion */
  wrong(tree: Tree, key: string, expected: string, hint = ''): undefined {
    return this.say(tree.at, key, `got ${shown(tree)}, expected ${expected}.${hint ? ` ${hint}` : ''}`);
  }

  say(at: Position, key: string, why: string): undefined {
    this.problems.push({ at, key, why });
    return undefined;
  }

  /** @throws TidegateError `bad-input` naming file, line, column and key of every problem. */
  finish(): void {
    const [first, ...more] = this.problems;
    if (!first) return;
    const told = [first, ...more.slice(0, MOST - 1)].map((problem) => problemText(this.file, problem));
    const rest = more.length >= MOST ? [`And ${more.length + 1 - MOST} more.`] : [];
    throw new TidegateError('policy-invalid', [...told, ...rest].join('\n'), {
      next: `Correct ${this.file}; schema/tidegate-policy.schema.json gives editors completion and checks.`,
      // A policy that this one extends is named by its address, and is not a file of this repository.
      place: /[:@]/.test(this.file) ? undefined : { file: this.file, line: first.at.line },
    });
  }
}

const MOST = 10;

function problemText(file: string, { at, key, why }: Problem): string {
  return `${file}:${at.line}:${at.column}: ${key ? `${clipped(key, 120)}: ` : ''}${why}`;
}

/** A package that a lock file or manifest names. */
export interface Entry {
  readonly name: string;
  /** The exact version; absent where the file has a range or a variable. */
  readonly version?: string | undefined;
  /** Names of the variable that has the version, the most likely first. It may be in another file. */
  readonly variable?: readonly string[] | undefined;
  /** From 1. */
  readonly line: number;
  readonly direct?: boolean | undefined;
  readonly via?: string | undefined;
}

/** A version with a name, for files that use the name. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** Lines of generated files are short: longer ones name no package, and are not searched. */
const LONGEST_LINE = 2000;

/** The lines of a file, from 1, without those that are too long. */
export function* linesOf(text: string): Generator<readonly [line: number, text: string]> {
  let [line, start] = [1, 0];
  while (start <= text.length) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (end - start <= LONGEST_LINE) yield [line, text.slice(start, end).trimEnd()];
    line += 1;
    start = end + 1;
  }
}

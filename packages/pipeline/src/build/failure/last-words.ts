import { clipped } from '@tidegate/core';

/** How a program marks the line that says why it failed. */
interface Mark {
  readonly line: RegExp;
  /** A compiler's first error causes the others; a package manager's last line sums up. */
  readonly which: 'first' | 'last';
}

/** The most specific programs first: `make` repeats that its compiler failed, and pip that a wheel did not build. */
const MARKS: readonly Mark[] = [
  // gcc, clang, tsc, javac, swiftc: `x.c:3:5: error: …`, `src/a.ts(3,1): error TS2304: …`, `A.java:3: error: …`
  { line: /^[^ ]+[:(]\d+(?:[:,]\d+)?\)?: (?:fatal )?error\b/, which: 'first' },
  // go: `./main.go:7:2: undefined: x`
  { line: /^[^ ]+\.go:\d+:\d+: /, which: 'first' },
  // cargo and rustc
  { line: /^error(?:\[E\d{4}\])?: (?!could not compile|aborting due to|process didn't exit)/, which: 'first' },
  // maven
  { line: /^\[ERROR\] (?!\[Help|->|To see|Re-run|For more|After correcting|COMPILATION ERROR|$)/, which: 'first' },
  // npm 6 to 11
  {
    line: /^npm (?:ERR!|error) (?!code |errno |syscall |path |command |A complete log|\s|This is|404 *$|gyp verb)./,
    which: 'first',
  },
  { line: /^ ?ERR_PNPM_[A-Z_]+ /, which: 'first' },
  // yarn 1, and yarn 2 and newer
  { line: /^error (?!Command failed)[A-Z"]/, which: 'first' },
  { line: /^➤ YN0*[1-9]\d*: .*(?:not found|couldn't|can't|failed|doesn't)/i, which: 'first' },
  // pip, apk, conda
  { line: /^ERROR: (?!unable to select packages|Failed building wheel|Could not build wheels)/, which: 'last' },
  // apt
  { line: /^E: (?!Some index files failed|Sub-process )/, which: 'last' },
  // apk lists packages below "unable to select packages"
  { line: /^ {2}[\w.+-]+ \(no such package\)/, which: 'first' },
  // exceptions of Python, Node, Ruby, the JVM
  { line: /^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)(?:: |$)/, which: 'last' },
  { line: /^Exception in thread /, which: 'first' },
  // dotnet, without a position
  { line: /\berror [A-Z]+\d+: /, which: 'first' },
  // git, ld, curl, wget, tar, go modules
  { line: /^(?:fatal|curl|wget|tar|go|ld|cmake|dpkg|unzip|gzip): /i, which: 'last' },
  { line: /undefined reference to /, which: 'first' },
  // shells
  { line: /(?:: not found|command not found|Permission denied|No such file or directory|can't open)/, which: 'last' },
];

/** Lines that only say that something failed, or where to read more. */
const NOISE: readonly RegExp[] = [
  /^make(?:\[\d+\])?: (?:\*\*\* \[|Leaving|Entering)/,
  /^\[notice\]/,
  /^npm (?:notice|warn|WARN)/,
  /^(?:error: )?subprocess-exited-with-error/,
  /^note: This /,
  /^BUILD FAILED/,
  /^> Run with --/,
  /^exit status \d/,
  /^\d+\+\d+ records (?:in|out)$/,
  /^warning: /i,
];

const ERROR_WORDS = /\b(?:error|failed|failure|fatal|cannot|can't|could not|unable to|denied|invalid|not found)\b/i;
const LONGEST = 240;

/**
 * The line in which a failed program says why, without its own `ERROR:`.
 * @param output lines of the step, without time stamps
 */
export function lastWords(output: readonly string[]): string | undefined {
  const lines = output.map((line) => line.trimEnd()).filter((line) => line.trim() !== '');
  const said = lines.filter((line) => !NOISE.some((noise) => noise.test(line.trim())));
  const found =
    gradleCause(said) ??
    MARKS.map(({ line, which }) => pick(said, line, which)).find((one) => one !== undefined) ??
    said.findLast((line) => ERROR_WORDS.test(line)) ??
    said.at(-1) ??
    lines.at(-1);
  return found === undefined ? undefined : clipped(bare(found), LONGEST);
}

function pick(lines: readonly string[], mark: RegExp, which: Mark['which']): string | undefined {
  const isMarked = (line: string) => mark.test(line);
  return which === 'first' ? lines.find(isMarked) : lines.findLast(isMarked);
}

/** Gradle puts the cause below a heading, the innermost one last, behind `>`. */
function gradleCause(lines: readonly string[]): string | undefined {
  const from = lines.findIndex((line) => line.startsWith('* What went wrong:'));
  if (from < 0) return undefined;
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => line.startsWith('* '));
  const block = end < 0 ? rest : rest.slice(0, end);
  return block.findLast((line) => /^ *> /.test(line)) ?? block[0];
}

function bare(line: string): string {
  return line
    .trim()
    .replace(/^(?:ERROR: |E: |npm (?:ERR!|error) |\[ERROR\] |> |ERR_PNPM_|➤ )/, '')
    .trim();
}

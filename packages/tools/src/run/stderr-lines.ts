import { StringDecoder } from 'node:string_decoder';

const KEPT = 64 * 1024;
/** A program that never ends its line (a progress bar, garbage) must not grow a buffer without limit. */
const LONGEST_LINE = 16 * 1024;
/** Blanks first: other separators are more often part of a secret. */
const SEPARATORS = [' ', '\t', '\r', '"', "'", ',', ';', '&'] as const;
/** Longer words are cut. */
const LONGEST_WORD = 8 * 1024;
/** In characters, unless a single line is longer. */
const LONGEST_MESSAGE = 4000;

/**
 * Begins each further part of a line that is too long. Without it, a program could begin a line of its own anywhere, and
 * a reader of BuildKit's output would take what follows for BuildKit's.
 */
export const CONTINUED = '… ';

/** Splits a child's stderr into lines as it arrives, and keeps the last 64 KiB for the error message. */
export class StderrLines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #open = '';
  /** Whether the beginning of the open line has been emitted. */
  #isContinued = false;
  #tail = '';

  constructor(onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine;
  }

  write(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** Emits the last line, which may have no line end. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#open !== '') this.#emit(this.#open);
    this.#open = '';
  }

  /** The last 64 KiB, in whole lines: what is left of a secret that was cut would not be recognized. */
  get tail(): string {
    if (this.#tail.length <= KEPT) return this.#tail;
    const kept = this.#tail.slice(-KEPT);
    const from = kept.search(/[\r\n]/) + 1;
    const whole = from === 0 ? '' : kept.slice(from);
    return whole.trim() === '' ? '(one line of more than 64 KiB)' : whole;
  }

  #take(text: string): void {
    this.#tail = (this.#tail + text).slice(-2 * KEPT);
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) {
      this.#emit(line.endsWith('\r') ? line.slice(0, -1) : line);
      this.#isContinued = false;
    }
    while (this.#open.length > LONGEST_LINE) {
      const end = endOfPart(this.#open);
      this.#emit(this.#open.slice(0, end));
      this.#isContinued = true;
      this.#open = this.#open.slice(end);
    }
  }

  #emit(line: string): void {
    this.#onLine(this.#isContinued ? `${CONTINUED}${line}` : line);
  }
}

/**
 * Where the first part of a line that is too long ends: after a separator near its end, if there is one. Each part is
 * redacted by itself, so the halves of a secret that is cut in two would be printed.
 */
function endOfPart(line: string): number {
  for (const separator of SEPARATORS) {
    const at = line.lastIndexOf(separator, LONGEST_LINE - 1);
    if (at >= LONGEST_LINE - LONGEST_WORD) return at + 1;
  }
  return LONGEST_LINE;
}

/**
 * The last lines of a program's output, for an error message. Raw: the code that shows the message redacts, escapes and
 * cuts it. A line is never cut here: what is left of a secret would not be recognized.
 */
export function lastLines(text: string, count = 10): string {
  const lines = text
    .trimEnd()
    .split(/\r\n?|\n/)
    .slice(-count);
  let length = lines.join('\n').length;
  while (lines.length > 1 && length > LONGEST_MESSAGE) length -= (lines.shift() ?? '').length + 1;
  return lines.join('\n');
}

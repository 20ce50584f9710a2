import { StringDecoder } from 'node:string_decoder';

const KEPT = 64 * 1024;
/** A program that never ends its line (a progress bar, garbage) must not grow a buffer without limit. */
const LONGEST_LINE = 16 * 1024;

/** Splits a child's stderr into lines as it arrives, and keeps the last 64 KiB for the error message. */
export class StderrLines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #open = '';
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
    if (this.#open !== '') this.#onLine(this.#open);
    this.#open = '';
  }

  /** The last 64 KiB. */
  get tail(): string {
    return this.#tail.slice(-KEPT);
  }

  #take(text: string): void {
    this.#tail = (this.#tail + text).slice(-2 * KEPT);
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#open.length > LONGEST_LINE) {
      this.#onLine(this.#open.slice(0, LONGEST_LINE));
      this.#open = this.#open.slice(LONGEST_LINE);
    }
  }
}

/** The last lines of a program's output, for an error message. Raw: the code that shows the message escapes it. */
export function lastLines(text: string, count = 10): string {
  return text.trimEnd().split(/\r?\n/).slice(-count).join('\n').slice(-4000);
}

/**
 * The last line of each end word of a here-document: without it, each here-document without an end costs a search of
 * all lines.
 */
export class HeredocEnds {
  readonly #text: string;
  #last: { readonly whole: Map<string, number>; readonly chomped: Map<string, number> } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param chomp `<<-`: ignore tabs before the end word */
  comesAfter(name: string, chomp: boolean, offset: number): boolean {
    this.#last ??= lastLines(this.#text);
    const last = (chomp ? this.#last.chomped : this.#last.whole).get(name);
    return last !== undefined && last >= offset;
  }
}

function lastLines(text: string) {
  const whole = new Map<string, number>();
  const chomped = new Map<string, number>();
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    whole.set(line, start);
    chomped.set(line.replace(/^\t+/, ''), start);
    start = end + 1;
  }
  return { whole, chomped };
}

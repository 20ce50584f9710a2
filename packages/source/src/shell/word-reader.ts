/** The parts of a word of a shell. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  /** `$NAME`, `${NAME:-word}`, `${{ env.NAME }}`; `raw` is the source text. */
  | { readonly kind: 'variable'; readonly raw: string; readonly isQuoted: boolean }
  /** `$(…)` or backticks: the range of the script's commands in it. */
  | {
      readonly kind: 'commands';
      readonly raw: string;
      readonly from: number;
      readonly to: number;
      readonly isQuoted: boolean;
    };

const VARIABLE = /\$(?:[A-Za-z_]\w*|[0-9@*#?!$-])/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '',
  b: '',
  e: '\u001b',
  f: '',
  v: '',
};

/** Maximum length of a word in braces: a text of open braces must not be read again and again. */
const LONGEST = 2000;

type Nested = (close: string, isArithmetic?: boolean) => { readonly from: number; readonly to: number };

/** `[^'"]` in a pattern. */
const BRACKET = /[^\s[\]]{0,200}\[[^\]\n]{0,200}\]/y;
/** `$[1<<4]` */
const OLD_ARITHMETIC = /\$\[[^\]\n"'`]{0,200}\]/y;
/** `a[1<<4]=`, starting at the `<<`. */
const SUBSCRIPT_END = /<<[^\]\n"'`]{0,200}\]\+?=/y;

/** Reads single words; `nested` reads the substitutions in them, and returns where it stopped. */
export class WordReader {
  at = 0;
  parts: Part[] = [];
  readonly #text: string;
  readonly #nested: Nested;

  constructor(text: string, nested: Nested) {
    this.#text = text;
    this.#nested = nested;
  }

  /** The length of a line end at this position, or 0. */
  newlineAt(at: number): number {
    if (this.#text[at] === '\n') return 1;
    return this.#text.startsWith('\r\n', at) ? 2 : 0;
  }

  /** Skips a bracket that contains quotes, which do not begin a string. */
  skipBracket(): void {
    BRACKET.lastIndex = this.at;
    const [bracket = ''] = BRACKET.exec(this.#text) ?? [];
    if (/["']/.test(bracket)) this.at += bracket.length;
  }

  /** Reads up to the end of a word and removes quotes. @returns the text; its parts are in `parts` */
  word(close: string): string {
    const parts: Part[] = [];
    let word = '';
    const text = (piece: string, isQuoted: boolean) => {
      word += piece;
      const last = parts.at(-1);
      if (last?.kind === 'text' && last.isQuoted === isQuoted)
        parts[parts.length - 1] = { ...last, text: last.text + piece };
      else parts.push({ kind: 'text', text: piece, isQuoted });
    };
    for (;;) {
      const character = this.#text[this.at];
      if (character === '<' && word.length < 200 && /^[A-Za-z_]\w*\[[^\]]*$/.test(word)) {
        SUBSCRIPT_END.lastIndex = this.at;
        const [rest = ''] = SUBSCRIPT_END.exec(this.#text) ?? [];
        if (rest !== '') {
          text(rest, false);
          this.at += rest.length;
          continue;
        }
      }
      if (character === undefined || ' \t\r\v\f\n;&|()<>'.includes(character) || (character === '`' && close === '`'))
        break;
      if (character === '\\') {
        const newline = this.newlineAt(this.at + 1);
        if (newline === 0) text(this.#text[this.at + 1] ?? '', true);
        this.at += newline > 0 ? 1 + newline : 2;
      } else if (character === "'") {
        const end = this.#text.indexOf("'", this.at + 1);
        const stop = end < 0 ? this.#text.length : end;
        text(this.#text.slice(this.at + 1, stop), true);
        this.at = stop + 1;
      } else if (character === '$' && this.#text[this.at + 1] === "'") {
        this.at += 2;
        text(this.#ansiQuoted(), true);
      } else if (character === '"' || (character === '$' && this.#text[this.at + 1] === '"')) {
        this.at += character === '"' ? 1 : 2;
        this.#doubleQuoted(text, (part) => {
          word += part.raw;
          parts.push(part);
        });
      } else {
        const piece = this.#plainOrSubstitution(character, false);
        if (typeof piece === 'string') text(piece, false);
        else {
          word += piece.raw;
          parts.push(piece);
        }
      }
    }
    this.parts = parts;
    return word;
  }

  /** `$'…'`: escapes as in C. */
  #ansiQuoted(): string {
    let word = '';
    while (this.at < this.#text.length) {
      const character = this.#text[this.at] ?? '';
      this.at += 1;
      if (character === "'") break;
      if (character !== '\\') {
        word += character;
        continue;
      }
      const rest = this.#text.slice(this.at, this.at + 9);
      const [all = '', hex, octal] = /^(?:x([0-9a-fA-F]{1,2})|[uU]([0-9a-fA-F]{1,8})|[0-7]{1,3})/.exec(rest) ?? [];
      if (all === '') {
        word += ESCAPES[rest[0] ?? ''] ?? rest[0] ?? '';
        this.at += 1;
      } else {
        const code = Number.parseInt(hex ?? octal ?? all, hex === undefined && octal === undefined ? 8 : 16);
        word += code <= 0x10ffff ? String.fromCodePoint(code) : '';
        this.at += all.length;
      }
    }
    return word;
  }

  #doubleQuoted(
    text: (piece: string, isQuoted: boolean) => void,
    push: (part: Exclude<Part, { kind: 'text' }>) => void,
  ): void {
    // An empty string is a word too.
    text('', true);
    for (;;) {
      const character = this.#text[this.at];
      if (character === undefined) return;
      if (character === '"') {
        this.at += 1;
        return;
      }
      if (character === '\\') {
        const next = this.#text[this.at + 1] ?? '';
        const newline = this.newlineAt(this.at + 1);
        if (newline === 0) text('"\\$`'.includes(next) ? next : `\\${next}`, true);
        this.at += newline > 0 ? 1 + newline : 2;
        continue;
      }
      const piece = this.#plainOrSubstitution(character, true);
      if (typeof piece === 'string') text(piece, true);
      else push(piece);
    }
  }

  #plainOrSubstitution(character: string, isQuoted: boolean): string | Exclude<Part, { kind: 'text' }> {
    const start = this.at;
    const raw = () => this.#text.slice(start, this.at);
    const variable = () => ({ kind: 'variable', raw: raw(), isQuoted }) as const;
    const commands = (close: string, isArithmetic = false) =>
      ({ kind: 'commands', ...this.#nested(close, isArithmetic), raw: raw(), isQuoted }) as const;
    if (this.#text.startsWith('$((', start)) {
      // Arithmetic may contain substitutions, too: `$(( $(docker …) + 1 ))`.
      this.at += 3;
      const part = commands(')', true);
      if (this.#text[this.at] === ')') this.at += 1;
      return { ...part, raw: raw() };
    }
    if (this.#text.startsWith('$(', start)) {
      this.at += 2;
      const part = commands(')');
      return { ...part, raw: raw() };
    }
    if (this.#text.startsWith('${', start)) {
      // Also GitHub's expressions: `${{ env.X }}` is one word, whatever blanks are in it.
      const isExpression = this.#text.startsWith('${{', start);
      this.at = isExpression ? this.#after('}}', start) : this.#afterBraces(start + 2, isQuoted);
      const part = variable();
      if (!isExpression) this.#substitutionsIn(start, this.at);
      return part;
    }
    OLD_ARITHMETIC.lastIndex = start;
    const [old] = this.#text.startsWith('$[', start) ? (OLD_ARITHMETIC.exec(this.#text) ?? []) : [];
    if (old !== undefined) {
      this.at += old.length;
      const part = variable();
      this.#substitutionsIn(start, this.at);
      return part;
    }
    if (character === '`') {
      this.at += 1;
      const part = commands('`');
      return { ...part, raw: raw() };
    }
    if (character === '$') {
      VARIABLE.lastIndex = start;
      const [name] = VARIABLE.exec(this.#text) ?? [];
      if (name !== undefined) {
        this.at += name.length;
        return variable();
      }
    }
    this.at += 1;
    return character;
  }

  /** `${ID:-$(docker …)}` runs its default. */
  #substitutionsIn(from: number, to: number): void {
    // Only up to `to`: searching the whole text for each word takes quadratic time.
    const next = (at: number) => {
      const found = this.#text.slice(at, to).indexOf('$(');
      return found < 0 ? -1 : at + found;
    };
    for (let at = next(from); at >= 0; at = next(this.at)) {
      this.at = at + 2;
      this.#nested(')');
    }
    this.at = Math.max(this.at, to);
  }

  #after(closing: string, from: number): number {
    const end = this.#text.indexOf(closing, from);
    return end < 0 ? this.#text.length : end + closing.length;
  }

  /** `${a:-${b:-c}}` ends with its own brace. */
  #afterBraces(from: number, isQuoted: boolean): number {
    let depth = 1;
    for (let at = from; at < Math.min(this.#text.length, from + LONGEST); at += 1) {
      const character = this.#text[at];
      if (character === '\\') at += 1;
      else if (character === '"' || (character === "'" && !isQuoted)) {
        // `${x:-"}"}`; an unclosed quote is an ordinary character.
        const end = this.#text.slice(at + 1, from + LONGEST).indexOf(character);
        const string = this.#text.slice(at + 1, at + 1 + Math.max(end, 0));
        if (!string.includes('\n')) at += string.length + (end < 0 ? 0 : 1);
      } else if (character === '{') depth += 1;
      else if (character === '}') {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return this.#after('}', from);
  }
}

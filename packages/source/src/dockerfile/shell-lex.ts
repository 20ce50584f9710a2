import { isSpace } from './characters.ts';

/**
 * Quotes, escapes and variables in a Dockerfile's arguments as BuildKit reads them (frontend/dockerfile/shell/lex.go):
 * similar to a shell, but not the same. The modifiers `#`, `%` and `/` are not evaluated: such a reference stays as
 * written, like one to an unset variable.
 */
export interface LexOptions {
  readonly escape: string;
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  /** Undefined: unset. */
  readonly variable?: (name: string) => string | undefined;
  /** References to unset variables stay as written, including defaults. */
  readonly keepUnset?: boolean;
  /** Whether to split into words too, which reads every character of every value. */
  readonly words?: boolean;
  /** Replacement for an unset variable without default; empty if absent. */
  readonly missing?: (name: string, written: string) => string;
}

export interface Lexed {
  readonly text: string;
  readonly words: readonly string[];
}

/**
 * @returns undefined for a syntax error of BuildKit (an open quote, a bad substitution), and for a value that grows too
 * large: a variable may contain itself twice, forty times over.
 */
export function lex(source: string, options: LexOptions): Lexed | undefined {
  try {
    return new Lexer(source, options).run();
  } catch (error) {
    if (error instanceof LexError) return undefined;
    throw error;
  }
}

class LexError extends Error {}
/** Created once: a hostile file has a million of them, and each would record a stack trace. */
const REFUSED = new LexError();

/** Longest expanded value, in characters. Names of images, users and paths are shorter. */
const LONGEST = 4096;

/** Depth limit of `${a:-${b:-…}}`: deeper than in real files, and shallow enough for the stack. */
const DEEPEST = 200;
const NAME = /^(?:\p{Nd}+|[@*#?\-$!0]|[\p{L}_][\p{L}\p{Nd}_]*)/u;

class Lexer {
  readonly #source: string;
  readonly #options: LexOptions;
  #at = 0;
  #rawEscapes: boolean;
  #depth = 0;
  /** The current word, shared by all depths: inner calls reset it, as in BuildKit. */
  #word = '';

  constructor(source: string, options: LexOptions) {
    this.#source = source;
    this.#options = options;
    this.#rawEscapes = options.rawEscapes ?? false;
  }

  run(): Lexed {
    return this.#until(undefined, this.#rawEscapes);
  }

  #peek(): string | undefined {
    const code = this.#source.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #next(): string | undefined {
    const character = this.#peek();
    this.#at += character?.length ?? 0;
    return character;
  }

  #until(stop: string | undefined, rawEscapes: boolean): Lexed {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw REFUSED;
    const outer = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    this.#word = '';
    let text = '';
    const words: string[] = [];
    const endWord = () => {
      if (this.#word !== '') words.push(this.#word);
      this.#word = '';
    };
    const add = (character: string) => {
      if (isSpace(character)) endWord();
      else this.#word += character;
    };
    for (let character = this.#peek(); ; character = this.#peek()) {
      if (text.length > LONGEST && this.#options.variable) throw REFUSED;
      if (character === undefined) {
        if (stop !== undefined) throw REFUSED;
        break;
      }
      if (character === stop) {
        this.#next();
        break;
      }
      if (character === '$') {
        const value = this.#dollar();
        text += value;
        if (this.#options.words) for (const each of value) add(each);
      } else if (character === "'" || character === '"' || character === '<') {
        const value =
          character === '<' ? this.#less() : character === "'" ? this.#singleQuoted() : this.#doubleQuoted();
        text += value;
        this.#word += value;
      } else {
        this.#next();
        if (character !== this.#options.escape) {
          text += character;
          add(character);
          continue;
        }
        const kept = this.#rawEscapes ? character : '';
        const escaped = this.#next() ?? '';
        text += kept + escaped;
        this.#word += kept + escaped;
      }
    }
    endWord();
    this.#rawEscapes = outer;
    this.#depth -= 1;
    return { text, words };
  }

  #less(): string {
    this.#next();
    if (this.#peek() !== '<') return '<';
    this.#next();
    let blanks = '';
    for (let next = this.#peek(); next !== undefined && ' \t\r\n'.includes(next); next = this.#peek()) {
      blanks += next;
      this.#next();
    }
    return `<<${blanks}`;
  }

  #singleQuoted(): string {
    const end = this.#source.indexOf("'", this.#at + 1);
    if (end < 0) throw REFUSED;
    const body = this.#source.slice(this.#at + 1, end);
    this.#at = end + 1;
    return this.#options.rawQuotes ? `'${body}'` : body;
  }

  #doubleQuoted(): string {
    const quote = this.#options.rawQuotes ? '"' : '';
    let body = '';
    this.#next();
    for (;;) {
      const character = this.#peek();
      if (character === undefined) throw REFUSED;
      if (body.length > LONGEST && this.#options.variable) throw REFUSED;
      if (character === '$') {
        body += this.#dollar();
        continue;
      }
      this.#next();
      if (character === '"') return quote + body + quote;
      if (character !== this.#options.escape) {
        body += character;
        continue;
      }
      if (this.#rawEscapes) body += character;
      const escaped = this.#peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === '$' || escaped === this.#options.escape) {
        this.#next();
        body += escaped;
      } else body += character;
    }
  }

  #dollar(): string {
    const start = this.#at;
    this.#next();
    if (this.#peek() !== '{') {
      const name = this.#name();
      if (name === '') return '$';
      return this.#value(name) ?? this.#missing(name, start);
    }
    this.#next();
    const first = this.#peek();
    if (first === undefined || first === '{' || first === '}' || first === ':') throw REFUSED;
    const name = this.#name();
    let modifier = this.#next();
    if (modifier === '}') return this.#value(name) ?? this.#missing(name, start);
    const colon = modifier === ':';
    if (colon) modifier = this.#next();
    if (modifier === '/' && !colon) {
      if (this.#peek() === '/') this.#next();
      this.#until('/', true);
      this.#until('}', true);
      return this.#source.slice(start, this.#at);
    }
    const pattern = modifier === '#' || modifier === '%';
    if (modifier === undefined || !'+-?#%'.includes(modifier) || (colon && pattern)) {
      throw REFUSED;
    }
    const { text } = this.#until('}', pattern);
    const value = this.#value(name);
    if (pattern || (value === undefined && this.#options.keepUnset)) return this.#source.slice(start, this.#at);
    const unset = value === undefined || (colon && value === '');
    if (modifier === '+') return unset ? '' : text;
    if (modifier === '?' && unset) return this.#missing(name, start);
    return unset ? text : (value ?? '');
  }

  #name(): string {
    const [name = ''] = NAME.exec(this.#source.slice(this.#at, this.#at + 1024)) ?? [];
    this.#at += name.length;
    return name;
  }

  #missing(name: string, start: number): string {
    const written = this.#source.slice(start, this.#at);
    return this.#options.keepUnset ? written : (this.#options.missing?.(name, written) ?? '');
  }

  #value(name: string): string | undefined {
    return this.#options.variable?.(name);
  }
}

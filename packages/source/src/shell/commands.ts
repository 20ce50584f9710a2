/** A word of a command: quotes gone, variables and substitutions as they are written. */
export interface Word {
  readonly text: string;
  /** In the script. */
  readonly offset: number;
}

/** A simple command of a shell script (POSIX, 2.9.1). */
export interface Command {
  readonly words: readonly Word[];
  readonly offset: number;
  /** Files that its output goes to. */
  readonly writes: readonly string[];
  /** The file that it reads as its input. */
  readonly reads?: string;
  /** Its output is the input of the next command. */
  readonly pipes?: true;
  /** It runs on another machine. */
  readonly isRemote?: true;
  /** What a here-document gives it to read. */
  readonly input?: { readonly text: string; readonly offset: number };
}

/** Deeper nesting of `$(…)` than this is not looked into. */
const DEEPEST = 40;

/**
 * The simple commands of a shell script in their order, those in substitutions and subshells too. Not a shell: what a
 * variable holds is not known, functions and aliases are not resolved, and no text makes it fail.
 */
export function commandsOf(script: string): Command[] {
  const reader = new Reader(script);
  reader.readAll();
  return reader.commands;
}

interface Open {
  readonly words: Word[];
  readonly writes: string[];
  reads?: string;
  input?: Command['input'];
  offset: number;
}

interface PendingHeredoc {
  readonly command: Open;
  readonly name: string;
  readonly chomp: boolean;
}

class Reader {
  readonly commands: Command[] = [];
  readonly #text: string;
  readonly #heredocs: PendingHeredoc[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** A `)` too many (case patterns have them) ends one list; the next begins. */
  readAll(): void {
    while (this.#at < this.#text.length) this.#list('');
  }

  /** Commands up to `close` (`)` or a backtick), or to the end. */
  #list(close: string): void {
    this.#depth += 1;
    let open = this.#open();
    const end = (isPiped = false) => {
      if (open.words.length > 0) {
        const { words, writes, offset, input, reads } = open;
        const found: Command = { words, writes, offset, ...(input ? { input } : {}) };
        this.commands.push({ ...found, ...(reads ? { reads } : {}), ...(isPiped ? { pipes: true } : {}) });
        // A here-document comes later, when the line ends: the command must be found again then.
        const made = this.commands.length - 1;
        for (const waiting of this.#heredocs) if (waiting.command === open) this.#made.set(open, made);
      }
      open = this.#open();
    };
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === ')' || (character === '`' && close === '`')) {
        this.#at += 1;
        end();
        if (close === character || close === '') break;
      } else if (character === '\n') {
        this.#at += 1;
        end();
        if (this.#heredocs.length > 0) this.#readHeredocs();
      } else if (';&|({'.includes(character) && !this.#startsWord(character, open)) {
        this.#at += 1;
        // The second bar of `||` ends no command.
        end(character === '|' && this.#text[this.#at] !== '|');
      } else if (character === '\\' && this.#newlineAt(this.#at + 1) > 0) {
        this.#at += 1 + this.#newlineAt(this.#at + 1);
      } else if (' \t\r\v\f'.includes(character)) {
        this.#at += 1;
      } else if (character === '#') {
        const newline = this.#text.indexOf('\n', this.#at);
        this.#at = newline < 0 ? this.#text.length : newline;
      } else if (character === '<' || character === '>') {
        this.#redirection(open);
      } else {
        const offset = this.#at;
        const text = this.#word(close);
        if (/^\d+$/.test(text) && '<>'.includes(this.#text[this.#at] || ' ')) continue;
        if (open.words.length === 0) open.offset = offset;
        open.words.push({ text, offset });
      }
    }
    end();
    this.#depth -= 1;
  }

  readonly #made = new Map<Open, number>();

  #open(): Open {
    return { words: [], writes: [], offset: this.#at };
  }

  /** `{` is a word of its own at the start of a command only: `{{docker}}` and `{a,b}` are words. */
  #startsWord(character: string, open: Open): boolean {
    if (character !== '{') return false;
    return open.words.length > 0 || !/\s/.test(this.#text[this.#at + 1] ?? ' ');
  }

  #newlineAt(at: number): number {
    if (this.#text[at] === '\n') return 1;
    return this.#text.startsWith('\r\n', at) ? 2 : 0;
  }

  #redirection(open: Open): void {
    const [operator = '<'] =
      /^(?:<<<|<<-?|<>|<&|<\(|<|>>|>\||>&|>\(|>)/.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [];
    this.#at += operator.length;
    if (operator.endsWith('(')) {
      this.#nested(')');
      return;
    }
    while (' \t'.includes(this.#text[this.#at] || 'x')) this.#at += 1;
    const target = this.#word('');
    if (operator === '<<' || operator === '<<-') {
      this.#heredocs.push({ command: open, name: target, chomp: operator === '<<-' });
    } else if (operator.startsWith('>') && !/^(?:\d+|-)$/.test(target)) {
      open.writes.push(target);
    } else if (operator === '<' && target !== '') open.reads = target;
  }

  #readHeredocs(): void {
    for (const { command, name, chomp } of this.#heredocs.splice(0)) {
      const offset = this.#at;
      let end = this.#text.length;
      while (this.#at < this.#text.length) {
        const newline = this.#text.indexOf('\n', this.#at);
        const lineEnd = newline < 0 ? this.#text.length : newline;
        const line = this.#text.slice(this.#at, lineEnd).replace(/\r$/, '');
        const start = this.#at;
        this.#at = Math.min(lineEnd + 1, this.#text.length);
        if ((chomp ? line.replace(/^\t+/, '') : line) !== name) continue;
        end = start;
        break;
      }
      const made = this.#made.get(command);
      const found = made === undefined ? undefined : this.commands[made];
      if (made !== undefined && found) {
        this.commands[made] = { ...found, input: { text: this.#text.slice(offset, end), offset } };
      }
    }
    this.#made.clear();
  }

  #nested(close: string): void {
    if (this.#depth < DEEPEST) {
      this.#list(close);
    } else {
      const end = this.#text.indexOf(close, this.#at);
      this.#at = end < 0 ? this.#text.length : end + 1;
    }
  }

  /** From here to what ends a word. Quotes are taken off, and substitutions read as commands. */
  #word(close: string): string {
    let word = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) return word;
      if (' \t\r\v\f\n;&|()<>'.includes(character) || (character === '`' && close === '`')) return word;
      if (character === '\\') {
        const newline = this.#newlineAt(this.#at + 1);
        word += newline > 0 ? '' : (this.#text[this.#at + 1] ?? '');
        this.#at += newline > 0 ? 1 + newline : 2;
      } else if (character === "'") {
        const end = this.#text.indexOf("'", this.#at + 1);
        const stop = end < 0 ? this.#text.length : end;
        word += this.#text.slice(this.#at + 1, stop);
        this.#at = stop + 1;
      } else if (character === '"') {
        this.#at += 1;
        word += this.#doubleQuoted();
      } else word += this.#plainOrSubstitution(character);
    }
  }

  #doubleQuoted(): string {
    let word = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) return word;
      if (character === '"') {
        this.#at += 1;
        return word;
      }
      if (character === '\\') {
        const next = this.#text[this.#at + 1] ?? '';
        const newline = this.#newlineAt(this.#at + 1);
        word += newline > 0 ? '' : '"\\$`'.includes(next) ? next : `\\${next}`;
        this.#at += newline > 0 ? 1 + newline : 2;
      } else word += this.#plainOrSubstitution(character);
    }
  }

  #plainOrSubstitution(character: string): string {
    const start = this.#at;
    if (this.#text.startsWith('$((', start)) {
      const end = this.#text.indexOf('))', start);
      this.#at = end < 0 ? this.#text.length : end + 2;
    } else if (this.#text.startsWith('$(', start)) {
      this.#at += 2;
      this.#nested(')');
    } else if (this.#text.startsWith('${', start)) {
      // GitHub's expressions too: `${{ env.X }}` is one word, whatever blanks are in it.
      const closing = this.#text.startsWith('${{', start) ? '}}' : '}';
      const end = this.#text.indexOf(closing, start);
      this.#at = end < 0 ? this.#text.length : end + closing.length;
    } else if (character === '`') {
      this.#at += 1;
      this.#nested('`');
    } else {
      this.#at += 1;
      return character;
    }
    return this.#text.slice(start, this.#at);
  }
}

import { beginsArray, beginsGroup, isDescriptor, isPlain, nameIn, reckons } from './forms.ts';
import { HeredocEnds } from './heredoc-ends.ts';
import type { Group, Open, PendingHeredoc } from './open-command.ts';
import type { Command, FunctionBody, Script } from './syntax.ts';
import { WordReader } from './word-reader.ts';

export type { Command, FunctionBody, Script, Text, Word } from './syntax.ts';

/** Maximum nesting of `$(…)` that is read. */
const DEEPEST = 40;
/**
 * The simple commands of a shell script in order, including those in substitutions and subshells. Never throws.
 * `runsOf` evaluates their effect on variables, functions and aliases.
 */
export function commandsOf(script: string): Command[] {
  return [...scriptOf(script).commands];
}

export function scriptOf(script: string): Script {
  const reader = new Reader(script);
  reader.readAll();
  return reader;
}

class Reader implements Script {
  readonly commands: Command[] = [];
  readonly functions: FunctionBody[] = [];
  readonly #text: string;
  readonly #reader: WordReader;
  readonly #heredocs: PendingHeredoc[] = [];
  readonly #ends: HeredocEnds;
  #isEndless = false;
  readonly #made = new Map<Open, number>();
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#ends = new HeredocEnds(text);
    this.#reader = new WordReader(text, (close, isArithmetic) => this.#nested(close, isArithmetic));
  }

  get #at(): number {
    return this.#reader.at;
  }

  set #at(at: number) {
    this.#reader.at = at;
  }

  /** An extra `)` (case patterns have them) ends one list, and the next begins. */
  readAll(): void {
    while (this.#at < this.#text.length) this.#list('');
  }

  /** Commands up to `close` (`)` or a backtick), or to the end. @param isArithmetic `<<` shifts */
  #list(close: string, isArithmetic = false): void {
    this.#depth += 1;
    let open = this.#open();
    const braces: Group[] = [];
    const parentheses: Group[] = [];
    let name: string | undefined;
    // Number of open parentheses before `((`.
    let outer = Number.POSITIVE_INFINITY;
    const end = (isPiped = false) => {
      if (open.words.length > 0 || open.inputWord || open.fromCommands) this.#push(open, isPiped);
      open = this.#open();
    };
    const begin = (groups: Group[]) => {
      groups.push({ name, from: this.commands.length });
      name = undefined;
    };
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === ')' && parentheses.length > 0) {
        this.#at += 1;
        end();
        this.#close(parentheses);
        if (parentheses.length <= outer) outer = Number.POSITIVE_INFINITY;
      } else if (character === ')' || (character === '`' && close === '`')) {
        this.#at += 1;
        end();
        if (close === character || close === '') break;
      } else if (character === '\n') {
        this.#at += 1;
        end();
        if (this.#heredocs.length > 0) this.#readHeredocs();
      } else if (character === '(' && beginsArray(open.words, this.#text[this.#at - 1])) {
        this.#at += 1;
        this.#array(open);
      } else if (character === '(' && nameIn(open.words) !== undefined && this.#emptyParentheses() > 0) {
        name = nameIn(open.words);
        this.#at += this.#emptyParentheses();
        open = this.#open();
      } else if (character === '(') {
        this.#at += 1;
        end();
        if (this.#text[this.#at] === '(') outer = Math.min(outer, parentheses.length);
        begin(parentheses);
      } else if (character === '{' && beginsGroup(open.words, this.#text[this.#at + 1])) {
        if (open.words[0]?.text === 'function') {
          name = nameIn(open.words);
          open = this.#open();
        }
        this.#at += 1;
        end();
        begin(braces);
      } else if (character === '}' && open.words.length === 0 && braces.length > 0) {
        this.#at += 1;
        this.#close(braces);
      } else if (';&|'.includes(character)) {
        this.#at += 1;
        // The second bar of `||` does not end a command; `|&` is a pipe, too.
        end(character === '|' && this.#text[this.#at] !== '|' && this.#text[this.#at - 2] !== '|');
      } else if (character === '\\' && this.#reader.newlineAt(this.#at + 1) > 0) {
        this.#at += 1 + this.#reader.newlineAt(this.#at + 1);
      } else if (' \t\r\v\f'.includes(character)) {
        this.#at += 1;
      } else if (character === '#') {
        const newline = this.#text.indexOf('\n', this.#at);
        this.#at = newline < 0 ? this.#text.length : newline;
      } else if (this.#isHeredoc() && (isArithmetic || outer < parentheses.length || reckons(open.words))) {
        this.#at += 2;
      } else if (character === '<' || character === '>') {
        this.#redirection(open);
      } else {
        this.#addWord(open, close);
      }
    }
    end();
    this.#depth -= 1;
  }

  #addWord(open: Open, close: string): void {
    const offset = this.#at;
    if (open.words.at(-1)?.text === '=~') this.#reader.skipBracket();
    const text = this.#reader.word(close);
    const { parts } = this.#reader;
    if (isDescriptor(text) && '<>'.includes(this.#text[this.#at] || ' ')) return;
    if (open.words.length === 0) open.offset = offset;
    open.words.push({ text, offset, length: this.#at - offset, parts: isPlain(parts) ? undefined : parts });
  }

  #push(open: Open, isPiped: boolean): void {
    const { words, writes, offset, input, reads, inputWord, fromCommands } = open;
    this.commands.push({
      words,
      writes,
      offset,
      depth: this.#depth,
      input,
      reads: reads || undefined,
      inputWord,
      fromCommands,
      pipes: isPiped ? true : undefined,
    });
    // The here-document follows at the end of the line: the command must be found again then.
    const made = this.commands.length - 1;
    if (open.hasHeredoc) this.#made.set(open, made);
  }

  /** The end of `( … )` or `{ …; }`: a function's body, or commands that share their output. */
  #close(groups: Group[]): void {
    const { name, from } = groups.pop() ?? { name: undefined, from: this.commands.length };
    if (name !== undefined) {
      this.functions.push({ name, from, to: this.commands.length });
      return;
    }
    const [bar = ''] = /^[^\S\n]{0,20}\|(?!\|)/.exec(this.#text.slice(this.#at, this.#at + 24)) ?? [];
    if (bar === '' || this.commands.length - from > MOST_IN_GROUP) return;
    this.#at += bar.length;
    let isGrouped: true | undefined;
    for (let at = this.commands.length - 1; at >= from; at -= 1) {
      const command = this.commands[at];
      if (command?.depth !== this.#depth) continue;
      // A pipe inside of the group stays one.
      this.commands[at] = { ...command, pipes: true, isGrouped: command.pipes ? undefined : isGrouped };
      isGrouped = true;
    }
  }

  #open(): Open {
    return { words: [], writes: [], offset: this.#at };
  }

  #array(open: Open): void {
    const inside = this.#open();
    while (this.#at < this.#text.length && this.#text[this.#at] !== ')') {
      const character = this.#text[this.#at] ?? '';
      if (character === '#') {
        const newline = this.#text.indexOf('\n', this.#at);
        this.#at = newline < 0 ? this.#text.length : newline;
      } else if (/[\s;&|()<>]/.test(character)) this.#at += 1;
      else this.#addWord(inside, '');
    }
    this.#at += 1;
    const last = open.words.pop();
    if (last) open.words.push({ ...last, array: inside.words });
  }

  #emptyParentheses(): number {
    return /^\(\s{0,10}\)/.exec(this.#text.slice(this.#at, this.#at + 12))?.[0].length ?? 0;
  }

  #isHeredoc(): boolean {
    return this.#text.startsWith('<<', this.#at) && this.#text[this.#at + 2] !== '<';
  }

  #redirection(open: Open, isInput = false): void {
    const [operator = '<'] =
      /^(?:<<<|<<-?|<>|<&|<\(|<|>>|>\||>&|>\(|>)/.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [];
    this.#at += operator.length;
    if (operator.endsWith('(')) {
      const range = this.#nested(')');
      if (operator === '<(') open.fromCommands = { ...range, at: isInput ? undefined : open.words.length };
      return;
    }
    while (' \t'.includes(this.#text[this.#at] || 'x')) this.#at += 1;
    // `< <(…)`
    if (operator === '<' && this.#text.startsWith('<(', this.#at)) {
      this.#redirection(open, true);
      return;
    }
    const offset = this.#at;
    const target = this.#reader.word('');
    const { parts } = this.#reader;
    if (operator === '<<' || operator === '<<-') {
      const isQuoted = parts.some((part) => part.kind === 'text' && part.isQuoted);
      open.hasHeredoc = true;
      this.#heredocs.push({ command: open, name: target, chomp: operator === '<<-', isQuoted });
    } else if (operator === '<<<') {
      open.inputWord = { text: target, offset, length: this.#at - offset, parts };
    } else if (operator.startsWith('>') && !/^(?:\d+|-)$/.test(target)) {
      open.writes.push(target);
    } else if (operator === '<' && target !== '') open.reads = target;
  }

  #readHeredocs(): void {
    for (const { command, name, chomp, isQuoted } of this.#heredocs.splice(0)) {
      const offset = this.#at;
      let end = this.#text.length;
      const hasEnd = this.#ends.comesAfter(name, chomp, offset);
      while (hasEnd && this.#at < this.#text.length) {
        const newline = this.#text.indexOf('\n', this.#at);
        const lineEnd = newline < 0 ? this.#text.length : newline;
        const line = this.#text.slice(this.#at, lineEnd).replace(/\r$/, '');
        const start = this.#at;
        this.#at = Math.min(lineEnd + 1, this.#text.length);
        if ((chomp ? line.replace(/^\t+/, '') : line) !== name) continue;
        end = start;
        break;
      }
      if (!hasEnd) {
        // The text after it is read as script, too. Only the first command gets it as input: otherwise each line would
        // be read for each.
        if (this.#isEndless) continue;
        this.#isEndless = true;
      }
      const input = { text: this.#text.slice(offset, end), offset };
      if (hasEnd && !isQuoted && /\$\(|`/.test(input.text)) this.#substitutionsIn(input);
      const made = this.#made.get(command);
      const found = made === undefined ? undefined : this.commands[made];
      if (made !== undefined && found) this.commands[made] = { ...found, input };
      else command.input = input;
    }
    this.#made.clear();
  }

  /** A here-document with an unquoted end word runs the contents of `$(…)`, wherever its text goes. */
  #substitutionsIn({ text, offset }: { readonly text: string; readonly offset: number }): void {
    if (this.#depth >= DEEPEST) return;
    const inside = new Reader(`"${text.replace(/"/g, "'")}"`);
    inside.#depth = this.#depth;
    inside.readAll();
    const moved = <T extends { readonly offset: number }>(one: T) => ({ ...one, offset: one.offset + offset - 1 });
    for (const { words, input: _, inputWord: __, fromCommands: ___, ...command } of inside.commands.slice(0, -1)) {
      this.commands.push({ ...moved(command), words: words.map(({ parts: ____, ...word }) => moved(word)) });
    }
  }

  #nested(close: string, isArithmetic = false): { readonly from: number; readonly to: number } {
    const from = this.commands.length;
    if (this.#depth < DEEPEST) {
      this.#list(close, isArithmetic);
    } else {
      const end = this.#text.indexOf(close, this.#at);
      this.#at = end < 0 ? this.#text.length : end + 1;
    }
    return { from, to: this.commands.length };
  }
}

/** Maximum number of commands in a group that is connected to a pipe. */
const MOST_IN_GROUP = 50;

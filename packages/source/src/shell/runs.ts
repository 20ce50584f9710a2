/**
 * What a shell script runs: variables, functions and aliases resolved, wrappers taken off, and texts that are given to a
 * shell read as scripts. It does not decide conditions: every branch runs, once.
 */
import { type Command, type FunctionBody, type Script, scriptOf, type Text, type Word } from './commands.ts';
import { choicesOf, type Expanded, expand, MOST_VALUES, type Names, type Value } from './expansion.ts';
import { type Launch, launchesOf, type ScriptLanguage, wordText } from './launch.ts';
import { outputOf } from './outputs.ts';
import type { Part } from './word-reader.ts';
import { ASSIGNMENT, HELPERS, KEYWORDS, programOf } from './wrappers.ts';

export interface InnerProgram {
  readonly language: ScriptLanguage;
  readonly text: string;
  readonly offset: number;
}

export interface Runs {
  /** Simple commands as they run, in their order. */
  readonly commands: readonly Command[];
  /** Texts in other languages: `python -c '…'`. */
  readonly programs: readonly InnerProgram[];
}

/** What is known before the script begins. */
export interface Setting {
  readonly variables?: ReadonlyMap<string, readonly string[]>;
  /** GitHub's expressions: `env.TOOL`, `matrix.verb`. */
  expression?(text: string): readonly string[] | undefined;
}

/** A script is not followed for more steps, or more text, than this. */
const MOST_STEPS = 50_000;
const MOST_TEXT = 4_000_000;
const DEEPEST = 8;

export function runsOf(script: string, setting: Setting = {}): Runs {
  const machine = new Machine(setting);
  machine.text({ text: script, offset: 0 }, 0, 0);
  return machine;
}

/** The same of one command, given as its words. */
export function runsOfWords(words: readonly Word[], input?: Command['input']): Runs {
  const machine = new Machine({});
  machine.words(words, input);
  return machine;
}

/** Where a text is run: its places in the whole script, and the words that it was given. */
interface Frame {
  readonly script: Script;
  place(offset: number): number;
  readonly depth: number;
  /** Of a function or a script; undefined where nothing is known of them. */
  positional: readonly Word[] | undefined;
  readonly zeroth: string | undefined;
  /** Where the function was called that this is the body of. */
  readonly calledAt?: number;
  readonly isRemote: boolean;
  /** What each command printed, by its number. */
  readonly printed: Map<number, Text>;
}

interface Around {
  readonly command: Omit<Command, 'words' | 'offset'>;
  readonly stdin: Text | undefined;
  readonly frame: Frame;
  /** A conditional adds to what a variable may hold. */
  readonly isCertain: boolean;
}

class Machine implements Runs {
  readonly commands: Command[] = [];
  readonly programs: InnerProgram[] = [];
  readonly #setting: Setting;
  readonly #variables = new Map<string, readonly Value[]>();
  readonly #functions = new Map<string, { readonly body: FunctionBody; readonly frame: Frame }>();
  readonly #aliases = new Map<string, string>();
  readonly #files = new Map<string, Text>();
  readonly #calling = new Set<string>();
  #steps = 0;
  #read = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  text(text: Text, fallback: number, depth: number, more: Partial<Frame> = {}, pipes = false): void {
    this.#read += text.text.length;
    if (depth > DEEPEST || this.#read > MOST_TEXT) return;
    const script = scriptOf(text.text);
    const { offset, length = text.text.length } = text;
    const place = (at: number) => (offset === undefined ? fallback : offset + Math.min(at, length));
    const frame: Frame = {
      ...{ positional: undefined, zeroth: undefined, isRemote: false, ...more },
      ...{ script, place, depth, printed: new Map() },
    };
    for (const body of script.functions) {
      if (!this.#functions.has(body.name)) this.#functions.set(body.name, { body, frame });
    }
    this.#range(frame, 0, script.commands.length, pipes);
  }

  words(words: readonly Word[], input: Command['input']): void {
    const script = { commands: [{ words, offset: 0, writes: [], ...(input ? { input } : {}) }], functions: [] };
    const place = (at: number) => at;
    const frame = { script, place, depth: 0, positional: undefined, zeroth: undefined, isRemote: false, printed: new Map() };
    this.#range(frame, 0, 1, false);
  }

  #range(frame: Frame, from: number, to: number, pipes: boolean): void {
    const flowing = new Map<number, Text | undefined>();
    let conditions = 0;
    for (let at = from; at < to && this.#steps < MOST_STEPS; at += 1) {
      const command = frame.script.commands[at];
      if (!command) continue;
      const { depth = 0, words } = command;
      for (const { text } of words.slice(0, 3)) {
        if (/^(?:if|for|while|until|case|select)$/.test(text)) conditions += 1;
        else if (/^(?:fi|done|esac|end)$/.test(text)) conditions -= 1;
        else if (!KEYWORDS.has(text)) break;
      }
      const stdin = this.#inputOf(command, frame) ?? flowing.get(depth);
      flowing.delete(depth);
      const isPiped = command.pipes ?? (pipes && at === to - 1 ? true : undefined);
      const around: Around = {
        command: { ...command, ...(isPiped ? { pipes: true } : {}) },
        stdin,
        frame,
        isCertain: conditions <= 0 && frame.calledAt === undefined,
      };
      const printed = this.#command(words, around);
      if (printed && printed.text.length < MOST_TEXT / 10) frame.printed.set(at, printed);
      if (command.pipes && printed) {
        const before = flowing.get(depth);
        flowing.set(depth, before ? { text: `${before.text}\n${printed.text}` } : printed);
      }
    }
  }

  #inputOf({ input, inputWord, fromCommands, reads }: Command, frame: Frame): Text | undefined {
    if (inputWord) {
      const [word] = expand(inputWord, this.#names(frame), 0, false);
      return word && wordText({ ...word, offset: frame.place(word.offset) });
    }
    if (input) return { text: input.text, offset: frame.place(input.offset) };
    if (fromCommands) return this.#printedIn(frame, fromCommands.from, fromCommands.to);
    return reads === undefined ? undefined : this.#files.get(pathOf(reads));
  }

  #command(words: readonly Word[], around: Around): Text | undefined {
    const { frame } = around;
    const names = this.#names(frame);
    if (words.length === 0) return around.stdin && this.#run([], around);
    let printed: Text | undefined;
    const choices = choicesOf(words, names);
    for (let choice = 0; choice < choices; choice += 1) {
      this.#steps += 1;
      const rest = this.#assigned(words, around, choice);
      if (rest === undefined) continue;
      const expanded = rest.flatMap((word) => this.#expanded(word, frame, choice));
      printed = this.#run(expanded, around) ?? printed;
    }
    return printed;
  }

  #expanded(word: Word, frame: Frame, choice: number): Expanded[] {
    const names = this.#names(frame);
    const isAll = word.parts?.length === 1 && /^\$[@*]$|^\$\{[@*]\}$/.test(word.text);
    // The words of a call keep their places.
    if (isAll && frame.positional) return [...frame.positional];
    const place = frame.place(word.offset);
    return expand(word, names, choice).map((one) => ({ ...one, offset: place }));
  }

  /** Keywords, `for` and assignments at a command's beginning. @returns the words behind them */
  #assigned(words: readonly Word[], around: Around, choice: number): readonly Word[] | undefined {
    const { frame, isCertain } = around;
    const names = this.#names(frame);
    let at = 0;
    while (at < words.length && KEYWORDS.has(words[at]?.text ?? '')) at += 1;
    const first = words[at]?.text ?? '';
    if ((first === 'for' || first === 'select') && words[at + 2]?.text === 'in') {
      const values = words.slice(at + 3, at + 30).flatMap((word) => expand(word, names, choice));
      this.#variables.set(words[at + 1]?.text ?? '', values.slice(0, MOST_VALUES).map(({ text }) => ({ text })));
      return undefined;
    }
    if (first === 'case') return undefined;
    const declares = /^(?:export|local|readonly|declare|typeset)$/.test(first);
    if (declares) at += 1;
    for (; at < words.length; at += 1) {
      const word = words[at] as Word;
      const [name] = ASSIGNMENT.exec(word.text) ?? [];
      if (name === undefined) {
        if (declares) continue;
        break;
      }
      this.#assign(name, word, frame, choice, isCertain);
    }
    return declares ? undefined : words.slice(at);
  }

  #assign(assigned: string, word: Word, frame: Frame, choice: number, isCertain: boolean): void {
    const names = this.#names(frame);
    const adds = assigned.endsWith('+=');
    const name = assigned.replace(/(?:\[.*)?\+?=$/, '');
    const before = this.#variables.get(name) ?? [];
    let value: Value;
    if (word.array) {
      const list = word.array.slice(0, 200).flatMap((one) => this.#expanded(one, frame, choice).map(({ text }) => text));
      const [old] = before;
      value = { words: adds && old && 'words' in old ? [...old.words, ...list].slice(0, 500) : list };
    } else {
      const [one] = expand(word, names, choice, false);
      const text = (one?.text ?? '').slice(assigned.length);
      // Nothing is known of what holds another variable of which nothing is known.
      if (one?.bare !== undefined && word.parts?.length === 2 && one.bare === assigned) {
        if (isCertain) this.#variables.delete(name);
        return;
      }
      const [old] = before;
      const heredoc = this.#originOf(word, frame);
      value = { text: adds && old && 'text' in old ? (old.text + text).slice(0, 20_000) : text, ...heredoc };
    }
    this.#set(name, value, isCertain || adds);
  }

  /** A here-document that a substitution prints stands where it stands. */
  #originOf(word: Word, frame: Frame): { offset?: number } {
    const last = word.parts?.at(-1);
    if (last?.kind !== 'commands') return {};
    const printed = this.#printedIn(frame, last.from, last.to);
    return printed?.offset === undefined ? {} : { offset: printed.offset };
  }

  #set(name: string, value: Value, replaces: boolean): void {
    if (name === '' || this.#variables.size > 5000) return;
    const before = replaces ? [] : (this.#variables.get(name) ?? []);
    const same = JSON.stringify(value);
    if (before.some((one) => JSON.stringify(one) === same)) return;
    this.#variables.set(name, [value, ...before].slice(0, MOST_VALUES));
  }

  /** One command, its words expanded. @returns what it prints, if that is known */
  #run(words: readonly Expanded[], around: Around, depth = around.frame.depth): Text | undefined {
    this.#steps += 1;
    const [first, ...rest] = words;
    const { stdin, frame, command } = around;
    if (!first) return stdin;
    if (depth > DEEPEST + 20 || this.#steps > MOST_STEPS) return undefined;
    if (KEYWORDS.has(first.text) || ASSIGNMENT.test(first.text)) return this.#run(rest, around, depth + 1);
    // `${{ inputs.command }}` and "$cmd" may hold a whole script.
    if (/[\s;&|]/.test(first.text) && first.text.length > 8 && rest.length === 0 && !/[\\/]/.test(first.text.slice(0, 3))) {
      if (/^[\w./-]+\s/.test(first.text)) this.text(wordText(first), first.offset, frame.depth + 1);
    }
    const name = programOf(first.bare ?? first.text);
    const alias = this.#aliases.get(first.text);
    if (alias !== undefined && depth < DEEPEST) {
      this.text({ text: [alias, ...rest.map(({ text }) => quoted(text))].join(' ') }, first.offset, frame.depth + 1);
      return undefined;
    }
    const known = this.#functions.get(first.text);
    if (known && !this.#calling.has(first.text)) this.#call(first, rest, known, around);
    if (HELPERS.test(name)) {
      const from = rest.findIndex(({ text }) => !/^(?:-.*|\d+[smh]?|--)$/.test(text));
      if (from >= 0) this.#run(rest.slice(from), around, depth + 1);
    }
    if (known) return undefined;
    if (this.#builtin(name, rest, around)) return undefined;
    const launches = launchesOf(name, rest, stdin);
    if (launches) {
      // `nsenter --target $(docker inspect …)` is `docker exec` by another name: it is judged as it stands.
      if (name === 'nsenter') this.#emit(words, around);
      let printed = outputOf(words, stdin, (path) => this.#files.get(pathOf(path)));
      for (const launch of launches) printed = this.#launch(launch, first, around, depth) ?? printed;
      return printed;
    }
    this.#emit(words, around);
    const printed = outputOf(words, stdin, (path) => this.#files.get(pathOf(path)));
    const paths = name === 'tee' ? [...command.writes, ...rest.map(({ text }) => text)] : command.writes;
    if (printed) for (const path of paths) this.#write(path, printed, first.offset, frame);
    return printed;
  }

  #emit(words: readonly Expanded[], { stdin, frame, command }: Around): void {
    const [first] = words;
    if (!first) return;
    const isRemote = frame.isRemote || command.isRemote;
    const input = stdin ? { text: stdin.text, offset: stdin.offset ?? first.offset } : undefined;
    this.commands.push({
      words,
      offset: frame.calledAt ?? first.offset,
      writes: command.writes,
      ...(command.reads ? { reads: command.reads } : {}),
      ...(command.pipes ? { pipes: true } : {}),
      ...(isRemote ? { isRemote } : {}),
      ...(input ? { input } : {}),
      ...(frame.calledAt === undefined ? {} : { calledAt: first.offset }),
    });
  }

  #write(path: string, text: Text, fallback: number, frame: Frame): void {
    if (this.#files.size > 500) return;
    const placed = text.offset === undefined ? { text: text.text, offset: fallback, length: 0 } : text;
    this.#files.set(pathOf(path), placed);
    if (SCRIPT.test(path)) this.text(placed, fallback, frame.depth + 1);
  }

  /** @returns whether there is no more to it */
  #builtin(name: string, rest: readonly Expanded[], { stdin, frame, isCertain }: Around): boolean {
    const operands = rest.filter(({ text }) => !text.startsWith('-'));
    if (name === 'alias' || name === 'set-alias') {
      const [short, long] = operands;
      if (name === 'set-alias' && short && long) this.#aliases.set(short.text, long.text);
      for (const { text } of rest) {
        const [, alias, value] = /^([\w.-]+)=([\s\S]*)$/.exec(text) ?? [];
        if (alias !== undefined && value !== undefined) this.#aliases.set(alias, value);
      }
    } else if (name === 'set' && rest[0]?.text === '--') {
      frame.positional = rest.slice(1);
    } else if (name === 'set' && rest[0] && rest[1] && !/^[-+]/.test(rest[0].text)) {
      // fish
      this.#set(operands[0]?.text ?? '', { text: operands.slice(1).map(({ text }) => text).join(' ') }, isCertain);
    } else if (name === 'shift') {
      frame.positional = frame.positional?.slice(Number(rest[0]?.text) || 1);
    } else if (name === 'read' && stdin) {
      const text = rest.some(({ text }) => /^-[a-z]*d$/.test(text)) ? stdin : { text: stdin.text.trim().split('\n', 1)[0] ?? '' };
      this.#set(operands.at(-1)?.text ?? '', text, isCertain);
    } else if (name === 'printf' && rest[0]?.text === '-v') {
      const printed = outputOf([{ text: 'printf', offset: 0 }, ...rest.slice(2)], undefined, () => undefined);
      if (printed) this.#set(rest[1]?.text ?? '', printed, isCertain);
    } else return false;
    return true;
  }

  #call(first: Word, rest: readonly Word[], known: { readonly body: FunctionBody; readonly frame: Frame }, around: Around): void {
    const { body, frame } = known;
    if (frame.depth + this.#calling.size > DEEPEST) return;
    this.#calling.add(first.text);
    const calledAt = around.frame.calledAt ?? first.offset;
    const isRemote = around.frame.isRemote;
    const inside: Frame = { ...frame, positional: rest, zeroth: first.text, calledAt, isRemote };
    this.#range(inside, body.from, body.to, false);
    this.#calling.delete(first.text);
  }

  #launch(launch: Launch, first: Word, around: Around, depth: number): Text | undefined {
    const { frame, command } = around;
    const isRemote = frame.isRemote || (launch.isRemote ?? false);
    const inside = { ...around, frame: { ...frame, isRemote } };
    if (launch.kind === 'words') return this.#run(launch.words, inside, depth + 1);
    if (launch.kind === 'program') {
      const { text, offset = first.offset } = launch.text;
      if (this.programs.length < 200) this.programs.push({ language: launch.language, text, offset });
      return undefined;
    }
    const text = launch.kind === 'text' ? launch.text : this.#files.get(pathOf(launch.path));
    if (!text) return undefined;
    const given = launch.kind === 'text' ? launch.args : launch.args;
    const isCommand = launch.kind === 'text' && given && given.length > 0;
    const positional = given?.slice(isCommand && launch.text.offset !== around.stdin?.offset ? 1 : 0);
    const more = {
      isRemote,
      ...(given && given.length > 0 ? { zeroth: given[0], positional: positional?.map((one) => ({ text: one, offset: first.offset })) } : {}),
      ...(frame.calledAt === undefined ? {} : { calledAt: frame.calledAt }),
    };
    this.text(text, first.offset, frame.depth + 1, more, command.pipes ?? false);
    return undefined;
  }

  #printedIn(frame: Frame, from: number, to: number): Text | undefined {
    const found: Text[] = [];
    for (let at = from; at < Math.min(to, from + 200); at += 1) {
      const printed = frame.printed.get(at);
      if (printed && !frame.script.commands[at]?.pipes) found.push(printed);
    }
    return found[0];
  }

  #names(frame: Frame): Names {
    const variables = this.#variables;
    const setting = this.#setting;
    return {
      valuesOf: (name) => variables.get(name) ?? setting.variables?.get(name)?.map((text) => ({ text })),
      positional: frame.positional?.map(({ text }) => text),
      zeroth: frame.zeroth,
      set: (name, value) => this.#set(name, value, true),
      expression: (text) => setting.expression?.(text),
      printed: (part: Part & { kind: 'commands' }) => this.#printedIn(frame, part.from, part.to)?.text.trim(),
    };
  }
}

/** What is written there is a script: its name or its folder says so. */
const SCRIPT = /\.(?:sh|bash|zsh|ksh)$|(?:^|\/)(?:s?bin|cron\.[a-z]+|hooks|init\.d|[\w-]*entrypoint\.d)\//;

function pathOf(path: string): string {
  return path.replace(/^\.\//, '');
}

function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

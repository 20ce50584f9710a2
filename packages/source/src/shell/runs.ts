/**
 * The commands that a shell script runs: variables, functions and aliases are resolved, wrappers are removed, and texts
 * for a shell are read as scripts. Conditions are not evaluated: every branch runs once.
 */
import { behindAssignments } from './assignments.ts';
import { Budget } from './budget.ts';
import { type Command, type FunctionBody, scriptOf, type Text, type Word } from './commands.ts';
import { allPrinted, Compounds } from './compounds.ts';
import { choicesOf, type Expanded, expand, MOST_VALUES, type Names } from './expansion.ts';
import { type Around, type Frame, type InnerProgram, isMade, type Runs, type Setting } from './frame.ts';
import { inputOf, originOf } from './inputs.ts';
import { isLauncher, launchesOf } from './launch.ts';
import { type Launch, wordText } from './launch-parts.ts';
import { namesOf } from './names.ts';
import { outputOf } from './outputs.ts';
import { Pipes } from './pipes.ts';
import { changesState, State } from './state.ts';
import { ASSIGNMENT, commandText, HELPERS, isPrefix, KEYWORDS, programOf, quoted, withInputFile } from './wrappers.ts';

export type { InnerProgram, Runs, Setting } from './frame.ts';

/** Maximum length of a script's output. */
const LONGEST_OUTPUT = 400_000;
const DEEPEST = 8;

export function runsOf(script: string, setting: Setting = {}, budget = new Budget()): Runs {
  const machine = new Machine(setting, budget);
  machine.whole(script);
  return machine;
}

/** The same for one command. */
export function runsOfWords(
  words: readonly Word[],
  input: Command['input'],
  budget: Budget,
  setting: Setting = {},
): Runs {
  const machine = new Machine(setting, budget);
  machine.words(words, input);
  return machine;
}

interface Known {
  readonly body: FunctionBody;
  readonly frame: Frame;
}

class Machine implements Runs {
  readonly commands: Command[] = [];
  readonly programs: InnerProgram[] = [];
  readonly #setting: Setting;
  readonly #state: State;
  readonly #functions = new Map<string, readonly Known[]>();
  readonly #calling = new Set<string>();
  readonly #left: Budget;

  constructor(setting: Setting, budget: Budget) {
    this.#setting = setting;
    this.#left = budget;
    this.#state = new State(budget);
  }

  /** The script itself is read to its end, however long it is: the limits apply to the text that it generates. */
  whole(script: string): void {
    this.#left.text += 4 * script.length;
    this.text({ text: script, offset: 0 }, 0, 0);
  }

  /** It runs more than the limits allow: the script itself is still read completely. */
  get isCut(): boolean {
    return this.#left.isSpent;
  }

  #isSpent(frame: Frame): boolean {
    return isMade(frame) && this.#left.steps < 0;
  }

  text(text: Text, fallback: number, depth: number, more: Partial<Frame> = {}, pipes = false): void {
    this.#left.text -= text.text.length;
    if (depth > DEEPEST || (depth > 0 && this.#left.text < 0)) return;
    const script = scriptOf(text.text);
    const { offset, length = text.text.length } = text;
    const place = (at: number) => (offset === undefined ? fallback : offset + Math.min(at, length));
    const frame: Frame = {
      ...{ positional: undefined, zeroth: undefined, isRemote: false, ...more },
      ...{ script, place, depth, printed: new Map() },
    };
    for (const body of script.functions) {
      // Conditions are not evaluated, so all definitions of a function run.
      const known = this.#functions.get(body.name) ?? [];
      if (known.length < MOST_VALUES) this.#functions.set(body.name, [{ body, frame }, ...known]);
    }
    this.#range(frame, 0, script.commands.length, pipes);
  }

  words(words: readonly Word[], input: Command['input']): void {
    const script = { commands: [{ words, offset: 0, writes: [], input }], functions: [] };
    const place = (at: number) => at;
    const frame: Frame = { script, place, depth: 0, positional: undefined, isRemote: false, printed: new Map() };
    this.#range(frame, 0, 1, false);
  }

  #range(frame: Frame, from: number, to: number, pipes: boolean, given?: Text): void {
    const flowing = new Pipes();
    const compounds = new Compounds();
    for (let at = from; at < to && !this.#isSpent(frame); at += 1) {
      const command = frame.script.commands[at];
      if (!command) continue;
      const words = this.#setting.downloads ? withInputFile(command) : command.words;
      const begun = compounds.take(words, at);
      const piped = flowing.take(command);
      const names = this.#names(frame);
      const stdin = inputOf(command, frame, { names, state: this.#state, left: this.#left }) ?? piped ?? given;
      const isPiped = command.pipes ?? (pipes && at === to - 1 ? true : undefined);
      const around: Around = {
        command: { ...command, pipes: isPiped },
        stdin,
        frame,
        isCertain: !compounds.isOpen && frame.calledAt === undefined,
      };
      const own = this.#command(words, around);
      const printed = begun === undefined ? own : (allPrinted(frame, begun, at) ?? own);
      if (printed && printed.text.length < LONGEST_OUTPUT) frame.printed.set(at, printed);
      flowing.put(command, printed);
    }
  }

  #command(words: readonly Word[], around: Around): Text | undefined {
    const { frame } = around;
    const names = this.#names(frame);
    if (words.length === 0) return around.stdin && this.#run([], around);
    let printed: Text | undefined;
    const choices = choicesOf(words, names);
    const [only] = words;
    const isExpression = words.length === 1 && only?.parts?.length === 1 && only.text.startsWith('${{');
    for (let choice = 0; choice < choices; choice += 1) {
      if (isMade(frame)) this.#left.steps -= 1;
      if (only && isExpression) {
        // `run: ${{ inputs.command }}`: the text of the input is the script.
        const [one] = expand(only, names, choice, false);
        const offset = frame.place(only.offset);
        if (one && !one.text.startsWith('${{')) this.text({ text: one.text }, offset, frame.depth + 1);
        continue;
      }
      const rest = behindAssignments(words, {
        ...{ names, choice, state: this.#state, isCertain: around.isCertain },
        expanded: (word) => this.#expanded(word, frame, choice),
        originOf: (word) => originOf(word, frame),
      });
      if (rest === undefined) continue;
      const expanded = rest.flatMap((word) => this.#expanded(word, frame, choice));
      printed = this.#run(expanded, around) ?? printed;
    }
    return printed;
  }

  #expanded(word: Word, frame: Frame, choice: number): Expanded[] {
    const names = this.#names(frame);
    const isAll = word.parts?.length === 1 && /^\$[@*]$|^\$\{[@*]\}$/.test(word.text);
    // The words of a call keep their positions.
    if (isAll && frame.positional) return [...frame.positional];
    const place = frame.place(word.offset);
    if (!word.parts || this.#left.text < 0) return [{ ...word, offset: place }];
    return expand(word, names, choice).map((one) => {
      this.#left.text -= one.text.length;
      return { ...one, offset: place };
    });
  }

  /** Runs one command with expanded words. @returns its output, if known */
  #run(words: readonly Expanded[], around: Around, depth = around.frame.depth): Text | undefined {
    const [first, ...rest] = words;
    const { stdin, frame, command } = around;
    if (isMade(frame)) this.#left.steps -= 1;
    if (!first) return stdin;
    const { downloads } = this.#setting;
    if (downloads?.ran(first.text, frame.runner, first.offset)) return undefined;
    if (depth > DEEPEST + 20 || this.#isSpent(frame)) return undefined;
    if (KEYWORDS.has(first.text) || ASSIGNMENT.test(first.text)) return this.#run(rest, around, depth + 1);
    // `$SUDO docker …` with an unknown variable.
    if (isPrefix(first, rest)) return this.#run(rest, around, depth + 1);
    const name = programOf(first.bare ?? first.text);
    const alias = this.#state.aliasOf(first.text);
    if (alias !== undefined && depth < DEEPEST) {
      this.text({ text: [alias, ...rest.map(({ text }) => quoted(text))].join(' ') }, first.offset, frame.depth + 1);
      return undefined;
    }
    const known = this.#functions.get(first.text);
    let printed: Text | undefined;
    if (known && !this.#calling.has(first.text)) {
      for (const one of known) printed = this.#call(first, rest, one, around) ?? printed;
    }
    if (HELPERS.test(name)) {
      const from = rest.findIndex(({ text }) => !/^(?:-.*|\d+[smh]?|--)$/.test(text));
      if (from >= 0) printed = this.#run(rest.slice(from), around, depth + 1) ?? printed;
      const text = known ? undefined : commandText(name, rest);
      if (text) this.text(wordText(text), text.offset, frame.depth + 1);
    }
    if (known) return printed;
    if (changesState(name, rest, stdin, frame, this.#state, around.isCertain)) return undefined;
    downloads?.compareFiles(words, (path) => this.#state.fileOf(path));
    downloads?.runFiles(words, (path) => this.#state.fileOf(path));
    const launches = downloads && name === 'chmod' ? undefined : launchesOf(name, rest, stdin);
    if (launches) {
      // `nsenter --target $(docker inspect …)` is `docker exec` by another name, so the command itself is judged as
      // well.
      if (name === 'nsenter') this.#emit(words, around);
      printed = this.#outputOf(words, stdin);
      for (const launch of launches) printed = this.#launch(launch, first, around, depth) ?? printed;
      // It may be an engine in a variable: `$ENGINE commit -m run -- web`. It follows the commands that it runs,
      // because pipes are read in order.
      if (!isLauncher(name)) this.#emit(words, around);
      return printed;
    }
    this.#emit(words, around);
    printed = this.#outputOf(words, stdin) ?? printed;
    const paths = name === 'tee' ? [...command.writes, ...rest.map(({ text }) => text)] : command.writes;
    if (printed) for (const path of paths) this.#write(path, printed, first.offset, frame);
    return printed;
  }

  #outputOf(words: readonly Expanded[], stdin: Text | undefined): Text | undefined {
    const write = (path: string, text: Text) => this.#state.write(path, text);
    const followed = this.#setting.downloads?.outputOf(words, stdin, write);
    return followed ?? outputOf(words, stdin, (path) => this.#state.fileOf(path));
  }

  #emit(words: readonly Expanded[], { stdin, frame, command }: Around): void {
    const [first] = words;
    if (!first) return;
    if (frame.calledAt !== undefined) {
      this.#left.calls -= 1;
      if (this.#left.calls < 0) return;
    }
    const isRemote = frame.isRemote || command.isRemote;
    const input = stdin ? { text: stdin.text, offset: stdin.offset ?? first.offset } : undefined;
    this.commands.push({
      words,
      offset: frame.calledAt ?? first.offset,
      writes: command.writes,
      reads: command.reads || undefined,
      pipes: command.pipes === undefined ? undefined : true,
      isRemote,
      input,
      calledAt: frame.calledAt === undefined ? undefined : first.offset,
    });
  }

  #write(path: string, text: Text, fallback: number, frame: Frame): void {
    const placed = text.offset === undefined ? { ...text, offset: fallback, length: 0 } : text;
    this.#state.write(path, placed);
    if (SCRIPT.test(path) && !this.#setting.downloads) this.text(placed, fallback, frame.depth + 1);
  }

  #call(first: Word, rest: readonly Word[], { body, frame }: Known, around: Around): Text | undefined {
    if (frame.depth + this.#calling.size > DEEPEST) return undefined;
    this.#calling.add(first.text);
    const calledAt = around.frame.calledAt ?? first.offset;
    const isRemote = around.frame.isRemote;
    const inside: Frame = { ...frame, positional: rest, zeroth: first.text, calledAt, isRemote };
    this.#range(inside, body.from, body.to, false, around.stdin);
    this.#calling.delete(first.text);
    return allPrinted(inside, body.from, body.to);
  }

  #launch(launch: Launch, first: Word, around: Around, depth: number): Text | undefined {
    const { frame, command } = around;
    const isRemote = frame.isRemote || (launch.isRemote ?? false);
    const runner = { name: programOf(first.text), offset: first.offset };
    const inside = { ...around, frame: { ...frame, isRemote, runner } };
    if (launch.kind === 'words') return this.#run(launch.words, inside, depth + 1);
    if (launch.kind === 'program') {
      const { text, offset = first.offset } = launch.text;
      this.#setting.downloads?.ran(text, runner, offset);
      if (this.programs.length < 200) this.programs.push({ language: launch.language, text, offset });
      return undefined;
    }
    const text = launch.kind === 'text' ? launch.text : this.#state.fileOf(launch.path);
    if (!text || this.#setting.downloads?.ran(text.text, runner, first.offset)) return undefined;
    const { args = [], zeroth } = launch;
    const isGiven = args.length > 0 || zeroth !== undefined;
    const more = {
      ...{ isRemote, zeroth, runner },
      positional: isGiven ? args.map((one) => ({ text: one, offset: first.offset })) : undefined,
      calledAt: frame.calledAt,
    };
    this.text(text, first.offset, frame.depth + 1, more, command.pipes ?? false);
    return undefined;
  }

  #names(frame: Frame): Names {
    return namesOf(frame, this.#state, this.#setting);
  }
}

/** Files that are scripts by their name or folder. */
const SCRIPT = /\.(?:sh|bash|zsh|ksh)$|(?:^|\/)(?:s?bin|cron\.[a-z]+|hooks|init\.d|[\w-]*entrypoint\.d)\//;

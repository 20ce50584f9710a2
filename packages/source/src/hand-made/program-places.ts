import { programOf } from '../shell/wrappers.ts';
import { type Commands, scriptFrom } from './places.ts';
import { clientCallAt, usesClient } from './program-clients.ts';
import { ENGINE, KEYS, NO_RUNNER, RUNS } from './program-runners.ts';
import { type Language, type Token, tokensOf } from './program-tokens.ts';
import { UNKNOWN, type Value, Values } from './program-values.ts';

/** Only the first arguments matter. */
const MOST_ARGUMENTS = 50;
const MOST_PLACES = 5000;

/**
 * Places where a program runs commands: calls of functions that run commands, shell quotes, and calls of an engine's
 * library.
 */
export function programPlaces(text: string, language: Language): Commands[] {
  return new Program(text, language).places();
}

class Program {
  readonly #tokens: readonly Token[];
  readonly #language: Language;
  readonly #values: Values;
  readonly #usesClient: boolean;
  readonly #places: Commands[] = [];
  /** Aliases of functions that run commands: `from os import system as do`. */
  readonly #runners = new Set<string>();
  /** Functions of the file that pass their arguments to an engine, and the words before those. */
  readonly #engines = new Map<string, readonly string[]>();

  constructor(text: string, language: Language) {
    this.#tokens = tokensOf(text, language);
    this.#language = language;
    this.#values = new Values(this.#tokens, language);
    this.#usesClient = usesClient(text, language);
  }

  places(): Commands[] {
    this.#readFunctions();
    for (let at = 0; at < this.#tokens.length && this.#places.length < MOST_PLACES; at += 1) this.#at(at);
    return this.#places;
  }

  #at(at: number): void {
    const token = this.#tokens[at] as Token;
    const next = this.#tokens[at + 1];
    if (token.kind === 'string') {
      if (token.quote === '`' && /^(?:ruby|perl|php)$/.test(this.#language)) this.#script(token);
      // Groovy: 'docker commit'.execute()
      if (this.#language === 'groovy' && next?.text === '.' && this.#tokens[at + 2]?.text === 'execute')
        this.#script(token);
      // `module['execSync'](…)`, `getattr(os, "system")(…)`
      if (/[\])]/.test(next?.text ?? '') && this.#tokens[at + 2]?.text === '(' && RUNS.test(token.text))
        this.#called(at + 3, token.text);
      return;
    }
    if (token.kind === 'mark') {
      if (this.#language === 'groovy' && token.text === '[' && next?.kind === 'string') this.#executedList(at);
      return;
    }
    const name = token.text.split('.').at(-1) ?? '';
    if (next?.quote === '`' && (name === '$' || /^(?:\$\$?|execa\w*|sh|zx)$/.test(name))) {
      this.#script(next);
      return;
    }
    if (next?.text === '(' && (name === '$' || /^execa/.test(name))) this.#template(at + 1);
    if (next?.text === '(' && this.#usesClient) this.#client(at);
    const engine = next?.text === '(' ? this.#engineOf(token.text, at) : undefined;
    if (engine) {
      this.#place([...engine, ...this.#given(at + 2)], token.line);
      return;
    }
    if (name === 'new' && this.#tokens[at - 1]?.text === ':' && /Command$/.test(this.#tokens[at - 3]?.text ?? '')) {
      this.#built(at + 2);
      return;
    }
    if (name === 'executable') {
      this.#executable(at);
      return;
    }
    if (!RUNS.test(name) && !this.#runners.has(token.text)) return;
    const owner = token.text.slice(0, Math.max(0, token.text.length - name.length - 1));
    if (NO_RUNNER.test(owner) || (this.#tokens[at - 1]?.text === '.' && this.#tokens[at - 2]?.text === '/…/')) return;
    if ((name === 'Start' || name === 'Process') && !/Process$|^$/.test(owner)) return;
    // `promisify(exec)('docker …')`
    if (next?.text === ')' && this.#tokens[at + 2]?.text === '(') {
      this.#called(at + 3, name);
      return;
    }
    if (next?.text === '(' || (next?.text === '{' && /^(?:Cmd|ProcessStartInfo)$/.test(name))) {
      this.#called(at + 2, name);
      return;
    }
    // A call without parentheses ends with its line.
    const isHeredoc = next?.quote === '"""' && next.line === token.line + 1;
    const isBare = /^(?:groovy|ruby|perl|php)$/.test(this.#language) && (next?.line === token.line || isHeredoc);
    if (isBare && next && (next.kind !== 'mark' || next.text === '[' || next.text === '*'))
      this.#called(at + 1, name, next.line);
  }

  /** @param from of the first argument @param line for a call without parentheses, which ends with it */
  #called(from: number, name: string, line?: number): void {
    const values = this.#arguments(from, line);
    while (values.length > 1 && !values[0]?.text && !values[0]?.items) values.shift();
    const [first, ...rest] = values;
    if (!first) return;
    const words = [first, ...rest].flatMap((value) => value?.items ?? [value?.text]).map((word) => word ?? UNKNOWN);
    const [program = '', second = ''] = words;
    if (first.items) {
      // `run(["docker commit x"], shell=True)`
      if (words.length === 1 && /\s/.test(program)) {
        this.#script({ kind: 'string', text: program, line: first.line });
        return;
      }
      this.#place(words.slice(0, first.items.length), first.line);
      return;
    }
    if (/\s/.test(program) || rest.every((value) => !value)) {
      if (name === 'powershell' || name === 'pwsh' || first.text === undefined) {
        if (first.text !== undefined) this.#script(first.token ?? { kind: 'string', text: program, line: first.line });
        return;
      }
      this.#script(
        first.token ? { ...first.token, text: first.text } : { kind: 'string', text: program, line: first.line },
      );
      return;
    }
    // `provision "shell", inline: "…"`
    if (name === 'provision') {
      const [, given] = values;
      if (given?.text !== undefined)
        this.#script(given.token ?? { kind: 'string', text: given.text, line: given.line });
      return;
    }
    // C# gives the arguments as one string; `execlp` and its like are given the program twice.
    const list =
      /\s/.test(second) && /^(?:Start|ProcessStartInfo)$/.test(name)
        ? [program, ...words.slice(1).flatMap((word) => word.split(/\s+/))]
        : words;
    const isTwice = list.length > 1 && programOf(program) === programOf(list[1] ?? '');
    // Elsewhere the engine's name is only text; only calls count.
    this.#place(isTwice ? list.slice(1) : list, Math.max(first.line, this.#tokens[from]?.line ?? 1));
  }

  #arguments(from: number, line?: number): (Value | undefined)[] {
    const values: (Value | undefined)[] = [];
    let at = from;
    for (let turn = 0; turn < MOST_ARGUMENTS && at < this.#tokens.length && !this.#values.isSpent; turn += 1) {
      const token = this.#tokens[at];
      if (!token || (line !== undefined && token.line !== line && values.length === 0)) break;
      if (token.kind === 'mark' && ')]}'.includes(token.text)) break;
      const mark = this.#tokens[at + 1]?.text;
      const isKey = token.kind === 'name' && (mark === ':' || mark === '=') && this.#tokens[at + 2]?.text !== mark;
      const counts = !isKey || KEYS.test(token.text);
      const { value, end } = this.#values.read(isKey ? at + 2 : at);
      if (counts) values.push(value);
      at = this.#nextArgument(Math.max(end, at + 1), line);
      if (at < 0) break;
    }
    return values;
  }

  /** Index after the next comma of this call; -1 at its end. */
  #nextArgument(from: number, line?: number): number {
    let depth = 0;
    for (let at = from; at < Math.min(this.#tokens.length, from + 500); at += 1) {
      const { kind, text, line: own } = this.#tokens[at] as Token;
      if (line !== undefined && own !== line && depth === 0) return -1;
      if (kind !== 'mark') continue;
      if ('([{'.includes(text)) depth += 1;
      else if (')]}'.includes(text)) {
        depth -= 1;
        if (depth < 0) return -1;
      } else if (text === ',' && depth === 0) return at + 1;
      else if (text === ';' && depth === 0)
        return line === undefined && this.#tokens[from - 1]?.text !== '{' ? -1 : at + 1;
    }
    return -1;
  }

  #given(from: number): string[] {
    return this.#arguments(from)
      .flatMap((value) => value?.items ?? [value?.text])
      .map((word) => word ?? UNKNOWN);
  }

  #place(args: readonly string[], line: number): void {
    if (args.length > 0) this.#places.push({ kind: 'arguments', args: args.slice(0, MOST_ARGUMENTS), line });
  }

  #script(token: Token): void {
    this.#places.push(scriptFrom(token.text, token.line));
  }

  /** `$({ stdio: 'inherit' })`docker …``: the text is after the options. */
  #template(open: number): void {
    let depth = 0;
    for (let at = open; at < Math.min(this.#tokens.length, open + 60); at += 1) {
      const { text, kind } = this.#tokens[at] as Token;
      if (kind !== 'mark') continue;
      depth += '([{'.includes(text) ? 1 : ')]}'.includes(text) ? -1 : 0;
      if (depth > 0) continue;
      const next = this.#tokens[at + 1];
      if (next?.quote === '`') this.#script(next);
      return;
    }
  }

  /** Groovy: `['docker', 'commit'].execute()` */
  #executedList(at: number): void {
    const { value, end } = this.#values.read(at);
    const executes = this.#tokens[end]?.text === '.' && this.#tokens[end + 1]?.text === 'execute';
    if (executes && value?.items)
      this.#place(
        value.items.map((word) => word ?? UNKNOWN),
        value.line,
      );
  }

  /** Rust: `Command::new("docker").arg("commit").args([…])` */
  #built(from: number): void {
    const words = this.#given(from);
    const line = this.#tokens[from]?.line ?? 1;
    for (let at = from, steps = 0; at < this.#tokens.length && steps < 200; at += 1, steps += 1) {
      const { text } = this.#tokens[at] as Token;
      if (text === ';') break;
      if (this.#tokens[at - 1]?.text === '.' && /^args?$/.test(text)) words.push(...this.#given(at + 2));
    }
    this.#place(words, line);
  }

  /** Gradle: `executable 'docker'` and `args 'commit', 'web'`. */
  #executable(at: number): void {
    const program = this.#tokens[at + (this.#tokens[at + 1]?.text === '(' ? 2 : 1)];
    if (program?.kind !== 'string') return;
    const next = this.#tokens
      .slice(at, at + 30)
      .findIndex(({ text, kind }) => kind === 'name' && /^(?:args|setArgs)$/.test(text));
    if (next < 0) return;
    const from = at + next + (this.#tokens[at + next + 1]?.text === '(' ? 2 : 1);
    this.#place([program.text, ...this.#given(from)], program.line);
  }

  #client(at: number): void {
    const call = clientCallAt(this.#tokens, at);
    if (!call) return;
    const [first] = call.executes ? this.#arguments(at + 2) : [];
    const words =
      first?.items?.map((word) => word ?? UNKNOWN) ?? (first?.text === undefined ? [] : ['sh', '-c', first.text]);
    this.#place([...call.argv, ...words], this.#tokens[at]?.line ?? 1);
  }

  /** `docker("commit")` defined in the file, `sh.docker("commit")`, `sh.docker.commit(name)`. */
  #engineOf(name: string, at: number): readonly string[] | undefined {
    const isDefined = /^(?:def|function|func|fn|sub)$/.test(this.#tokens[at - 1]?.text ?? '');
    if (isDefined) return undefined;
    const own = this.#engines.get(name.replace(/^(?:self|this)\./, ''));
    if (own) return own;
    const [first, engine = '', verb] = name.split('.');
    if (first !== 'sh' || !ENGINE.test(engine)) return undefined;
    return verb === undefined ? [engine] : [engine, verb];
  }

  /** Commands of the file's own functions, and aliases of functions that run commands. */
  #readFunctions(): void {
    let inside: string | undefined;
    for (const [at, { kind, text }] of this.#tokens.entries()) {
      if (kind !== 'name') continue;
      const [before, next] = [this.#tokens[at - 1], this.#tokens[at + 1]];
      const isFunction = /^(?:def|function|func|fn)$/.test(before?.text ?? '') && before?.kind === 'name';
      const isArrow =
        next?.text === '=' && (this.#tokens[at + 2]?.text === '(' || this.#tokens[at + 2]?.text === 'async');
      if (isFunction || (isArrow && this.#hasArrow(at + 2))) inside = text;
      if (text === 'as' && before && RUNS.test(before.text) && next?.kind === 'name') this.#runners.add(next.text);
      const name = text.split('.').at(-1) ?? '';
      if (inside === undefined || next?.text !== '(' || !RUNS.test(name)) continue;
      const words = this.#given(at + 2);
      const [program = ''] = words;
      if (ENGINE.test(programOf(program)) && words.length <= 3 && words.slice(1).includes(UNKNOWN)) {
        this.#engines.set(inside, words.slice(0, words.indexOf(UNKNOWN)));
      }
    }
  }

  #hasArrow(from: number): boolean {
    for (let at = from; at < from + 40; at += 1) {
      if (this.#tokens[at]?.text === '=' && this.#tokens[at + 1]?.text === '>') return true;
      if (this.#tokens[at]?.text === ';') return false;
    }
    return false;
  }
}

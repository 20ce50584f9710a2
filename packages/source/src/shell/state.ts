/** The state of a script so far: variables, aliases, and files that it wrote. */
import type { Budget } from './budget.ts';
import { MOST_VALUES, type Value } from './expansion.ts';
import { outputOf } from './outputs.ts';
import type { Text, Word } from './syntax.ts';

/** Maximum number of names: a script may set any number. */
const MOST_NAMES = 5000;
const MOST_FILES = 500;
/** Maximum length of a chain of references. */
const LONGEST_REFERENCE = 5;

export class State {
  readonly #variables = new Map<string, readonly Value[]>();
  readonly #aliases = new Map<string, string>();
  /** `declare -n`: names that refer to other variables. */
  readonly #references = new Map<string, string>();
  readonly #files = new Map<string, Text>();
  readonly #left: Budget;

  constructor(budget: Budget) {
    this.#left = budget;
  }

  /** The limit is reached: nothing more is set. */
  get isSpent(): boolean {
    return this.#left.values < 0;
  }

  valuesOf(name: string): readonly Value[] | undefined {
    return this.#variables.get(this.#target(name));
  }

  aliasOf(name: string): string | undefined {
    return this.#aliases.get(name);
  }

  fileOf(path: string): Text | undefined {
    return this.#files.get(pathOf(path));
  }

  write(path: string, text: Text): void {
    if (this.#files.size < MOST_FILES) this.#files.set(pathOf(path), text);
  }

  /** @param to the variable that `name` refers to */
  refer(name: string, to: string): void {
    if (this.#references.size < MOST_NAMES) this.#references.set(name, to);
  }

  #target(name: string): string {
    let target = name;
    for (let turn = 0; turn < LONGEST_REFERENCE; turn += 1) target = this.#references.get(target) ?? target;
    return target;
  }

  forget(name: string): void {
    this.#variables.delete(this.#target(name));
  }

  /** @param replaces false inside a conditional: the variable may still have its old value */
  set(named: string, value: Value, replaces: boolean): void {
    const name = this.#target(named);
    this.#left.values -= sizeOf(value);
    if (name === '' || this.#variables.size > MOST_NAMES || this.isSpent) return;
    const before = replaces ? [] : (this.#variables.get(name) ?? []);
    const same = before.length === 0 ? '' : JSON.stringify(value);
    if (before.some((one) => JSON.stringify(one) === same)) return;
    this.#variables.set(name, [value, ...before].slice(0, MOST_VALUES));
  }

  setAll(name: string, texts: readonly string[]): void {
    this.#left.values -= sizeOf({ words: texts });
    if (this.isSpent) return;
    this.#variables.set(
      this.#target(name),
      texts.slice(0, MOST_VALUES).map((text) => ({ text })),
    );
  }

  alias(name: string, value: string): void {
    if (this.#aliases.size < MOST_NAMES) this.#aliases.set(name, value);
  }
}

/** Size of a value; each word costs more than its characters. */
function sizeOf(value: Value): number {
  return 'text' in value ? value.text.length : value.words.reduce((sum, word) => sum + word.length + 30, 0);
}

function pathOf(path: string): string {
  return path.replace(/^\.\//, '');
}

/**
 * Commands of a shell that change its state.
 * @param scope the frame whose `$1`, `$2` … `set --` and `shift` change
 * @returns whether it was one of them
 */
export function changesState(
  name: string,
  rest: readonly Word[],
  stdin: Text | undefined,
  scope: { positional: readonly Word[] | undefined },
  state: State,
  isCertain: boolean,
): boolean {
  const operands = rest.filter(({ text }) => !text.startsWith('-'));
  if (/^(?:alias|set-alias|sal)$/i.test(name)) {
    const [short, long] = operands;
    if (name !== 'alias' && short && long) state.alias(short.text, long.text);
    for (const { text } of rest) {
      const [, alias, value] = /^([\w.-]+)=([\s\S]*)$/.exec(text) ?? [];
      if (alias !== undefined && value !== undefined) state.alias(alias, value);
    }
  } else if (name === 'set' && rest[0]?.text === '--') {
    scope.positional = rest.slice(1);
  } else if (name === 'set' && rest[0] && rest[1] && !/^[-+]/.test(rest[0].text)) {
    // fish
    const [variable, ...values] = operands.map(({ text }) => text);
    state.set(variable ?? '', { text: values.join(' ') }, isCertain);
  } else if (name === 'shift') {
    scope.positional = scope.positional?.slice(Number(rest[0]?.text) || 1);
  } else if ((name === 'mapfile' || name === 'readarray') && stdin) {
    const { option, last } = arrayRead(rest, /^-[dnOscCu]$/);
    state.set(last ?? 'MAPFILE', { words: fieldsOf(stdin, option('-d') ?? '\n') }, isCertain);
  } else if (name === 'read' && stdin && rest.some(({ text }) => /^-[a-zA-Z]*[aA]$/.test(text))) {
    // `read -ra words`; zsh has `-A`.
    const { last } = arrayRead(rest, /^-[dinNptu]$/);
    state.set(
      last ?? '',
      { words: fieldsOf({ text: stdin.text.trim().split('\n', 1)[0] ?? '' }, /[\s,:]/) },
      isCertain,
    );
  } else if (name === 'read' && stdin) {
    const takesAll = rest.some(({ text }) => /^-[a-z]*d$/.test(text));
    const text = takesAll ? stdin : { text: stdin.text.trim().split('\n', 1)[0] ?? '' };
    // `read -r tool verb <<< 'docker commit'`
    const fields = operands.length > 1 && !takesAll ? text.text.split(/[\s,:]+/) : [];
    if (fields.length === 0) state.set(operands[0]?.text ?? '', text, isCertain);
    for (const [at, field] of fields.slice(0, operands.length).entries()) {
      state.set(operands[at]?.text ?? '', { text: field }, isCertain);
    }
  } else if (name === 'printf' && rest[0]?.text === '-v') {
    const printed = outputOf([{ text: 'printf', offset: 0 }, ...rest.slice(2)], undefined, () => undefined);
    if (printed) state.set(rest[1]?.text ?? '', printed, isCertain);
  } else return false;
  return true;
}

/** @param valued options that take the next word */
function arrayRead(rest: readonly Word[], valued: RegExp) {
  const texts = rest.map(({ text }) => text);
  const operands = texts.filter((text, at) => !text.startsWith('-') && !valued.test(texts[at - 1] ?? ''));
  const option = (name: string) => (texts.includes(name) ? texts[texts.indexOf(name) + 1] : undefined);
  return { option, last: operands.at(-1) };
}

/** Maximum number of fields: a script may read any number. */
const MOST_FIELDS = 500;

function fieldsOf({ text }: Text, separator: string | RegExp): readonly string[] {
  const fields = text.split(separator === '' ? '\0' : separator, MOST_FIELDS);
  return fields.map((field) => field.trim()).filter((field) => field !== '');
}

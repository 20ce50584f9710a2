import { badInput, parseDuration, parseSize, TidegateError } from '@tidegate/core';
import type { ActionSpec, InputSpec, Inputs } from './schema.ts';

/** What reading the inputs needs of the outside. */
export interface InputSource {
  /** The text of an input, '' when it was not given. */
  read(name: string): string;
  /** Called with each secret before anything is parsed, so that no later message can show it. */
  mask?(secret: string): void;
}

/**
 * Every input of an action as the types in its schema say. An input that is blank has its default: in a workflow
 * `with: {x: ${{ inputs.x }}}` is how people write "not given".
 * @throws TidegateError `bad-input`, naming the input, what it got, what it expected and what to do. Secrets are not quoted.
 */
export function parseInputs<const A extends ActionSpec>(
  action: A,
  source: InputSource | ((name: string) => string),
): Inputs<A> {
  const { read, mask } = typeof source === 'function' ? { read: source, mask: undefined } : source;
  const texts = new Map<string, string>();
  for (const [name, spec] of Object.entries(action.inputs)) {
    const text = read(name).trim() || defaultOf(spec);
    if (spec.secret && text !== '') mask?.(text);
    texts.set(name, text);
  }
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(action.inputs)) {
    values[name] = parseOne(name, spec, texts.get(name) ?? '');
  }
  return values as Inputs<A>;
}

/** A default that is an expression (`${{ github.token }}`) is evaluated by the runner; outside one there is nothing. */
function defaultOf(spec: InputSpec): string {
  const text = spec.default ?? '';
  return text.includes('${{') ? '' : text.trim();
}

function parseOne(name: string, spec: InputSpec, text: string): unknown {
  if (text === '') {
    if (spec.required || (spec.type === 'choice' && !spec.optional)) throw missing(name, spec);
    return NOT_GIVEN[spec.type]();
  }
  return parseText(text, name, spec);
}

const NOT_GIVEN: Readonly<Record<InputSpec['type'], () => unknown>> = {
  string: () => '',
  boolean: () => false,
  integer: () => undefined,
  duration: () => undefined,
  size: () => undefined,
  list: () => [],
  pairs: () => [],
  choice: () => '',
};

function parseText(text: string, name: string, spec: InputSpec): unknown {
  switch (spec.type) {
    case 'string':
      return text;
    case 'boolean':
      return parseBoolean(text, name, spec);
    case 'integer':
      return parseInteger(text, name, spec);
    case 'duration':
      return parseDuration(text) ?? fail(name, spec, text, ...DURATION);
    case 'size':
      return parseSize(text) ?? fail(name, spec, text, ...SIZE);
    case 'list':
      return parseList(text, spec.commas ?? false);
    case 'pairs':
      return parsePairs(text, name, spec);
    case 'choice': {
      const choice = spec.choices.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
      return choice ?? fail(name, spec, text, oneOf(spec.choices), `Choose ${oneOf(spec.choices)}.`);
    }
  }
}

const DURATION = [
  'a duration of days, hours, minutes or seconds',
  'Write for example 5d, 36h, 90m, 30s or 1d12h.',
] as const;
const SIZE = ['a size in bytes, with a unit where wanted', 'Write for example 64m, 1.5g or 1048576.'] as const;

/** YAML 1.2 core schema (10.3.2), as @actions/core reads booleans. */
function parseBoolean(text: string, name: string, spec: InputSpec): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  return fail(name, spec, text, 'true or false', 'Write true or false, without quotes inside the value.');
}

function parseInteger(text: string, name: string, spec: InputSpec): number {
  const number = Number(text);
  if (/^-?[0-9]+$/.test(text) && Number.isSafeInteger(number)) return number;
  return fail(name, spec, text, 'a whole number', 'Write digits only, for example 1700000000.');
}

function parseList(text: string, commas: boolean): string[] {
  return text
    .split(commas ? /[\r\n,]/ : /[\r\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parsePairs(text: string, name: string, spec: InputSpec): (readonly [string, string])[] {
  return parseList(text, false).map((line) => {
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(0, at)).trim();
    if (key === '') return fail(name, spec, line, 'KEY=VALUE, one a line', 'Put a name and = before each value.');
    return [key, line.slice(at + 1)] as const;
  });
}

function oneOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function missing(name: string, spec: InputSpec): TidegateError {
  const expected = spec.type === 'choice' ? oneOf(spec.choices) : 'a value';
  const meaning = spec.description.replaceAll('`', '').split(/(?<=\.)\s/)[0] ?? '';
  return badInput(name, '', expected, `Set ${name} in the with: block of this step. It is: ${meaning}`);
}

function fail(name: string, spec: InputSpec, text: string, expected: string, next: string): never {
  if (!spec.secret) throw badInput(name, text, expected, next);
  throw new TidegateError('bad-input', `Input ${name}: got a value that is not shown, expected ${expected}.`, { next });
}

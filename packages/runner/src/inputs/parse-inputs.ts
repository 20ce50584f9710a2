import { badInput, counted, parseDuration, TidegateError } from '@tidegate/core';
import { type InputLine, inputLines, inputRecords, UnreadableLine } from './input-lines.ts';
import type { ActionSpec, InputSpec, Inputs } from './schema.ts';

/** The environment that parsing the inputs needs. */
export interface InputSource {
  /** The text of an input with its blanks; '' if it was not set. */
  read(name: string): string;
  /** Called with each secret before anything is parsed, so that no later message can show it. */
  mask?(secret: string): void;
}

/**
 * Every input of an action in the types of its schema. A blank input has its default: in a workflow, `with: {x: ${{
 * inputs.x }}}` is the usual form of "not set".
 * @throws TidegateError `bad-input` with the input, its value, the expected value and the next step. Secrets are not
 * quoted.
 */
export function parseInputs<const A extends ActionSpec>(
  action: A,
  source: InputSource | ((name: string) => string),
): Inputs<A> {
  const { read, mask } = typeof source === 'function' ? { read: source, mask: undefined } : source;
  const texts = new Map<string, string>();
  for (const [name, spec] of Object.entries(action.inputs)) {
    const given = read(name);
    const text = given.trim() === '' ? defaultOf(spec) : trimmed(given, spec);
    if (spec.secret && text !== '') mask?.(text);
    texts.set(name, text);
  }
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(action.inputs)) {
    values[name] = parseOne(name, spec, texts.get(name) ?? '');
  }
  return values as Inputs<A>;
}

/** Blanks at the end of a secret's value are part of it. */
function trimmed(text: string, spec: InputSpec): string {
  return spec.type === 'pairs' && spec.secret ? text : text.trim();
}

/** The runner evaluates a default that is an expression (`${{ github.token }}`); outside a runner it is empty. */
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
  duration: () => undefined,
  list: () => [],
  pairs: () => [],
  records: () => [],
  choice: () => '',
};

function parseText(text: string, name: string, spec: InputSpec): unknown {
  switch (spec.type) {
    case 'string':
      // One action would read both lines as one name, another one as two.
      if (/[\n\r]/.test(text) && !spec.secret && !spec.multiline) {
        fail(name, spec, text, 'one line', 'Write a single value: this input is not a list.');
      }
      return text;
    case 'boolean':
      return parseBoolean(text, name, spec);
    case 'duration':
      return parseDuration(text) ?? fail(name, spec, text, ...DURATION);
    case 'list':
      return parseList(text, spec.commas ?? false);
    case 'pairs':
      return spec.secret ? parseSecretPairs(text, name) : parsePairs(text, name, spec);
    case 'records':
      return parseRecords(text, name, spec.fields);
    case 'choice': {
      const choice = spec.choices.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
      return choice ?? fail(name, spec, text, oneOf(spec.choices), `Choose ${oneOf(spec.choices)}.`);
    }
  }
}

const DURATION = [
  'a duration of days, hours, minutes or seconds',
  'Write a duration such as 5d, 36h, 90m, 30s or 1d12h.',
] as const;

/** YAML 1.2 core schema (10.3.2), as @actions/core reads booleans. */
function parseBoolean(text: string, name: string, spec: InputSpec): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  return fail(name, spec, text, 'true or false', 'Write true or false, without quotes inside the value.');
}

function parseList(text: string, commas: boolean): string[] {
  return text
    .split(commas ? /[\r\n,]/ : /[\r\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parsePairs(text: string, name: string, spec: InputSpec): (readonly [string, string])[] {
  const next = 'Write a name and = before each value, and quote the whole pair if its value has line breaks or quotes.';
  try {
    return inputLines(text).map((line) => {
      const pair = line.text.trim();
      const at = pair.indexOf('=');
      const key = pair.slice(0, Math.max(0, at)).trim();
      // A quote before a name was meant to quote the pair, after a blank.
      if (key === '' || key.startsWith('"')) return fail(name, spec, line.text, 'KEY=VALUE, one per line', next);
      return [key, pair.slice(at + 1)] as const;
    });
  } catch (error) {
    if (!(error instanceof UnreadableLine)) throw error;
    throw unreadable(name, error, `Quote the whole pair and double the quotes inside: ${QUOTED}.`);
  }
}

const QUOTED = '"KEY=say ""hi"""';

/** The syntax of ids in `RUN --mount=type=secret,id=…`; other text is more likely a part of a value. */
const SECRET_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Names and values of secrets. The second line of an unquoted value fails instead of becoming another secret, whose
 * name would be published. The error shows neither half.
 */
function parseSecretPairs(text: string, name: string): (readonly [string, string])[] {
  const next = `Quote a multi-line value together with its ID ("ID=line 1⏎line 2"), or use secret-envs or secret-files.`;
  const refuse = (line: number): TidegateError =>
    new TidegateError(
      'input-secret-unparsable',
      `Input ${name}: line ${line} is not ID=VALUE with an ID of letters, digits, dots, dashes and underscores. Its content is not shown.`,
      { next },
    );
  try {
    return inputLines(text).map((line) => {
      const at = line.text.indexOf('=');
      const [id, value] = [line.text.slice(0, Math.max(0, at)), line.text.slice(at + 1)];
      if (!SECRET_NAME.test(id) || isPadding(line, value)) throw refuse(line.line);
      return [id, value] as const;
    });
  } catch (error) {
    if (error instanceof UnreadableLine) throw unreadable(name, error, next);
    throw error;
  }
}

/** `c2VjcmV0LXRva2Vu==` is the end of a base64 text. */
function isPadding({ quoted }: InputLine, value: string): boolean {
  return !quoted && /^=+\s*$/.test(value);
}

function parseRecords(text: string, name: string, fields: readonly string[]): readonly (readonly string[])[] {
  const written = fields.join(',');
  const next = `Write ${written} on each line; put a field with commas or quotes between double quotes.`;
  try {
    return inputRecords(text).map((record) => {
      if (record.fields.length === fields.length) return record.fields;
      const message = `Input ${name}: line ${record.line} has ${counted(record.fields.length, 'field')} instead of ${fields.length} (${written}). Its content is not shown.`;
      throw new TidegateError('input-secret-unparsable', message, { next });
    });
  } catch (error) {
    if (error instanceof UnreadableLine) throw unreadable(name, error, next);
    throw error;
  }
}

function unreadable(name: string, { line, message }: UnreadableLine, next: string): TidegateError {
  const where = line === undefined ? '' : `: line ${line}`;
  return new TidegateError('input-lines-unparsable', `Input ${name}${where} cannot be parsed, because ${message}.`, {
    next,
  });
}

function oneOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function missing(name: string, spec: InputSpec): TidegateError {
  const expected = spec.type === 'choice' ? oneOf(spec.choices) : 'a value';
  const meaning = spec.description.replaceAll('`', '').split(/(?<=\.)\s/)[0] ?? '';
  return badInput(
    'input-missing',
    name,
    '',
    expected,
    `Set ${name} in the with: block of this step. Description: ${meaning}`,
  );
}

function fail(name: string, spec: InputSpec, text: string, expected: string, next: string): never {
  const id = spec.type === 'choice' ? 'input-value-not-allowed' : 'input-format-wrong';
  if (!spec.secret) throw badInput(id, name, text, expected, next);
  throw new TidegateError(id, `Input ${name}: got a value that is not shown, expected ${expected}.`, {
    next,
  });
}

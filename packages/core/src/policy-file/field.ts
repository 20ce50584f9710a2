import { defined } from '../defined.ts';
import type { Reading } from './problem.ts';
import { nearest } from './suggest.ts';
import type { Tree } from './tree.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * One field of a policy file: how it is read, which of two values is stricter, and its JSON schema for editors. All
 * come from this one definition.
 */
export interface Field<T> {
  readonly description: string;
  readonly schema: JsonSchema;
  /** @returns undefined after it has reported the error to `reading`. */
  read(tree: Tree, key: string, reading: Reading): T | undefined;
  /** A value as a policy file has it, which `read` reads as the same value. */
  write(value: T): unknown;
  /** The value that satisfies both policies. */
  stricter(a: T, b: T): T;
}

export type ValueOf<F> = F extends Field<infer T> ? T : never;

type Choose<T> = (a: T, b: T) => T;
export const least: Choose<number> = (a, b) => Math.min(a, b);
const union = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...new Set([...a, ...b])];

/** A scalar converted by `parse`, which returns undefined or throws for an invalid text. */
export function scalar<T>(
  description: string,
  expected: string,
  schema: JsonSchema,
  stricter: Choose<T>,
  parse: (text: string, value: unknown) => T | undefined,
  candidates: readonly string[] = [],
  write: (value: T) => unknown = (value) => value,
): Field<T> {
  return {
    write,
    description,
    schema: { ...schema, description },
    stricter,
    read(tree, key, reading) {
      if (tree.kind !== 'scalar' || tree.value === null) return reading.wrong(tree, key, expected);
      let why = '';
      let parsed: T | undefined;
      try {
        parsed = parse(tree.text, tree.value);
      } catch (error) {
        why = error instanceof Error && 'next' in error ? String(error.next) : '';
      }
      if (parsed !== undefined) return parsed;
      const meant = reading.isTold ? nearest(tree.text, candidates) : undefined;
      return reading.wrong(tree, key, expected, meant ? `Did you mean ${meant}?` : why);
    },
  };
}

/** One of a few words, strictest first. */
export function choice<const W extends string>(description: string, words: readonly W[]): Field<W> {
  return scalar<W>(
    description,
    listed(words),
    { enum: words },
    (a, b) => (words.indexOf(a) <= words.indexOf(b) ? a : b),
    (_, value) => words.find((word) => word === value),
    words,
  );
}

/** @param strict the stricter of the two values */
export function flag(description: string, strict: boolean): Field<boolean> {
  return scalar<boolean>(
    description,
    'true or false',
    { type: 'boolean' },
    (a, b) => (a === strict || b === strict ? strict : a),
    (_, value) => (typeof value === 'boolean' ? value : undefined),
    ['true', 'false'],
  );
}

/** A list in which each item is read by `item`. */
export function list<T>(
  description: string,
  item: Field<T>,
  stricter: Choose<readonly T[]> = union,
  options: { readonly most?: number } = {},
): Field<readonly T[]> {
  const { most = 1000 } = options;
  return {
    description,
    schema: { type: 'array', items: item.schema, maxItems: most, description },
    stricter,
    write: (items) => items.map((each) => item.write(each)),
    read(tree, key, reading) {
      if (tree.kind !== 'list') return reading.wrong(tree, key, 'a list');
      if (tree.items.length > most) return reading.wrong(tree, key, `a list of at most ${most}`);
      const before = reading.problems.length;
      const items = tree.items.flatMap((each, at) => {
        const value = item.read(each, `${key}[${at + 1}]`, reading);
        return value === undefined ? [] : [value];
      });
      return reading.problems.length > before ? undefined : items;
    },
  };
}

/** An allow list: if two policies have one, both must allow. */
export function allowList(description: string, item: Field<string>): Field<readonly (readonly string[])[]> {
  const one = list(description, item);
  return {
    description,
    schema: one.schema,
    stricter: (a, b) => [...a, ...b],
    // Several lists come from extended policies. An entry that all of them have is allowed by all of them.
    write: ([first = [], ...more]) => first.filter((entry) => more.every((other) => other.includes(entry))),
    read(tree, key, reading) {
      const items = one.read(tree, key, reading);
      return items && [items];
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a field of any type, to be inferred.
type AnyFields = Readonly<Record<string, Field<any>>>;
export type ObjectOf<F extends AnyFields, R extends keyof F> = { readonly [K in keyof F]?: ValueOf<F[K]> } & {
  readonly [K in R]: ValueOf<F[K]>;
};

/** An object with a field for each key. An unknown key is an error: ignoring it would silently weaken the policy. */
export function object<const F extends AnyFields, R extends keyof F & string = never>(
  description: string,
  fields: F,
  required: readonly R[] = [],
): Field<ObjectOf<F, R>> {
  const names = Object.keys(fields);
  return {
    description,
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(names.map((name) => [name, fields[name]?.schema])),
      ...defined({ required: required.length > 0 ? required : undefined }),
      description,
    },
    write(value) {
      const written = names.flatMap((name) => {
        const one = (value as Record<string, unknown>)[name];
        return one === undefined ? [] : [[name, fields[name]?.write(one)]];
      });
      return Object.fromEntries(written);
    },
    stricter(a, b) {
      const merged = names.flatMap((name) => {
        const [left, right] = [(a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]];
        if (left === undefined && right === undefined) return [];
        const value = left === undefined ? right : right === undefined ? left : fields[name]?.stricter(left, right);
        return [[name, value]];
      });
      return Object.fromEntries(merged);
    },
    read(tree, key, reading) {
      if (tree.kind !== 'map') return reading.wrong(tree, key, `the keys ${listed(names, 'and')}`);
      const values: Record<string, unknown> = {};
      const before = reading.problems.length;
      for (const { key: name, keyAt, value } of tree.entries) {
        const path = key ? `${key}.${name}` : name;
        // Own names only: a policy file may contain a key `constructor`.
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (field) values[name] = field.read(value, path, reading);
        else reading.say(keyAt, path, `unknown key, expected ${listed(names)}.${whereItBelongs(name, names, reading)}`);
      }
      for (const name of required) {
        if (!tree.entries.some((entry) => entry.key === name)) {
          reading.say(tree.at, key ? `${key}.${name}` : name, 'this required key is missing.');
        }
      }
      return reading.problems.length > before ? undefined : (values as ObjectOf<F, R>);
    },
  };
}

function whereItBelongs(name: string, names: readonly string[], { isTold, places }: Reading): string {
  if (!isTold) return '';
  const meant = nearest(name, names);
  if (meant) return ` Did you mean ${meant}?`;
  const place = places.get(name);
  return place === undefined ? '' : ` It belongs ${place ? `under ${place}` : 'at the top'}.`;
}

export function listed(words: readonly string[], last = 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

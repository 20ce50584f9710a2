/** Field types that several keys of a policy share. */

import { TidegateError } from '../error.ts';
import { isDigest } from '../image/digest.ts';
import { PREDICATE_TYPE, predicateTypeProblem } from '../predicate-type.ts';
import { purlPattern } from '../purl/pattern.ts';
import { parseReference } from '../reference/reference.ts';
import { licenseEntry } from '../spdx/license-expression.ts';
import { durationText, parseDuration, parseSize, sizeText } from '../text/quantity.ts';
import { withoutEnd } from '../text/text.ts';
import { type Field, least, scalar } from './field.ts';

/** Longest pattern. Matching one against ten thousand packages must not take noticeable time. */
const LONGEST_PATTERN = 1000;
/** PATH_MAX of Linux. */
const LONGEST_PATH = 4096;

const keep = <T>(first: T): T => first;

const CONTROL = '\\u0000-\\u001f\\u007f-\\u009f';
/** The same check as `isText`, for the schema: at least one character that is not a blank, and no control character. */
const SOMETHING = [{ pattern: '\\S' }, { pattern: `^[^${CONTROL}]*$` }];

function isText(raw: string): boolean {
  return raw.trim() !== '' && !/\p{Cc}/u.test(raw);
}

/** YAML reads 1.10 as a number and true as a boolean: such text must be quoted, and editors report it as well. */
function quoted(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TidegateError('policy-invalid', 'It is not text.', { next: 'Put it in quotes.' });
}

/** Text that is not blank and has no control character. */
export function text(description: string, expected = 'text', pattern?: RegExp): Field<string> {
  return scalar<string>(
    description,
    expected,
    { type: 'string', allOf: [...SOMETHING, ...(pattern ? [{ pattern: pattern.source }] : [])] },
    keep,
    (_, value) => {
      const raw = quoted(value);
      return isText(raw) && (pattern?.test(raw) ?? true) ? raw : undefined;
    },
  );
}

/** The same, or a whole number: users and ports may be either, and people do not quote them. */
export function textOrNumber(description: string, most: number, expected = 'text', pattern?: RegExp): Field<string> {
  const words = text(description, expected, pattern);
  const numbers = whole(description, most);
  return {
    ...words,
    schema: { anyOf: [words.schema, numbers.schema], description },
    read(tree, key, reading) {
      if (tree.kind !== 'scalar' || typeof tree.value !== 'number') return words.read(tree, key, reading);
      const number = numbers.read(tree, key, reading);
      return number === undefined ? undefined : String(number);
    },
  };
}

/** Eight parts of seven digits are twenty million years, and still a safe number of milliseconds. */
const DURATION = /^([0-9]{1,7}[dhms]){1,8}$/;

export function duration(description: string): Field<number> {
  return scalar(
    description,
    'a duration such as 5d, 36h or 1d12h',
    { type: 'string', pattern: DURATION.source },
    least,
    (raw, value) => (typeof value === 'string' && DURATION.test(raw) ? parseDuration(raw) : undefined),
    [],
    durationText,
  );
}

const SIZE = /^[0-9]{1,12}(\.[0-9]{1,6})? ?([kKmMgGtT]?)([iI]?[bB])?$/;

export function size(description: string): Field<number> {
  return scalar(
    description,
    'a size such as 64m, 1.5g or 1048576',
    { type: ['string', 'integer'], pattern: SIZE.source, minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    least,
    (raw, value) => {
      if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
      // A size beyond the largest safe integer is the same as no limit.
      return typeof value === 'string' && SIZE.test(raw) ? (parseSize(raw) ?? Number.MAX_SAFE_INTEGER) : undefined;
    },
    [],
    sizeText,
  );
}

export function whole(description: string, most: number): Field<number> {
  return scalar<number>(
    description,
    `a whole number from 0 to ${most}`,
    { type: 'integer', minimum: 0, maximum: most },
    least,
    (_, value) =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most ? (value as number) : undefined,
  );
}

export function number(description: string, most: number): Field<number> {
  return scalar<number>(
    description,
    `a number from 0 to ${most}`,
    { type: 'number', minimum: 0, maximum: most },
    least,
    (_, value) => (typeof value === 'number' && value >= 0 && value <= most ? value : undefined),
  );
}

/** A day; the value is valid until its end (UTC). */
export function day(description: string): Field<Date> {
  return scalar<Date>(
    description,
    'a day as YYYY-MM-DD, quoted or not',
    { type: 'string', format: 'date', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    keep,
    (raw, value) => {
      if (typeof value !== 'string') return undefined;
      const date = /^\d{4}-\d\d-\d\d$/.test(raw) ? new Date(`${raw}T00:00:00Z`) : undefined;
      // `Date` reads 2026-02-30 as a day in March.
      if (date === undefined || !Number.isFinite(date.getTime()) || !date.toISOString().startsWith(raw))
        return undefined;
      return new Date(date.getTime() + 86_400_000);
    },
    [],
    (end) => new Date(end.getTime() - 86_400_000).toISOString().slice(0, 10),
  );
}

/** Checks that no pattern can express, as formats of the schema. An editor that does not know a format skips it. */
export const POLICY_FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'package-url-pattern': (raw) => holds(() => purlPattern(raw)),
  'spdx-license': (raw) => holds(() => licenseEntry(raw)),
  'predicate-type': (raw) => predicateTypeProblem(raw) === undefined,
  'oci-digest-reference': (raw) => holds(() => parseReference(raw)) && isDigest(parseReference(raw).digest),
};

function holds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof TidegateError) return false;
    throw error;
  }
}

export function packagePattern(description: string): Field<string> {
  const pattern = `^[pP][kK][gG]:/*[a-zA-Z*][a-zA-Z0-9.+*-]*/[^\\s?#[\\]{}()!\\\\${CONTROL}]+$`;
  return scalar<string>(
    description,
    'a package URL, with * as a wildcard',
    { type: 'string', pattern, maxLength: LONGEST_PATTERN, format: 'package-url-pattern' },
    keep,
    (_, value) => {
      const raw = quoted(value);
      purlPattern(raw);
      return raw;
    },
  );
}

export function license(description: string): Field<string> {
  return scalar<string>(
    description,
    'an SPDX licence',
    { type: 'string', pattern: '\\S', maxLength: LONGEST_PATTERN, format: 'spdx-license' },
    keep,
    (_, value) => {
      const raw = quoted(value);
      if (raw.length > LONGEST_PATTERN) return undefined;
      licenseEntry(raw);
      return raw;
    },
  );
}

/** The base URL of a server of vulnerability databases. */
export function serverUrl(description: string): Field<string> {
  return scalar<string>(
    description,
    'an http or https URL without user, query and fragment, such as https://mirror.example.com/grype',
    { type: 'string', pattern: SERVER.source },
    keep,
    (_, value) => serverOf(quoted(value)),
  );
}

const SERVER = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\/[A-Za-z0-9._~%/-]*)?$/;

/** Normalized as in evidence: lower-case host, no default port, no trailing slash. */
function serverOf(text: string): string | undefined {
  const [, scheme, host, port = '', path = ''] = SERVER.exec(text) ?? [];
  if (!scheme || !host) return undefined;
  const shownPort = port === (scheme === 'https' ? ':443' : ':80') ? '' : port;
  return `${scheme}://${host.toLowerCase()}${shownPort}${withoutEnd(path, '/')}`;
}

/** A first part with a dot, a port or a star is a host. It is required, so `library/debian` without one is an error. */
const REPOSITORY = /^(localhost(:[0-9]{1,5})?|(?=[a-z0-9-]*[.:*])[a-z0-9.*-]+(:[0-9]{1,5})?)(\/[a-z0-9._*-]+)+$/;

/** `ghcr.io/acme/*`. */
export function repositoryPattern(description: string): Field<string> {
  return scalar<string>(
    description,
    'a repository with its registry, such as docker.io/library/debian or ghcr.io/acme/*, without tag and digest',
    { type: 'string', pattern: REPOSITORY.source, maxLength: LONGEST_PATTERN },
    keep,
    (_, value) => {
      const raw = quoted(value);
      return raw.length <= LONGEST_PATTERN && REPOSITORY.test(raw) ? raw : undefined;
    },
  );
}

const PART = `(?!\\.{1,2}(?:/|$))[^/\\\\${CONTROL}]+`;
const PATH = new RegExp(`^(?![A-Za-z]:)${PART}(?:/${PART})*$`);

/** A path within the repository: not absolute, no `..`. */
export function path(description: string): Field<string> {
  return scalar<string>(
    description,
    'a relative path in the repository, with / and without ..',
    { type: 'string', pattern: PATH.source, maxLength: LONGEST_PATH },
    keep,
    (_, value) => {
      const raw = quoted(value);
      return lengthOf(raw) <= LONGEST_PATH && PATH.test(raw) ? raw : undefined;
    },
  );
}

/** A path in the image. In a pattern, `*` matches within a part and `**` across parts. */
export function imagePath(description: string): Field<string> {
  const absolute = /^\/\S*$/;
  return scalar<string>(
    description,
    'an absolute path',
    { type: 'string', allOf: [...SOMETHING, { pattern: absolute.source }], maxLength: LONGEST_PATH },
    keep,
    (_, value) => {
      const raw = quoted(value);
      return lengthOf(raw) <= LONGEST_PATH && isText(raw) && absolute.test(raw) ? raw : undefined;
    },
  );
}

/** Length in code points, as JSON Schema counts. */
function lengthOf(raw: string): number {
  return raw.length > LONGEST_PATH * 2 ? raw.length : [...raw].length;
}

export function ociDigestReference(description: string): Field<string> {
  return scalar<string>(
    description,
    'a reference pinned by digest, registry/repository@sha256:…',
    {
      type: 'string',
      pattern: '^\\S+@sha256:[0-9a-f]{64}$',
      maxLength: LONGEST_PATTERN,
      format: 'oci-digest-reference',
    },
    keep,
    (_, value) => {
      const raw = quoted(value);
      if (raw.length > LONGEST_PATTERN || /\s/.test(raw)) return undefined;
      return isDigest(parseReference(raw).digest) ? raw : undefined;
    },
  );
}

/** A type that Tidegate does not write itself: the words of `require` are for those. */
export function predicateType(description: string): Field<string> {
  return scalar<string>(
    description,
    'an absolute URI that is not a type of Tidegate, such as https://example.com/review/v1',
    { type: 'string', pattern: PREDICATE_TYPE.source, format: 'predicate-type' },
    keep,
    (_, value) => {
      const raw = quoted(value);
      const problem = predicateTypeProblem(raw);
      if (problem === undefined) return raw;
      throw new TidegateError('policy-invalid', 'It is not a predicate type.', { next: `Write ${problem}.` });
    },
  );
}

/** Fields for the words that several keys of a policy share. */
import { isDigest } from '../digest.ts';
import { licenseEntry } from '../license-expression.ts';
import { purlPattern } from '../purl-pattern.ts';
import { parseDuration, parseSize } from '../quantity.ts';
import { parseReference } from '../reference.ts';
import { type Field, least, scalar } from './field.ts';

const keep = <T>(first: T): T => first;

/** Text of at least one character, none of them a control character. */
export function text(description: string, expected = 'text', pattern?: RegExp): Field<string> {
  return scalar<string>(
    description,
    expected,
    { type: 'string', minLength: 1, ...(pattern ? { pattern: pattern.source } : {}) },
    keep,
    (raw) => (raw.trim() !== '' && !/\p{Cc}/u.test(raw) && (pattern?.test(raw) ?? true) ? raw : undefined),
  );
}

export function duration(description: string): Field<number> {
  const pattern = '^([0-9]+[dhms])+$';
  return scalar(description, 'a duration such as 5d, 36h or 1d12h', { type: 'string', pattern }, least, parseDuration);
}

export function size(description: string): Field<number> {
  const pattern = '^[0-9]+(\\.[0-9]+)? ?([kKmMgGtT]?)([iI]?[bB])?$';
  return scalar(
    description,
    'a size such as 64m, 1.5g or 1048576',
    { type: ['string', 'integer'], pattern },
    least,
    parseSize,
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

/** A day, up to whose end (UTC) something holds. */
export function day(description: string): Field<Date> {
  return scalar<Date>(
    description,
    'a day as YYYY-MM-DD, quoted or not',
    { type: 'string', format: 'date', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    keep,
    (raw) => {
      const date = /^\d{4}-\d\d-\d\d$/.test(raw) ? new Date(`${raw}T00:00:00Z`) : undefined;
      // 2026-02-30 is read as a day of March.
      if (date === undefined || !Number.isFinite(date.getTime()) || !date.toISOString().startsWith(raw))
        return undefined;
      return new Date(date.getTime() + 86_400_000);
    },
  );
}

export function packagePattern(description: string): Field<string> {
  return scalar<string>(
    description,
    'a package URL, with * where any part is meant',
    { type: 'string', pattern: '^pkg:[A-Za-z0-9.+*-]+/.+' },
    keep,
    (raw) => {
      purlPattern(raw);
      return raw;
    },
  );
}

export function license(description: string): Field<string> {
  return scalar<string>(description, 'an SPDX licence', { type: 'string', minLength: 1 }, keep, (raw) => {
    licenseEntry(raw);
    return raw;
  });
}

/** The base URL of a server of vulnerability databases. */
export function serverUrl(description: string): Field<string> {
  return scalar<string>(
    description,
    'an http or https URL without user, query and fragment, such as https://mirror.example.com/grype',
    { type: 'string', pattern: SERVER.source },
    keep,
    serverOf,
  );
}

const SERVER = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\/[A-Za-z0-9._~%/-]*)?$/;

/** In the one form that evidence names a server in: lower-case host, no default port, no slash at its end. */
export function serverOf(text: string): string | undefined {
  const [, scheme, host, port = '', path = ''] = SERVER.exec(text) ?? [];
  if (!scheme || !host) return undefined;
  const shownPort = port === (scheme === 'https' ? ':443' : ':80') ? '' : port;
  return `${scheme}://${host.toLowerCase()}${shownPort}${path.replace(/\/+$/, '')}`;
}

/** `ghcr.io/acme/*`. The registry is written out, so that nobody wonders whose `library/debian` is meant. */
export function repositoryPattern(description: string): Field<string> {
  const pattern = /^[a-z0-9.*-]+(:[0-9]+)?(\/[a-z0-9._*-]+)+$/;
  return scalar<string>(
    description,
    'a repository with its registry, such as docker.io/library/debian or ghcr.io/acme/*, without tag and digest',
    { type: 'string', pattern: pattern.source },
    keep,
    (raw) => {
      const [host = ''] = raw.split('/');
      return pattern.test(raw) && (/[.:*]/.test(host) || host === 'localhost') ? raw : undefined;
    },
  );
}

/** A path within the repository: not absolute, not out of it. */
export function path(description: string): Field<string> {
  return scalar<string>(
    description,
    'a path within the repository, with / and without ..',
    { type: 'string', minLength: 1 },
    keep,
    (raw) => {
      const parts = raw.split('/');
      const clean = parts.every((part) => part !== '' && part !== '..' && part !== '.') && !/[\\\p{Cc}]/u.test(raw);
      return clean && !/^[A-Za-z]:/.test(raw) ? raw : undefined;
    },
  );
}

export function ociDigestReference(description: string): Field<string> {
  return scalar<string>(
    description,
    'a reference pinned by digest, registry/repository@sha256:…',
    { type: 'string', pattern: '@sha256:[0-9a-f]{64}$' },
    keep,
    (raw) => (isDigest(parseReference(raw).digest) ? raw : undefined),
  );
}

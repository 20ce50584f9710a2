import { escapeRegExp } from '../../admission/identity.ts';
import { DAYS, LOCAL_FORMATS, MONTHS, TOKEN } from './dates.ts';
import type { Expression, Template } from './template.ts';

/** Of literal text: the source of an expression for it. */
type Literal = (text: string) => string;

/**
 * Sources of regular expressions for every tag that the parts can give, in any run. Where that is not certain, for more.
 * Without nested repetitions.
 */
export function printable(parts: Template['parts'], shortSha: number): readonly string[] {
  const sourceOf = (literal: Literal) =>
    parts
      .map((part) => (typeof part === 'string' ? literal(part) : expressionSource(part, shortSha, literal)))
      .join('');
  return [sourceOf(literalSource), `${sourceOf(hashedSource)}-[0-9a-f]{12}`];
}

/** A tag has `_` for `+`: see tagOfText. */
export function literalSource(text: string): string {
  return escapeRegExp(text).replaceAll('\\+', '[+_]');
}

/** See tagOfName: text that is not a tag, or that ends like a hash, gets a hash behind it. */
function hashedSource(text: string): string {
  return literalSource(text.replaceAll(/[^A-Za-z0-9._+-]+/g, '-'));
}

const NUMBER = '[0-9]+';
const SEMVER = `[v=]*${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:[-+_][0-9A-Za-z._+-]*)?`;
const PEP440 = `v?(?:${NUMBER}[!-])?${NUMBER}(?:\\.[0-9]+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|post|rev|r|dev)[-_.]?[0-9]*){0,3}(?:-${NUMBER})?(?:[+_][0-9A-Za-z._-]+)?`;

function expressionSource({ name, args: [format = ''] }: Expression, shortSha: number, literal: Literal): string {
  switch (name) {
    case 'major':
    case 'minor':
    case 'patch':
    case 'number':
      return NUMBER;
    case 'version':
    case 'raw':
      return `(?:${SEMVER}|${PEP440})`;
    case 'sha':
      return `[0-9a-f]{${shortSha},64}`;
    case 'is_default_branch':
    case 'is_not_default_branch':
      return '(?:true|false)';
    case 'date':
    case 'commit_date':
      return dateSource(format, literal);
    default:
      return '.+';
  }
}

/** See formatDate. */
function dateSource(format: string, literal: Literal): string {
  let source = '';
  let at = 0;
  for (const { 0: token, index } of format.matchAll(TOKEN)) {
    source += literal(format.slice(at, index)) + tokenSource(token, literal);
    at = index + token.length;
  }
  return source + literal(format.slice(at));
}

function tokenSource(token: string, literal: Literal): string {
  if (token.startsWith('[')) return literal(token.slice(1, -1));
  const local = LOCAL_FORMATS[token];
  if (local !== undefined) return dateSource(local, literal);
  if (token.endsWith('o')) return '[0-9]{1,3}(?:st|nd|rd|th)';
  if (token === 'MMMM') return `(?:${MONTHS.join('|')})`;
  if (token === 'MMM') return `(?:${MONTHS.map((month) => month.slice(0, 3)).join('|')})`;
  if (/^d{2,4}$/.test(token)) {
    return `(?:${DAYS.map((day) => day.slice(0, token === 'dd' ? 2 : token === 'ddd' ? 3 : undefined)).join('|')})`;
  }
  if (/^a$/i.test(token)) return '[ap]m';
  if (token === 'YYYYYY') return '[+_][0-9]{6}';
  // +02:00, UTC, GMT+2
  if (/^z/i.test(token)) return '[A-Za-z]{0,5}[+_-]?[0-9:]*';
  if (/^[Xx]$/.test(token)) return NUMBER;
  // Most fields have as many digits as their token; `Y` and `DDD` are not padded.
  const digits = token.length === 1 || token === 'DDD' ? '1,6' : `${token.length}`;
  return `[0-9]{${digits}}`;
}

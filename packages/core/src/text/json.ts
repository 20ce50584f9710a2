import { TidegateError } from '../error.ts';
import { quoted } from './wording.ts';

/** More than any manifest or image configuration has, but few enough for memory. */
const USUAL: JsonLimits = { depth: 64, values: 200_000 };
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export interface JsonLimits {
  /** Maximum nesting of objects and lists: code that walks the value later does not overflow the stack. */
  readonly depth: number;
  /** Maximum in one document. A small document needs no such limit, and one with its own limit in bytes may omit it. */
  readonly values: number;
}

/** A value of JSON; undefined for a text that is not JSON. For content that proves nothing: see parseStrictJson. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object, but no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Strict JSON (RFC 8259): valid UTF-8, no byte order mark, no duplicate name in an object, and by default at most 64
 * levels and 200,000 values. Two readers of `{"digest": A, "digest": B}` may take different digests, so content that
 * was verified becomes other content when it is used.
 * @throws TidegateError `integrity`, naming `where`.
 */
export function parseStrictJson(bytes: Uint8Array, where: string, limits: JsonLimits = USUAL): unknown {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw notJson(where, cause);
  }
  // Before the parser: four megabytes of `[` or of `{},` become hundreds of megabytes of objects. A value takes at
  // least one character, so a short text cannot have too many.
  if (text.length > Math.min(limits.values, USUAL.values)) refuseBulk(text, where, limits);
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notJson(where, cause);
  }
  refuseDepthAndTwins(text, where, limits.depth);
  return value;
}

/** `text` may be anything: only its parsed size matters. */
function refuseBulk(text: string, where: string, limits: JsonLimits): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        values += 1;
        if (depth > limits.depth) throw tooDeep(where, limits.depth);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
    }
    if (values > limits.values) throw refused(where, `more than ${limits.values} values`);
  }
}

/** `text` is known to be well-formed: only strings, braces, brackets and commas must be distinguished. */
function refuseDepthAndTwins(text: string, where: string, most: number): void {
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let nameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (nameNext && names) {
          const raw = text.slice(at + 1, end);
          const name: string = raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw;
          if (names.has(name)) throw refused(where, `the name ${shown(name)} appears twice in one object`);
          names.add(name);
          nameNext = false;
        }
        at = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (open.push(names) > most) throw tooDeep(where, most);
        names = text.charCodeAt(at) === OPEN_BRACE ? new Set() : undefined;
        nameNext = names !== undefined;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        names = open.pop();
        nameNext = false;
        break;
      case COMMA:
        nameNext = names !== undefined;
        break;
    }
  }
}

/** Index of the closing quote, or the end of the text if there is none: the parser reports that error. */
function endOfString(text: string, start: number): number {
  let at = start;
  do {
    at = text.indexOf('"', at + 1);
  } while (at > 0 && isEscaped(text, at));
  return at < 0 ? text.length : at;
}

/** Whether an odd number of backslashes precedes it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function shown(name: string): string {
  return quoted(name);
}

function tooDeep(where: string, most: number): TidegateError {
  return refused(where, `nested deeper than ${most} levels`);
}

function notJson(where: string, cause: unknown): TidegateError {
  return refused(where, 'this is not JSON in UTF-8', cause);
}

function refused(where: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('json-invalid', `${where}: ${why}.`, {
    next: 'Fix the program that wrote it: other programs may read it differently.',
    cause,
  });
}

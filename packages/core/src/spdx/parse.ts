import { EXCEPTIONS, LICENSES } from './ids.ts';

/** One licence of an expression. */
export interface License {
  /** As spelled in the SPDX list, without `-only`, `-or-later` and `+`; a `LicenseRef-` as written. */
  readonly id: string;
  /** `GPL-2.0-or-later`, `Apache-1.1+`: this version or any later one. */
  readonly orLater: boolean;
  /** After WITH: an exception of the SPDX list, or an `AdditionRef-`. */
  readonly exception?: string | undefined;
}

export type LicenseExpression =
  | { readonly kind: 'license'; readonly license: License }
  /** OR: the user chooses one. */
  | { readonly kind: 'any'; readonly of: readonly LicenseExpression[] }
  /** AND: all of them apply. */
  | { readonly kind: 'all'; readonly of: readonly LicenseExpression[] };

const LONGEST = 64 * 1024;
const DEEPEST = 100;

const bySpelling = (ids: readonly string[]) => new Map(ids.map((id) => [id.toLowerCase(), id]));
const LICENSE_OF = bySpelling(LICENSES);
const EXCEPTION_OF = bySpelling(EXCEPTIONS);

/**
 * An SPDX licence expression (SPDX 3.0.1, Annex B): identifiers and operators in any case, including additions.
 * Implemented here because spdx-expression-parse accepts identifiers in one case only and no `AdditionRef-`, and takes
 * quadratic time on a text that comes from a package.
 * @returns undefined for any other text.
 */
export function parseLicenseExpression(text: string): LicenseExpression | undefined {
  if (text.length > LONGEST) return undefined;
  const tokens = text.match(/[A-Za-z0-9.:+-]+|\S/g) ?? [];
  const reader = { tokens, at: 0, depth: 0 };
  const expression = readAny(reader);
  return reader.at === tokens.length ? expression : undefined;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  depth: number;
}

function takes(reader: Reader, word: string): boolean {
  if (reader.tokens[reader.at]?.toUpperCase() !== word) return false;
  reader.at += 1;
  return true;
}

function readAny(reader: Reader): LicenseExpression | undefined {
  return readJoined(reader, 'OR', 'any', (inner) => readJoined(inner, 'AND', 'all', readTerm));
}

function readJoined(
  reader: Reader,
  operator: string,
  kind: 'any' | 'all',
  readPart: (reader: Reader) => LicenseExpression | undefined,
): LicenseExpression | undefined {
  const of: LicenseExpression[] = [];
  do {
    const part = readPart(reader);
    if (!part) return undefined;
    of.push(part);
  } while (takes(reader, operator));
  const [only, ...more] = of;
  return only && more.length === 0 ? only : { kind, of };
}

function readTerm(reader: Reader): LicenseExpression | undefined {
  if (takes(reader, '(')) {
    reader.depth += 1;
    const inner = reader.depth > DEEPEST ? undefined : readAny(reader);
    reader.depth -= 1;
    return inner && takes(reader, ')') ? inner : undefined;
  }
  const word = reader.tokens[reader.at];
  const license = word === undefined ? undefined : licenseOf(word);
  if (!license) return undefined;
  reader.at += 1;
  if (!takes(reader, 'WITH')) return { kind: 'license', license };
  const addition = reader.tokens[reader.at] ?? '';
  const exception = EXCEPTION_OF.get(addition.toLowerCase()) ?? referenceOf(addition, 'Addition');
  reader.at += 1;
  // The old identifiers that include an exception accept no other.
  return exception && license.exception === undefined
    ? { kind: 'license', license: { ...license, exception } }
    : undefined;
}

function licenseOf(word: string): License | undefined {
  const reference = referenceOf(word, 'License');
  if (reference) return { id: reference, orLater: false };
  const plus = word.endsWith('+');
  const id = LICENSE_OF.get((plus ? word.slice(0, -1) : word).toLowerCase());
  if (id === undefined) return undefined;
  const suffix = /-(only|or-later)$/.exec(id)?.[1];
  if (plus && suffix) return undefined;
  const bare = suffix === undefined ? id : id.slice(0, -suffix.length - 1);
  return { ...withoutException(bare), orLater: plus || suffix === 'or-later' };
}

/** `GPL-2.0-with-classpath-exception` is the old name of `GPL-2.0-only WITH Classpath-exception-2.0`. */
function withoutException(id: string): Pick<License, 'id' | 'exception'> {
  const lower = id.toLowerCase();
  const at = lower.endsWith('-exception') ? lower.lastIndexOf('-with-', lower.length - '-with-x-exception'.length) : 0;
  if (at <= 0) return { id };
  const [license, addition] = [id.slice(0, at), id.slice(at + '-with-'.length)];
  const named = EXCEPTIONS.filter((one) => one.toLowerCase().startsWith(`${addition.toLowerCase()}-`));
  const [major] = /-\d+\./.exec(license) ?? [];
  const exception = named.find((one) => major !== undefined && one.includes(major)) ?? named[0];
  return exception ? { id: license, exception } : { id };
}

function referenceOf(word: string, kind: 'License' | 'Addition'): string | undefined {
  return new RegExp(`^(DocumentRef-[A-Za-z0-9.-]+:)?${kind}Ref-[A-Za-z0-9.-]+$`, 'i').test(word) ? word : undefined;
}

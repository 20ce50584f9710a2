/** Readers shared by both VEX formats. */

import { hasKind, TidegateError } from '../error.ts';
import { readPurl } from '../purl/purl.ts';
import { isRecord } from '../text/json.ts';
import { readInstant } from '../text/time.ts';
import { quoted } from '../text/wording.ts';
import type { UnusableStatement, VexDocument, VexProduct, VexStatement } from './statement.ts';

/**
 * Reads each statement separately: a vendor's document has hundreds, and incomplete ones are reported.
 * @param read undefined for an entry that states nothing
 */
export function usableStatements(
  entries: readonly unknown[],
  where: string,
  name: string,
  read: (entry: unknown, at: string) => VexStatement | undefined,
): VexDocument {
  const statements: VexStatement[] = [];
  const unusable: UnusableStatement[] = [];
  let first: unknown;
  for (const [index, entry] of entries.entries()) {
    const from = `${where}, ${name} ${index + 1}`;
    try {
      const statement = read(entry, from);
      if (statement) statements.push(statement);
    } catch (error) {
      if (!hasKind(error, 'bad-input')) throw error;
      first ??= error;
      unusable.push({ from, why: error.message });
    }
  }
  if (statements.length === 0 && first !== undefined) throw first;
  return { statements, unusable };
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, where: string, what: string): Fields {
  if (isRecord(value)) return value as Fields;
  throw vexError(where, `${what} is not an object`);
}

/** A list; empty if absent. */
export function listOf(value: unknown, where: string, what: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw vexError(where, `${what} is not a list`);
}

export function textOf(value: unknown, where: string, what: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw vexError(where, value === undefined ? `${what} is missing` : `${what} is not text`);
}

export function instantOf(value: unknown, where: string, what: string): Date {
  const date = readInstant(textOf(value, where, what));
  if (date) return date;
  throw vexError(where, `${what} is not an RFC 3339 time`);
}

export function wordOf<W extends string>(value: unknown, words: readonly W[], where: string, what: string): W {
  const text = textOf(value, where, what);
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw vexError(where, `${what} is ${quoted(text)}, expected ${words.join(', ')}`);
}

const DIGEST = /^(?:sha256:)?([0-9a-f]{64})$/;
/** Types of package URLs that name an image (purl-spec, "oci" and "docker"). */
const IMAGE_TYPES = new Set(['oci', 'docker']);

/** The identifiers of a product: its package URL, and the sha256 of an image. */
export function productOf(purlText: string | undefined, sha256: string | undefined, name: string): VexProduct {
  const purl = purlText === undefined ? undefined : readPurl(purlText);
  const isImage = purl === undefined || IMAGE_TYPES.has(purl.type);
  const image = isImage ? (hexOfDigest(sha256) ?? hexOfDigest(purl?.version)) : undefined;
  if (image !== undefined) return { image, name };
  return isImage || purl === undefined ? { name } : { package: purl, name };
}

export function hexOfDigest(text: string | undefined): string | undefined {
  return DIGEST.exec(text?.toLowerCase() ?? '')?.[1];
}

export function vexError(where: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('vex-invalid', `VEX ${where}: ${why}.`, {
    next: 'Correct the document, or remove it from vex in the policy.',
    cause,
  });
}

import { folded } from './lookalikes.ts';
import { isWorkload } from './workloads.ts';

/** `apiVersion`; or letters of it as escapes, in two lines or in base64, which only YAML reads. */
const SPELLED = /apiVersion|\\(?:u00|U000000|x)[4-7]|\\[\r\n]|[!:]binary/;

/** The value of a JSON text; undefined if it is not valid. A byte order mark is accepted, as kubectl does. */
export function jsonIn(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text.replace(/^\ufeff/, '')) };
  } catch {
    return undefined;
  }
}

/**
 * Whether a JSON text is, or may be, objects of the cluster or a patch (RFC 6902): most JSON files of a repository are
 * neither. A text that is not valid JSON may be one for a program that reads it as YAML.
 */
export function isJsonManifest(bytes: Uint8Array): boolean {
  const text = utf8In(bytes);
  const json = text === undefined ? undefined : jsonIn(text);
  // Also as UTF-16, which kubectl reads: the reader refuses it.
  if (!json) return SPELLED.test((text ?? Buffer.from(bytes).toString('latin1')).replaceAll('\0', ''));
  const { value } = json;
  if (!Array.isArray(value)) return isObject(value);
  const isPatch = value.length > 0 && value.every((item) => item?.op !== undefined && item.path !== undefined);
  return isPatch || value.some(isObject);
}

/** Also one whose keys or items are those of an object for some programs only: the reader says so. */
function isObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map(Object.entries(value).map(([key, one]) => [folded(key), one]));
  const kind = fields.get('kind');
  const items = fields.get('items');
  if (kind !== undefined && fields.has('apiversion')) return true;
  if (typeof kind === 'string' && (isWorkload(kind) || Array.isArray(items))) return true;
  return Array.isArray(items) && items.some(isObject);
}

/** @returns undefined for other encodings. A byte order mark stays in the text, as in the file. */
export function utf8In(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

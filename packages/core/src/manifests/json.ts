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
 * Whether a JSON text is, or may be, an object of the cluster or a patch (RFC 6902): most JSON files of a repository are
 * neither. A text that is not valid JSON may be one for a program that reads it as YAML.
 */
export function isJsonManifest(bytes: Uint8Array): boolean {
  const text = utf8In(bytes);
  const json = text === undefined ? undefined : jsonIn(text);
  // Also as UTF-16, which kubectl reads: the reader refuses it.
  if (!json) return SPELLED.test((text ?? Buffer.from(bytes).toString('latin1')).replaceAll('\0', ''));
  const { value } = json;
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => hasKeys(item, ['op', 'path']));
  return hasKeys(value, ['apiVersion', 'kind']);
}

function hasKeys(value: unknown, keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => Object.hasOwn(value, key));
}

/** @returns undefined for other encodings. A byte order mark stays in the text, as in the file. */
export function utf8In(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

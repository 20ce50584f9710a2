import { parse } from 'csv-parse/sync';
import { csvField } from './csv-field.ts';

/** One cache that buildx reads or writes. */
export interface CacheEntry {
  readonly type: string;
  /** Without `type`; keys in lower case, in their written order. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Parse the caches in one `--cache-from` or `--cache-to` as buildx does (util/buildflags/cache.go): `type=…,key=value`,
 * or image references without a type. Quotes around the whole entry are removed first, as docker's actions do before
 * buildx reads it.
 * @throws Error for entries that buildx rejects. The message does not contain the text, which may include a token.
 */
export function parseCacheEntries(text: string): readonly CacheEntry[] {
  const fields = fieldsOf(text);
  const [only = ''] = fields;
  if (fields.length === 1 && text.startsWith('"') && only.includes('=')) return parseCacheEntries(only);
  if (!text.includes('=')) return fields.map((ref) => ({ type: 'registry', attributes: { ref } }));
  const attributes: Record<string, string> = {};
  for (const field of fields) {
    const at = field.indexOf('=');
    if (at < 0) throw new Error('a part of it is not KEY=VALUE');
    attributes[field.slice(0, at).toLowerCase()] = field.slice(at + 1);
  }
  const { type = '', ...rest } = attributes;
  if (type === '') throw new Error('it has no type');
  return [{ type, attributes: rest }];
}

export function formatCacheEntry({ type, attributes }: CacheEntry): string {
  const pairs = Object.entries({ type, ...attributes });
  return pairs.map(([key, value]) => csvField(`${key}=${value}`)).join(',');
}

function fieldsOf(text: string): readonly string[] {
  let records: readonly (readonly string[])[];
  try {
    records = parse(text, { relax_column_count: true }) as string[][];
  } catch {
    throw new Error('its quotes do not match');
  }
  const [fields, ...others] = records;
  if (fields === undefined || others.length > 0) throw new Error('it is not one line');
  return fields;
}

/** Attributes that identify the cache. Any other attribute may be a credential (`secret_access_key`, `token`). */
const WHICH = new Set(['ref', 'scope', 'mode', 'src', 'dest', 'name', 'bucket', 'region', 'prefix', 'tag']);

/** The entry as provenance shows it: for attributes that may be secret, only the key. */
export function shownCacheEntry(text: string): string {
  return parseCacheEntries(text)
    .map(({ type, attributes }) => {
      const { ref, ...others } = attributes;
      if (type === 'registry' && ref !== undefined && Object.keys(others).length === 0) return ref;
      const shown = Object.entries(attributes).map(([key, value]) =>
        WHICH.has(key) ? csvField(`${key}=${value}`) : key,
      );
      return [`type=${type}`, ...shown].join(',');
    })
    .join(',');
}

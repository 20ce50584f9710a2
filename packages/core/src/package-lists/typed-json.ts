/** JSON as Go's encoding/json decodes it into a structure: names in any case, and each field of its type. */
import { isRecord } from '../text/json.ts';
import { folded } from './listed.ts';

type Fits = (value: unknown) => boolean;

/**
 * The fields of an object, by their names in upper case. Undefined for a document that Syft drops: a value other than
 * an object, or a field of another type than in `types`. Also undefined if two fields of one name could differ.
 */
export function typedFields(
  value: unknown,
  types: Readonly<Record<string, Fits>>,
): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(value)) return undefined;
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, each] of Object.entries(value)) {
    const key = folded(name);
    const fits = Object.hasOwn(types, key) ? types[key] : undefined;
    if (!fits) continue;
    if (key in fields || !(each === null || fits(each))) return undefined;
    fields[key] = each;
  }
  return fields;
}

export function isText(value: unknown): boolean {
  return typeof value === 'string';
}

export function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => each === null || isText(each));
}

export function isObjectOfTexts(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((each) => each === null || isText(each));
}

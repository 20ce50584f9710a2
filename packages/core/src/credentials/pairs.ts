import { isSecretName, isSecretValue } from './names.ts';

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** A password that equals the name of the user or the database is a well-known default. */
const COMPANION = /(?:user(?:name)?|database|db)$/i;

/** The variables of one set that have a secret name and a secret value. */
export function secretPairs<P extends NamedValue>(pairs: readonly P[]): readonly P[] {
  const defaults = new Set(pairs.flatMap(({ name, value }) => (COMPANION.test(name) ? [value] : [])));
  return pairs.filter(({ name, value }) => isSecretName(name) && isSecretValue(value) && !defaults.has(value));
}

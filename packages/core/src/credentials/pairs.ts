import { isSecretName, isSecretValue } from './names.ts';

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** A password that is the user's name, or the database's, is a default that everybody knows. */
const COMPANION = /(?:user(?:name)?|database|db)$/i;

/** Of variables that stand together: those whose name says that they hold a secret, and whose value is one. */
export function secretPairs<P extends NamedValue>(pairs: readonly P[]): readonly P[] {
  const defaults = new Set(pairs.flatMap(({ name, value }) => (COMPANION.test(name) ? [value] : [])));
  return pairs.filter(({ name, value }) => isSecretName(name) && isSecretValue(value) && !defaults.has(value));
}

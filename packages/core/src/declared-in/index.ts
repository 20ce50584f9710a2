export type { DeclaredIn } from './declared-in.ts';
export { formatOf } from './formats.ts';
export { type DeclaringFile, declaredPlaces, type FindingWithCause, mayBeDeclared } from './places.ts';

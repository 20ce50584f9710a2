export type { DeclaredIn } from './declared-in.ts';
export { formatOf } from './formats.ts';
export { type DeclaringFile, declaredPlaces, mayBeDeclared } from './places.ts';

export type { DeclaredIn, DeclaringFile } from './declared-in.ts';
export { declaringPaths } from './files.ts';
export { declaredPlaces, type FindingWithCause, mayBeDeclared } from './places.ts';

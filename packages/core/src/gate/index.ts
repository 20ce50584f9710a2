export { repositoryAllowed } from './allowed.ts';
export { baselinesOf, compared, liveFindings, liveKey } from './baseline.ts';
export type { PlatformFacts } from './context.ts';
export { decide, makeVerdict } from './decide.ts';
export { blockingFindings } from './findings.ts';
export { isInGrace } from './fix.ts';
export { findingKey, mergedFinding } from './merge-findings.ts';
export { type SuppressedFinding, suppress } from './suppressed.ts';

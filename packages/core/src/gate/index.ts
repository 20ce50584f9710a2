export { repositoryAllowed } from './allowed.ts';
export { baselinesOf, compared, liveFindings, liveKey } from './baseline.ts';
export { decide, makeVerdict } from './decide.ts';
export { blockingFindings } from './findings.ts';
export { isInGrace } from './fix.ts';
export type { PlatformFacts } from './inquiry.ts';
export { findingKey, mergedFinding } from './merge-findings.ts';
export { type SilencedFinding, silence } from './silenced.ts';

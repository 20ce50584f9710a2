export { repositoryAllowed } from './allowed.ts';
export { baselinesOf, type Compared, compared, liveFindings, liveKey } from './baseline.ts';
export { decide, makeVerdict } from './decide.ts';
export { blockingFindings, worstFirst } from './findings.ts';
export { fixedOnlyIn, fixesInLine, hasFix, isInGrace } from './fix.ts';
export type { PlatformFacts, Surroundings } from './inquiry.ts';
export { findingKey, mergedFinding } from './merge-findings.ts';
export { type SignableStatement, statementsToSign } from './rules/signature-present.ts';
export { type SilencedFinding, silence } from './silenced.ts';

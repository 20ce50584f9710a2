export { decide, makeVerdict } from './decide.ts';
export { blockingFindings, hasFix, worstFirst } from './findings.ts';
export { policyDigest } from './policy-digest.ts';
export { type SignableStatement, statementsToSign } from './rules/signature-present.ts';

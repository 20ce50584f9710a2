export { decide, makeVerdict } from './decide.ts';
export { policyDigest } from './policy-digest.ts';
export { blockingFindings, hasFix, worstFirst } from './severity.ts';
export { type SignableStatement, statementsToSign } from './signature.ts';

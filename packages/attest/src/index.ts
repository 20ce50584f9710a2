export { type Bundle, MAX_BUNDLE_BYTES, makeBundle, parseBundle } from './bundle.ts';
export { canonicalJson } from './canonical-json.ts';
export { IN_TOTO_PAYLOAD, pae } from './dsse.ts';
export { evidenceOf, evidenceOfStatement, syftEvidenceOf } from './evidence.ts';
export { type KeySigner, keySigner } from './key-signer.ts';
export { type ProvenanceOptions, provenanceStatement } from './provenance.ts';
export { type PublicKey, parsePublicKey } from './public-key.ts';
export { bundleReferrer, type Referrer, type ReferrerOptions, statementReferrer, syftReferrer } from './referrer.ts';
export { cyclonedxStatement, readSyft, spdxStatement } from './sbom.ts';
export { type ScanRun, scanEvidenceOf, scanStatement } from './scan.ts';
export { signatureStatement } from './signature.ts';
export * from './signer.ts';
export {
  MAX_STATEMENT_BYTES,
  makeStatement,
  parseStatement,
  type StatementBytes,
  type Subject,
  subjectMatches,
} from './statement.ts';
export { type VerdictOptions, verdictStatement } from './verdict.ts';
export { type Trust, type VerifiedBundle, verifyBundle } from './verify.ts';

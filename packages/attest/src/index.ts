export {
  type Bundle,
  MAX_BUNDLE_BYTES,
  type MadeBundle,
  makeBundle,
  parseBundle,
  signBundle,
} from './bundle/bundle.ts';
export { COSIGN_LAYER, type VerifiedLayer, verifyCosignLayer } from './bundle/cosign-layer.ts';
export { signatureStatement } from './bundle/signature.ts';
export { canAdd, MOST_ADDED, withPackages } from './predicates/added-packages.ts';
export { baselineStatement } from './predicates/baseline.ts';
export { readBuildSteps } from './predicates/build-steps.ts';
export { withoutCredentials } from './predicates/buildkit.ts';
export { certifiedProvenance } from './predicates/certified-provenance.ts';
export { provenChecked, readChecked, verifyChecked } from './predicates/checked.ts';
export { contentsDocument, contentsEvidenceOf, MAX_CONTENTS_BYTES, readContents } from './predicates/contents.ts';
export {
  evidenceOf,
  evidenceOfStatement,
  syftEvidenceOf,
  typedEvidenceOf,
  unsignedEvidenceOf,
} from './predicates/evidence.ts';
export { type FileClaim, fileClaims, withoutClaims } from './predicates/file-claims.ts';
export { MAX_ORIGIN_BYTES, originDocument, readOrigin } from './predicates/origin-document.ts';
export { MAX_OUTPUTS_BYTES, outputsDocument, readOutputs } from './predicates/outputs-document.ts';
export {
  assertPredicateSize,
  MAX_PREDICATE_BYTES,
  type OwnPredicate,
  ownStatement,
  readOwnPredicate,
} from './predicates/own-predicate.ts';
export { type BuildParameters, type ProvenanceOptions, provenanceStatement } from './predicates/provenance.ts';
export { recordedBuild } from './predicates/recorded-build.ts';
export {
  type BuildRunners,
  handedRebuild,
  type RebuildFacts,
  reproducedStatement,
  takenRebuild,
} from './predicates/reproduced.ts';
export { contentDigest } from './predicates/same-content.ts';
export {
  cyclonedxOfImage,
  cyclonedxStatement,
  MAX_SBOM_BYTES,
  MAX_SYFT_BYTES,
  packageLayers,
  readCatalog,
  readSyft,
  spdxOfImage,
  spdxStatement,
} from './predicates/sbom.ts';
export { MAX_REPORT_BYTES, scanEvidenceOf, scanStatement } from './predicates/scan.ts';
export { type ScannableSbom, scannableSbom } from './predicates/scannable-sbom.ts';
export { spdxComponents } from './predicates/spdx-components.ts';
export { type TestResultOptions, testResultStatement } from './predicates/test-result.ts';
export {
  coversVerdict,
  renameInputs,
  sameVerdict,
  type VerdictDatabase,
  type VerdictOptions,
  type VerdictTool,
  verdictStatement,
} from './predicates/verdict.ts';
export { type KeylessSigner, keylessSigner } from './sign/fulcio.ts';
export { assertUsable, type IdentityTokens, SIGSTORE_AUDIENCE } from './sign/identity-token.ts';
export { type KeySigner, keySigner } from './sign/key-signer.ts';
export { rekorWitness } from './sign/rekor.ts';
export type { OutagePolicy, Service } from './sign/service.ts';
export type { Signer, Witness } from './sign/signer.ts';
export { parseSigningConfig, SIGNING_SERVICES, type SigningServices } from './sign/signing-config.ts';
export { timestampWitness } from './sign/timestamp.ts';
export { MAX_SIGNED_BYTES, REFERENCE, readReferences, referenceStatement } from './statement/reference.ts';
export {
  bundleReferrer,
  localReferrer,
  type Referrer,
  statementReferrer,
  syftProgram,
  syftReferrer,
} from './statement/referrer.ts';
export {
  MAX_STATEMENT_BYTES,
  makeStatement,
  parseStatement,
  type StatementBytes,
  type Subject,
  subjectMatches,
} from './statement/statement.ts';
export { type CertificateIdentity, certificateIdentity } from './verify/certificate.ts';
export { publicGoodRoots } from './verify/public-good.ts';
export { type PublicKey, parsePublicKey, verifies } from './verify/public-key.ts';
export { readTrustedRoots, type SigstoreRoots } from './verify/trusted-root.ts';
export {
  aboutSubject,
  isTrustedSigner,
  type Trust,
  type VerifiedBundle,
  type VerifiedSigner,
  verifyBundle,
  verifySignature,
} from './verify/verify.ts';

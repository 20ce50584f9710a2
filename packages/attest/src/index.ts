export { baselineStatement } from './baseline.ts';
export { readBuildSteps } from './build-steps.ts';
export { type Bundle, MAX_BUNDLE_BYTES, type MadeBundle, makeBundle, parseBundle, signBundle } from './bundle.ts';
export { type CertificateIdentity, certificateIdentity } from './certificate.ts';
export { certifiedProvenance } from './certified-provenance.ts';
export { contentsDocument, contentsEvidenceOf, MAX_CONTENTS_BYTES } from './contents.ts';
export { COSIGN_LAYER, verifyCosignLayer } from './cosign-layer.ts';
export { evidenceOf, evidenceOfStatement, syftEvidenceOf } from './evidence.ts';
export { type KeylessSigner, keylessSigner } from './fulcio.ts';
export { assertUsable, type IdentityTokens, SIGSTORE_AUDIENCE } from './identity-token.ts';
export { type KeySigner, keySigner } from './key-signer.ts';
export { MAX_ORIGIN_BYTES, originDocument, readOrigin } from './origin-document.ts';
export { type BuildParameters, type ProvenanceOptions, provenanceStatement } from './provenance.ts';
export { publicGoodRoots } from './public-good.ts';
export { type PublicKey, parsePublicKey, verifies } from './public-key.ts';
export { MAX_SIGNED_BYTES, REFERENCE, readReferences, referenceStatement } from './reference.ts';
export {
  bundleReferrer,
  localReferrer,
  type Referrer,
  statementReferrer,
  syftProgram,
  syftReferrer,
} from './referrer.ts';
export { rekorWitness } from './rekor.ts';
export {
  cyclonedxOfImage,
  cyclonedxStatement,
  MAX_SBOM_BYTES,
  MAX_SYFT_BYTES,
  packageLayers,
  readCatalogue,
  readSyft,
  spdxOfImage,
  spdxStatement,
} from './sbom.ts';
export { MAX_REPORT_BYTES, scanEvidenceOf, scanStatement } from './scan.ts';
export { type ScannableSbom, scannableSbom } from './scannable-sbom.ts';
export type { OutagePolicy, Service } from './service.ts';
export { signatureStatement } from './signature.ts';
export type { Signer, Witness } from './signer.ts';
export { parseSigningConfig, SIGNING_SERVICES, type SigningServices } from './signing-config.ts';
export { spdxComponents } from './spdx-components.ts';
export {
  MAX_STATEMENT_BYTES,
  makeStatement,
  parseStatement,
  type StatementBytes,
  subjectMatches,
} from './statement.ts';
export { timestampWitness } from './timestamp.ts';
export { readTrustedRoots, type SigstoreRoots } from './trusted-root.ts';
export {
  renameInputs,
  type VerdictDatabase,
  type VerdictOptions,
  type VerdictTool,
  verdictStatement,
} from './verdict.ts';
export {
  aboutSubject,
  type Trust,
  type VerifiedBundle,
  type VerifiedSigner,
  verifyBundle,
  verifySignature,
} from './verify.ts';

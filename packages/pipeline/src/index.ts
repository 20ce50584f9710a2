export {
  announceBaseline,
  type Baseline,
  baselinesIn,
  dropBaseline,
  keepBaseline,
  nothing,
  ofEarlierRuns,
  readBaseline,
  underPolicy,
} from './baseline/baseline.ts';
export { baselineDocument, MAX_BASELINE_BYTES, readBaselineDocument } from './baseline/document.ts';
export { liveChanges } from './baseline/live.ts';
export { build } from './build/build.ts';
export { type CacheEntry, formatCacheEntry, parseCacheEntries } from './build/cache-entry.ts';
export { builderForCleanSources, type SourceCheck } from './build/clean-sources.ts';
export { type Builder, useEngine } from './build/engine.ts';
export { joinTargets } from './build/join.ts';
export { undeclaredArgs, usesSecret } from './build/mentions.ts';
export { type BuildOptions, type BuildSecret, type Engine, isGitContext, isGitFolder } from './build/options.ts';
export { type DatabaseOptions, updateDatabase } from './database/database.ts';
export { attachStatement, attachSyft, readEvidence, readStatements, TRUST_NONE, trustsNone } from './evidence/store.ts';
export { type CommittedSources, committedSources } from './lint/committed-sources.ts';
export { assertClean, type LintOptions, type LintReport, lintSource } from './lint/lint-source.ts';
export { assertPassed, beforeSigning, type Judged, judge, namesNoDestination, recordVerdict } from './policy/gate.ts';
export { commitObjects, gitObjects } from './policy/git-objects.ts';
export { loadPolicy } from './policy/load.ts';
export { commitSource, folderSource, type PolicySource } from './policy/source.ts';
export { type PushReport, publish, pushBlobs } from './push/publish.ts';
export { type PushStages, push } from './push/push.ts';
export { assertStillPassed, attachRescan, notAttached, saysMore, tryToAttach } from './rescan/attach.ts';
export { type Rescanned, rescan } from './rescan/rescan.ts';
export { contents, keepContents, lookInto, missingContents, type PlatformContents } from './sbom/contents.ts';
export { catalogue, keepSbom, type PlatformSbom, sbom } from './sbom/sbom.ts';
export { causesOf } from './scan/causes.ts';
export { examine } from './scan/examine.ts';
export { type PlatformScan, scan } from './scan/scan.ts';
export { scanUncatalogued } from './scan/uncatalogued.ts';
export type { Services } from './services.ts';
export { type Destination, type ShipOptions, type ShipProgress, ship } from './ship.ts';
export { cosignSigner, isHeldElsewhere } from './sign/cosign-signer.ts';
export { type SignOptions, sign } from './sign/sign.ts';
export { openTarget, platformDigests, platformLayers, platformSizes, type Target } from './target.ts';
export { signedFacts } from './verify/verify-evidence.ts';
export { type VerifiedImage, verifyImage } from './verify/verify-image.ts';

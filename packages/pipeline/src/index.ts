export { type History, historyAt } from './bake/changed-paths.ts';
export { liveOrigin } from './bake/live-origin.ts';
export { BaseTags } from './bake/moved-base.ts';
export { type BakeFile, printBake } from './bake/print-bake.ts';
export {
  announceBaseline,
  type Baseline,
  nothing,
  ofEarlierRuns,
  ofSameRef,
  readBaseline,
  underPolicy,
} from './baseline/baseline.ts';
export { baselineDocument, MAX_BASELINE_BYTES, readBaselineDocument } from './baseline/document.ts';
export { baselinesIn, dropBaseline, keepBaseline } from './baseline/kept.ts';
export { type ComparedImage, type LiveImage, liveChanges, readBase } from './baseline/live.ts';
export { build } from './build/build.ts';
export type { Builder } from './build/builder.ts';
export { type CacheEntry, formatCacheEntry, parseCacheEntries } from './build/cache-entry.ts';
export { builderForCleanSources, type SourceCheck } from './build/clean-sources.ts';
export { useEngine } from './build/engine.ts';
export { joinTargets } from './build/join.ts';
export { undeclaredArgs, unknownStages, usesSecret } from './build/mentions.ts';
export { removePods } from './build/nodes/create-nodes.ts';
export {
  type BuilderNode,
  type BuildOptions,
  type BuildOutput,
  type BuildSecret,
  type CreatedNodes,
  type Engine,
  isGitContext,
  isGitFolder,
  type NodesEngine,
  type SecondBuild,
} from './build/options.ts';
export { byproductsOf, type ExportedOutput } from './build/outputs.ts';
export { type Database, type DatabaseOptions, updateDatabase } from './database/database.ts';
export { type OwnEvidence, readOwnAt } from './evidence/own-evidence.ts';
export { removeSuperseded } from './evidence/remove-superseded.ts';
export { reuseOwn } from './evidence/reuse-published.ts';
export { signedBundles } from './evidence/signed-bundles.ts';
export { attachStatement, attachSyft, readEvidence, readStatements, TRUST_NONE, trustsNone } from './evidence/store.ts';
export { takeTestResults, writeTestResults } from './image-tests/hand-over.ts';
export { keepTestResults } from './image-tests/keep.ts';
export { type PlatformTests, testImage } from './image-tests/test-image.ts';
export { assertClean } from './lint/assert-clean.ts';
export { type CommittedSources, committedSources } from './lint/committed-sources.ts';
export { lintSource } from './lint/lint-source.ts';
export type { LintOptions, LintReport } from './lint/options.ts';
export {
  assertPassed,
  type Judged,
  judge,
  judgeBeforeSigning,
  namesNoDestination,
  recordVerdict,
} from './policy/gate.ts';
export { commitObjects, gitObjects } from './policy/git-objects.ts';
export { type JudgedPublished, judgePublished } from './policy/judge-published.ts';
export { loadPolicy } from './policy/load.ts';
export { commitSource, folderSource, type PolicySource } from './policy/source.ts';
export { type PushReport, publish, pushBlobs } from './push/publish.ts';
export { type PushDestination, type PushStages, push } from './push/push.ts';
export { buildAgain } from './reproduce/build-again.ts';
export type { Difference } from './reproduce/image-difference.ts';
export { rebuildResult, takeRebuilds } from './reproduce/keep.ts';
export type { Rebuild } from './reproduce/rebuild.ts';
export { assertStillPassed, attachRescan, notAttached, saysMore, tryToAttach } from './rescan/attach.ts';
export { fetchTarget } from './rescan/fetch-target.ts';
export { type Rescanned, rescan } from './rescan/rescan.ts';
export { contents, keepContents, lookInto, missingContents, type PlatformContents } from './sbom/contents.ts';
export { addDockerAttestations } from './sbom/docker-attestations.ts';
export { catalog, keepSbom, type PlatformSbom, sbom } from './sbom/sbom.ts';
export { causesOf } from './scan/causes.ts';
export { examine } from './scan/examine.ts';
export { type PlatformScan, scan } from './scan/scan.ts';
export { scanUncataloged } from './scan/uncataloged.ts';
export type { Services } from './services.ts';
export { ship } from './ship.ts';
export type { Destination, ShipOptions, ShipProgress } from './ship-options.ts';
export { cosignSigner, isHeldElsewhere } from './sign/cosign-signer.ts';
export { type SignOptions, sign } from './sign/sign.ts';
export { openTarget, platformDigests, platformLayers, platformSizes, type Target } from './target.ts';
export { Lane } from './verify/signed-contents.ts';
export { signedFacts } from './verify/verify-evidence.ts';
export { type VerifiedImage, type VerifyImageOptions, verifyImage } from './verify/verify-image.ts';

export type { Check, Expectations, RefusedFact, VerifiedFact } from './admission/check.ts';
export { admissionChecks, admitted } from './admission/checks.ts';
export { type ClusterPolicies, clusterPolicies } from './admission/cluster-policies.ts';
export { cosignCommands, notAsked } from './admission/commands.ts';
export {
  type CertifiedIdentity,
  type ExpectedIdentity,
  exact,
  exactIdentity,
  identityProblems,
  inEarlierRuns,
  inLaterRuns,
  pattern,
} from './admission/identity.ts';
export { kyvernoPolicy } from './admission/kyverno.ts';
export { clusterImagePolicy } from './admission/policy-controller.ts';
export type { Admission, ExpectedSigner } from './admission/signer.ts';
export { admissionMarkdown, verificationMarkdown, verificationTable } from './admission/summary.ts';
export { superseded, supersededGroup } from './admission/superseded.ts';
export { type SourceIdentity, signerIdentity, workflowIdentity } from './admission/workflow-identity.ts';
export {
  bakeTargets,
  type CacheAttributes,
  composeBuilds,
  definitionChange,
  type RecordedBuild,
  sharedChange,
  type TargetBuild,
  targetChange,
  targetsMarkdown,
} from './bake/index.ts';
export { canonicalJson } from './canonical-json.ts';
export {
  type BaseImage,
  type BaseLine,
  type BuildStep,
  baseImageOf,
  type Cause,
  type CauseMap,
  causeOf,
  fixSentence,
  type ImageOrigin,
  originsOf,
  packageKey,
  placeOf,
} from './cause/index.ts';
export {
  type ContentsPolicy,
  ContentsRecorder,
  folderOf,
  type ImageContents,
  instructionOf,
  type LanguagePackage,
  layerPath,
  MOST_SEARCHED,
  mayLeave,
  nameOf,
  readConfig,
  secretsIn,
  secretsInConfig,
  TRACE_KINDS,
  type TraceKind,
  whiteoutOf,
} from './contents/index.ts';
export {
  gradedCredentialsIn,
  isFilledIn,
  isSecretName,
  isSecretValue,
  secretPairs,
  sensitivePath,
} from './credentials/index.ts';
export {
  type DeclaredIn,
  type DeclaringFile,
  declaredPlaces,
  declaringPaths,
  type FindingWithCause,
  mayBeDeclared,
} from './declared-in/index.ts';
export { deferred } from './deferred.ts';
export { defined } from './defined.ts';
export { badInput, hasKind, messageOf, TidegateError } from './error.ts';
export {
  ERROR_GROUPS,
  ERRORS,
  type ErrorEntry,
  type ErrorId,
  errorAddress,
  errorEntry,
} from './errors/index.ts';
export {
  type AddedPackage,
  type BaselineEvidence,
  type Component,
  type Evidence,
  type LiveFinding,
  type LiveTag,
  type Material,
  PredicateType,
  type PredicateTypeUri,
  type ProgramEvidence,
  type ProvenanceEvidence,
  type ReproducedEvidence,
  type SbomEvidence,
  type ScanEvidence,
  type SignatureEvidence,
  type Statement,
  type TestsEvidence,
  type UnreadableEvidence,
  type VerdictEvidence,
} from './evidence.ts';
export { EVIDENCE_MAKER } from './evidence-maker.ts';
export type { Cvss, Finding } from './finding.ts';
export {
  baselinesOf,
  blockingFindings,
  CONTENTS_RULES,
  compared,
  decide,
  findingKey,
  isInGrace,
  liveFindings,
  liveInAll,
  liveKey,
  makeVerdict,
  mergedFinding,
  type NotJudged,
  type PlatformFacts,
  repositoryAllowed,
  type SuppressedFinding,
  sameFindings,
  sameScan,
  suppress,
  withReasons,
} from './gate/index.ts';
export {
  type CommitObjects,
  committedFile,
  type GitObjectType,
  isAsCommitted,
  modeOf,
  objectIdOf,
  parseTree,
  submoduleCommit,
  type TreeEntries,
  type TreeEntry,
  treeOfCommit,
} from './git-objects/index.ts';
export { groupBy } from './group-by.ts';
export {
  ANNOTATION_LEVELS,
  type AnnotationLevel,
  type Annotations,
  annotationPairs,
  annotationsAt,
  assertAnnotated,
  planAnnotations,
} from './image/annotations.ts';
export type { Descriptor, Index, Manifest } from './image/descriptor.ts';
export { type Digest, digestOf, hexOf, isDigest, parseDigest } from './image/digest.ts';
export { type Image, manifestsOf, type PlatformImage } from './image/image.ts';
export { type Labels, planLabels } from './image/labels.ts';
export {
  artifactTypeOf,
  knownPlatform,
  MANIFEST_LIMIT,
  parseIndexFile,
  parseManifest,
  parseReferrers,
  platformOfConfig,
} from './image/manifest.ts';
export { isImageMaterial, namedImage, taggedImage } from './image/material.ts';
export { isIndexType, isManifestType, isNonDistributable, MediaType } from './image/media-type.ts';
export { formatExactPlatform, formatPlatform, type Platform, parsePlatform } from './image/platform.ts';
export {
  type CommandTest,
  type ContentTest,
  type FileTest,
  type ImageTests,
  MAX_TESTS_BYTES,
  type MetadataTest,
  readImageTests,
} from './image-tests/definition.ts';
export { type Known, known, unknown } from './known.ts';
export {
  type FoundImage,
  type ImagePath,
  type ImagesOfFile,
  imagesOf,
  isJsonManifest,
  type LeftImage,
  listIn,
  MAX_MANIFEST_BYTES,
  type ManifestFile,
  type ManifestMap,
  type ManifestNode,
  mapIn,
  parseImagePaths,
  pinnedFile,
  readManifestFile,
  textIn,
  valueUnder,
} from './manifests/index.ts';
export { mapEach, type OneOrMore } from './one-or-more.ts';
export {
  hiddenPackages,
  isAddable,
  type LayerVisitor,
  languagePackages,
  PackageListRecorder,
  purlTypeOf,
  uncatalogedPackages,
} from './package-lists/index.ts';
export { evaluatedPairs, literalPairs } from './plan/evaluated-pairs.ts';
export {
  type About,
  eventKind,
  type GitState,
  makeGitState,
  type RawGitState,
  type Release,
} from './plan/git-state.ts';
export { type PlanMetadata, planMetadata } from './plan/metadata.ts';
export { isPublished, makePlan, NO_PUBLISH_EVENT, type Plan } from './plan/plan.ts';
export {
  type Policy,
  REQUIRED_BY_DEFAULT,
  type Requirable,
  type RuleName,
  type RuleResult,
  type Verdict,
} from './policy.ts';
export {
  MAX_POLICY_DOCUMENT_BYTES,
  type PolicyDocument,
  policyDocument,
  readPolicyDocument,
} from './policy-document/index.ts';
export { GRYPE_SERVER, KEPT_DATABASE } from './policy-file/database-server.ts';
export {
  completed,
  type DatabasePolicy,
  type EffectivePolicy,
  ENTITLEMENTS,
  type Entitlement,
  type ExtendsReference,
  effectivePolicy,
  everyState,
  extending,
  MAX_POLICY_BYTES,
  overridden,
  type PolicyFile,
  type PolicyValues,
  PRESET_FILES,
  PRESET_NAMES,
  PRESETS_VERSION,
  type PresetName,
  policySchema,
  presetPolicy,
  readPolicyFile,
  type SourcePolicy,
  writePolicyFile,
} from './policy-file/index.ts';
export { nearest } from './policy-file/suggest.ts';
export { assertOwnPredicateType, isOwnPredicateType } from './predicate-type.ts';
export { DISTRIBUTION_PACKAGES, type DistributionRelease, releaseName } from './purl/distribution.ts';
export { purlType } from './purl/purl.ts';
export { createRedactor, type Redactor, SHORTEST_MASKED, secretLines } from './redact/index.ts';
export {
  formatReference,
  formatRepository,
  isTag,
  parseImage,
  parseReference,
  type Reference,
  type Repository,
} from './reference/reference.ts';
export { parseRepositoryName } from './reference/repository-name.ts';
export { registryAdvice } from './registry-advice/advice.ts';
export { annotationsFor } from './report/annotations.ts';
export { changesBetween, type ImageState, type LiveChanges } from './report/changes.ts';
export { countsText, findingsTable } from './report/findings-table.ts';
export { type Place, placeToChange } from './report/fixes.ts';
export { reportHtml } from './report/html/page.ts';
export type { HtmlReport, ReportedFinding, ReportedLayer, ReportedPlatform } from './report/html/reported.ts';
export { reportJson } from './report/json.ts';
export { NEXT_STEP } from './report/next-step.ts';
export { planMarkdown } from './report/plan.ts';
export type { MovedBase } from './report/rescan.ts';
export { MOST_RESULTS, type SarifRun, sarifLog, scanRun, sourceRun } from './report/sarif.ts';
export type { SourceFinding } from './report/sarif-rules.ts';
export { type CommentedRun, commentMarkdown, failureComment } from './report/summary/comment.ts';
export { buildLine } from './report/summary/details.ts';
export { expiringWarnings } from './report/summary/expiring.ts';
export type { SummaryFacts } from './report/summary/facts.ts';
export { type RebuildSummary, rebuildSection } from './report/summary/rebuild.ts';
export { isUnanswered, notJudged, severalFailed, severalMarkdown } from './report/summary/several.ts';
export { summaryMarkdown } from './report/summary/summary.ts';
export { TRACKING, type TrackingIssue, trackedName, trackingIssue } from './report/tracking-issue.ts';
export { parseRequire, requiredBy } from './required-evidence.ts';
export type { Clock, Fetch, Log, Progress, Proxies } from './services.ts';
export { ALL_SEVERITIES, countSeverities, isSeverity, type Severity } from './severity.ts';
export type { SourceLevels, SourceRuleName } from './source-levels.ts';
export { CACHE_TAG, isCacheTag, isReferrersTag, planTags, type TagOptions, tagOfName } from './tags/index.ts';
export { boundedMatches, MATCH_WITHIN } from './text/bounded-match.ts';
export { glob } from './text/glob.ts';
export { sameNameInGo } from './text/go-names.ts';
export { isRecord, parsedJson, parseStrictJson } from './text/json.ts';
export { codeBlock, escapeMarkdown, folded, inlineCode, table } from './text/markdown.ts';
export { parseDuration } from './text/quantity.ts';
export {
  columns,
  formatBytes,
  formatDuration,
  harmlessLines,
  visible,
  visibleLine,
  withoutCommands,
} from './text/terminal.ts';
export { withoutEnd } from './text/text.ts';
export { readInstant } from './text/time.ts';
export { capitalised, clipped, counted, formatAge, listed, quoted } from './text/wording.ts';
export { mapLimited, together } from './together.ts';
export { assertFile, unreadablePath, whyUnreadable } from './unreadable-path.ts';
export { readVex, type VexDocument } from './vex/index.ts';

export {
  type Admission,
  admissionChecks,
  admissionMarkdown,
  admitted,
  type CertifiedIdentity,
  type Check,
  type ClusterPolicies,
  clusterImagePolicy,
  clusterPolicies,
  cosignCommands,
  type Expectations,
  type ExpectedIdentity,
  type ExpectedSigner,
  exact,
  exactIdentity,
  identityProblems,
  inEarlierRuns,
  inLaterRuns,
  kyvernoPolicy,
  notAsked,
  pattern,
  type RefusedFact,
  type SourceIdentity,
  signerIdentity,
  type VerifiedFact,
  verificationMarkdown,
  verificationTable,
  workflowIdentity,
} from './admission/index.ts';
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
  type ImageContents,
  type LanguagePackage,
  MOST_SEARCHED,
  mayLeave,
  readConfig,
  secretsIn,
  secretsInConfig,
  TRACE_KINDS,
  type TraceKind,
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
  type FindingWithCause,
  formatOf,
  mayBeDeclared,
} from './declared-in/index.ts';
export { deferred } from './deferred.ts';
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
  type Cvss,
  type Evidence,
  type Finding,
  type LiveFinding,
  type Material,
  PredicateType,
  type PredicateTypeUri,
  type ProgramEvidence,
  type ProvenanceEvidence,
  type SbomEvidence,
  type ScanEvidence,
  type SignatureEvidence,
  type Statement,
  type UnreadableEvidence,
  type VerdictEvidence,
} from './evidence.ts';
export {
  baselinesOf,
  blockingFindings,
  compared,
  decide,
  findingKey,
  isInGrace,
  liveFindings,
  liveKey,
  makeVerdict,
  mergedFinding,
  type PlatformFacts,
  repositoryAllowed,
  type SuppressedFinding,
  suppress,
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
export { isIndexType, isManifestType, isNonDistributable, MediaType } from './image/media-type.ts';
export { formatExactPlatform, formatPlatform, type Platform, parsePlatform } from './image/platform.ts';
export { type Known, known, unknown } from './known.ts';
export {
  hiddenPackages,
  isAddable,
  type LayerVisitor,
  languagePackages,
  PackageListRecorder,
  purlTypeOf,
  uncataloguedPackages,
} from './package-lists/index.ts';
export {
  type About,
  eventKind,
  type GitState,
  makeGitState,
  type RawGitState,
  type Release,
} from './plan/git-state.ts';
export { makePlan, type Plan } from './plan/plan.ts';
export {
  type Policy,
  parseRequire,
  REQUIRABLE,
  type Requirable,
  type RuleName,
  type RuleResult,
  type Verdict,
} from './policy.ts';
export {
  canonicalJson,
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
} from './policy-file/index.ts';
export { nearest } from './policy-file/suggest.ts';
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
export {
  annotationsFor,
  type CommentedRun,
  changesBetween,
  commentMarkdown,
  countsText,
  failureComment,
  findingsTable,
  type HtmlReport,
  type ImageState,
  type LiveChanges,
  MOST_RESULTS,
  NEXT_STEP,
  type Place,
  placeToChange,
  planMarkdown,
  type ReportedFinding,
  type ReportedLayer,
  type ReportedPlatform,
  reportHtml,
  reportJson,
  type SarifRun,
  type SourceFinding,
  type SummaryFacts,
  sarifLog,
  scanRun,
  sourceRun,
  summaryMarkdown,
} from './report/index.ts';
export type { Clock, Fetch, Log, Progress, Proxies } from './services.ts';
export { ALL_SEVERITIES, countSeverities, isSeverity, type Severity } from './severity.ts';
export type { SourceLevels, SourceRuleName } from './source-levels.ts';
export { dockerRule, planTags, tagOfName } from './tags/index.ts';
export { sameNameInGo } from './text/go-names.ts';
export { parseStrictJson } from './text/json.ts';
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
export { capitalised, clipped, counted, formatAge, listed } from './text/wording.ts';
export { mapLimited, together } from './together.ts';
export { readVex, type VexDocument } from './vex/index.ts';

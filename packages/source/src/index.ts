export { type BaseImage, baseImagesOf, withNewDigests } from './base-images.ts';
export { buildkitFindings } from './checkers/buildkit.ts';
export { hadolintFindings } from './checkers/hadolint.ts';
export { mergeFindings as mergeSourceFindings } from './checkers/merge.ts';
export { dockerignore } from './dockerfile/dockerignore.ts';
export { foreignFrontendArgument } from './dockerfile/frontend.ts';
export { DockerfileError, type Instruction, parseDockerfile } from './dockerfile/parse.ts';
export { neededBy, type Stage, type StagedDockerfile, stagesOf } from './dockerfile/stages.ts';
export {
  isSourceRule,
  LEVELS,
  type Level,
  SOURCE_RULES,
  type SourceFinding,
  type SourceRuleSettings,
} from './finding.ts';
export { isLfsPointer, LFS_POINTER_START, LONGEST_LFS_POINTER } from './lfs-pointer.ts';
export { isOfChart } from './manifests/charts.ts';
export { declaredVolumes } from './manifests/declared.ts';
export { isKustomization, kustomizedImages } from './manifests/kustomization.ts';
export { declaredMounts, mayDeclareMounts } from './mounts.ts';
export {
  type Foreign,
  isDockerfile,
  isJsonData,
  type Linted,
  lintDockerfileText,
  lintOtherFile,
  sourcesAmong,
} from './repository.ts';
export { type ContextFile, type ContextFiles, copiedSources, inContext, namePattern } from './rules/context-files.ts';
export { isPassedBy, LFS_POINTER, listFiles, readSource, type SourceText } from './source-files.ts';

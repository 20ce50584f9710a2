export { buildkitFindings } from './checkers/buildkit.ts';
export { hadolintFindings } from './checkers/hadolint.ts';
export { mergeFindings as mergeSourceFindings } from './checkers/merge.ts';
export { dockerignore } from './dockerfile/dockerignore.ts';
export * from './dockerfile/parse.ts';
export * from './dockerfile/stages.ts';
export { lintDockerfile } from './dockerfile-rules.ts';
export {
  isSourceRule,
  LEVELS,
  type Level,
  SOURCE_RULES,
  type SourceFinding,
  type SourceRule,
  type SourceRuleName,
  type SourceRuleSettings,
} from './finding.ts';
export { isLfsPointer, LFS_POINTER_START, LONGEST_LFS_POINTER } from './lfs-pointer.ts';
export { declaredMounts, mayDeclareMounts } from './mounts.ts';
export * from './repository.ts';
export { type ContextFile, type ContextFiles, copiedSources, inContext, namePattern } from './rules/context-files.ts';
export type { SubjectOptions } from './rules/subject.ts';
export * from './source-files.ts';

export { sharedChange, targetChange } from './changes.ts';
export { composeBuilds } from './compose-file.ts';
export { targetsMarkdown } from './markdown.ts';
export { definitionChange, type RecordedBuild } from './recorded-build.ts';
export type { CacheAttributes, TargetBuild } from './target-build.ts';
export { bakeTargets } from './targets.ts';

export { type LeftOut, type PlannedTag, subjectOf, type TagKind } from './decision.ts';
export { dockerRule } from './docker-rules.ts';
export * from './name.ts';
export * from './plan-tags.ts';
export { type LatestRule, parseTagRules, type TagRule } from './rules.ts';
export * from './version.ts';

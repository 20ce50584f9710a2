export { type LeftOut, type PlannedTag, subjectOf, type TagKind } from './decision.ts';
export * from './name.ts';
export * from './plan-tags.ts';
export { type LatestRule, parseTagRules, type TagRule } from './rules.ts';
export * from './version.ts';

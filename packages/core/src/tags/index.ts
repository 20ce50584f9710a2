export { type OmittedTag, type PlannedTag, subjectOf } from './decision.ts';
export { type ExpressionFacts, emptyExpressions, globalTemplate, rendered } from './docker/expressions.ts';
export { literalTemplate, TemplateError } from './docker/template.ts';
export { tagOfName } from './name.ts';
export { DOCKER_SHORT_SHA, planTags, type TagOptions, type TagPlan } from './plan-tags.ts';
export { CACHE_TAG, isCacheTag, isReferrersTag } from './reserved.ts';

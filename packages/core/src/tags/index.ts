export { type OmittedTag, type PlannedTag, subjectOf } from './decision.ts';
export { dockerRule } from './docker-rules.ts';
export { tagOfName } from './name.ts';
export { planTags, type TagOptions } from './plan-tags.ts';

export type { PolicyFile } from './definition.ts';
export {
  type DatabasePolicy,
  type EffectivePolicy,
  effectivePolicy,
  overridden,
  type PolicyValues,
  stricter,
} from './effective.ts';
export type { ExtendsReference } from './extends.ts';
export { policySchema } from './json-schema.ts';
export { MAX_POLICY_BYTES, readPolicyFile } from './read.ts';
export { everyState } from './severities.ts';

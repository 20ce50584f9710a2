export { completed, overridden, type PolicyValues } from './completed.ts';
export type { PolicyFile } from './definition.ts';
export { ENTITLEMENTS, type Entitlement } from './definition.ts';
export {
  type DatabasePolicy,
  type EffectivePolicy,
  effectivePolicy,
  type SourcePolicy,
} from './effective.ts';
export { extending } from './extending.ts';
export type { ExtendsReference } from './extends.ts';
export { policySchema } from './json-schema.ts';
export { PRESET_NAMES, type PresetName } from './preset-names.ts';
export { PRESET_FILES, PRESETS_VERSION, presetPolicy } from './presets.ts';
export { MAX_POLICY_BYTES, readPolicyFile } from './read.ts';
export { everyState } from './severities.ts';
export { writePolicyFile } from './write.ts';

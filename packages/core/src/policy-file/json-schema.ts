import { POLICY_FILE } from './definition.ts';
import type { JsonSchema } from './field.ts';

const POLICY_SCHEMA_ID = 'https://raw.githubusercontent.com/tidegate/tidegate/main/schema/tidegate-policy.schema.json';

/** The policy file for editors, as JSON Schema draft-07: what most of them read. */
export function policySchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: POLICY_SCHEMA_ID,
    title: 'Tidegate policy',
    ...POLICY_FILE.schema,
  };
}

import { type Policy, parseRequire } from '@tidegate/core';

interface PolicyInputs {
  readonly 'fail-on': Policy['failOn'];
  readonly 'unknown-severity': Policy['unknownSeverity'];
  readonly 'only-fixed': boolean;
  readonly 'allow-empty-sbom': boolean;
  readonly 'max-db-age': number | undefined;
  readonly 'max-scan-age'?: number | undefined;
  readonly require?: readonly string[];
}

const DAY = 24 * 3600_000;

/** One policy from the inputs. What a step does not ask for is required all the same: the strict reading. */
export function policyOf(inputs: PolicyInputs): Policy {
  return {
    require: parseRequire(inputs.require ?? ['provenance', 'sbom', 'scan', 'verdict', 'signature']),
    failOn: inputs['fail-on'],
    unknownSeverity: inputs['unknown-severity'],
    onlyFixed: inputs['only-fixed'],
    allowEmptySbom: inputs['allow-empty-sbom'],
    maxDatabaseAge: inputs['max-db-age'] ?? 5 * DAY,
    maxScanAge: inputs['max-scan-age'] ?? DAY,
    // Secrets fail, whatever else a policy file says of the contents: the rest is reported.
    contents: { traces: {} },
  };
}

import type { Policy } from '../policy.ts';

/**
 * The policy, with the evidence that its own rules read among what it requires. A threshold over a scan that nobody has
 * to show would hold for whoever takes the scan away, and a scan says nothing without the SBOM that it has read.
 */
export function withImplied(policy: Policy): Policy {
  const { require, sbomFormats } = policy;
  const wantsScan = require.includes('scan') || judgesFindings(policy);
  const wantsSbom = require.includes('sbom') || wantsScan || judgesPackages(policy);
  if (require.includes('scan') === wantsScan && require.includes('sbom') === wantsSbom) return policy;
  return {
    ...policy,
    require: [
      ...new Set([...require, ...(wantsScan ? ['scan' as const] : []), ...(wantsSbom ? ['sbom' as const] : [])]),
    ],
    // What is read is the document of the scan. Formats to publish are wanted where the policy names `sbom` itself.
    ...(require.includes('sbom') || sbomFormats ? {} : { sbomFormats: ['syft'] as const }),
  };
}

function judgesFindings(policy: Policy): boolean {
  const thresholds = [policy.failOn, ...Object.values(policy.failOnByFix ?? {})];
  return (
    thresholds.some((threshold) => threshold !== 'none') ||
    policy.unknownSeverity !== 'report' ||
    policy.knownExploited !== 'report' ||
    policy.maxEpss !== undefined ||
    policy.maxRisk !== undefined
  );
}

function judgesPackages({ licenses, deniedPackages = [] }: Policy): boolean {
  return licenses !== undefined || deniedPackages.length > 0;
}

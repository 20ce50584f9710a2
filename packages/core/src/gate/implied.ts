import type { Policy } from '../policy.ts';

/**
 * Adds the evidence that the policy's rules read to the evidence that it requires. Otherwise an attacker could pass a
 * threshold by removing the scan. A scan also needs the SBOM that it read.
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
    // The scan reads the syft document. Formats to publish are required only if the policy names `sbom` itself.
    sbomFormats: require.includes('sbom') ? sbomFormats : (sbomFormats ?? ['syft']),
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

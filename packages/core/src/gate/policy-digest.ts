import { type Digest, digestOf } from '../digest.ts';
import { type Policy, REQUIRABLE, SBOM_FORMATS } from '../policy.ts';

/**
 * What a verdict names as its policy. `verdict` and `signature` are left out of the requirements, and `verdictOf` with
 * them: they can only be required after a verdict was made, and the same policy asked before signing and again before
 * the push has one digest.
 */
export function policyDigest(policy: Policy): Digest {
  const formats = policy.sbomFormats ?? SBOM_FORMATS;
  return digestOf(
    JSON.stringify({
      policy: 'tidegate/1',
      require: REQUIRABLE.filter((kind) => kind !== 'verdict' && kind !== 'signature' && policy.require.includes(kind)),
      failOn: policy.failOn,
      unknownSeverity: policy.unknownSeverity,
      onlyFixed: policy.onlyFixed,
      maxDatabaseAge: policy.maxDatabaseAge,
      maxScanAge: policy.maxScanAge,
      sbomFormats: SBOM_FORMATS.filter((format) => formats.includes(format)),
      allowEmptySbom: policy.allowEmptySbom ?? false,
      allowSuppressed: policy.allowSuppressed ?? false,
    }),
  );
}

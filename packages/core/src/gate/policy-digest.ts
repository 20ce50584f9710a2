import { type Digest, digestOf } from '../digest.ts';
import { type Policy, REQUIRABLE, SBOM_FORMATS } from '../policy.ts';

/**
 * What a verdict names as its policy. `verdict` and `signature` are left out of the requirements, and `verdictOf` with
 * them: they can only be required after a verdict was made, and the same policy asked before signing and again before
 * the push has one digest. Where an entry or a statement stands in a file is no part of what it says.
 */
export function policyDigest(policy: Policy): Digest {
  const formats = policy.sbomFormats ?? SBOM_FORMATS;
  const { verdictOf: _, ignore, vex, ...said } = policy;
  return digestOf(
    JSON.stringify(
      inOrder({
        ...said,
        policy: 'tidegate/2',
        require: REQUIRABLE.filter(
          (kind) => kind !== 'verdict' && kind !== 'signature' && policy.require.includes(kind),
        ),
        sbomFormats: SBOM_FORMATS.filter((format) => formats.includes(format)),
        allowEmptySbom: policy.allowEmptySbom ?? false,
        allowSuppressed: policy.allowSuppressed ?? false,
        knownExploited: policy.knownExploited ?? 'fail',
        ignore: (ignore ?? []).map(({ from: _from, ...entry }) => entry),
        vex: (vex ?? []).map(({ from: _from, ...statement }) => statement),
      }),
    ),
  );
}

/** Names in one order, dates as text, and a limit that JSON has no number for as its name. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Date) return Number.isFinite(value.getTime()) ? value.toISOString() : 'undated';
  if (Array.isArray(value)) return value.map(inOrder);
  if (value instanceof Map) return inOrder(Object.fromEntries(value));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, inOrder(each)]));
}

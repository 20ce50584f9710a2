import type { ScannableSbom } from '@tidegate/attest';

/** An SBOM that a trusted signer has published. */
export interface SignedSbom {
  readonly sbom: ScannableSbom;
  readonly signer: string;
  /** Times that an authority has confirmed; empty if none did. */
  readonly times: readonly Date[];
}

/**
 * The SBOM that counts. Several that list the same are one. Of several that differ, the newest of one signer counts: a
 * newer version of the cataloger recognizes more. If different signers disagree, or a time is missing or equal, it is
 * unknown which one is correct.
 * @returns undefined if there is none, or none that counts
 */
export function newestSbom(found: readonly SignedSbom[]): ScannableSbom | undefined {
  const dated = found.map((one) => ({ ...one, at: timeOf(one) })).toSorted((a, b) => b.at - a.at);
  const [first] = dated;
  if (!first) return undefined;
  const others = dated.filter(({ sbom }) => !listSame(sbom, first.sbom));
  const isNewest = others.every(({ at, signer }) => signer === first.signer && at < first.at);
  return isNewest && dated.every(({ at }) => others.length === 0 || Number.isFinite(at)) ? first.sbom : undefined;
}

function listSame(a: ScannableSbom, b: ScannableSbom): boolean {
  return a.evidence.document === b.evidence.document || a.content() === b.content();
}

/**
 * The earliest of the confirmed times of the signature and the time in the signed document. Without the latter, anyone
 * could have an old signature of a key confirmed once more, and so make an old SBOM the newest one: a key has no
 * certificate that ends.
 */
function timeOf({ sbom, times }: SignedSbom): number {
  const all = [...times, ...(sbom.createdOn ? [sbom.createdOn] : [])].map((time) => time.getTime());
  // Of an invalid time, nothing is known.
  return all.length > 0 ? Math.min(...all) : Number.NEGATIVE_INFINITY;
}

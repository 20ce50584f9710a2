import { REFERENCE } from '@tidegate/attest';
import { type Descriptor, type Expectations, PredicateType, type VerifiedFact } from '@tidegate/core';

/** The evidence of a manifest that its checks ask for. Reading the rest would only cost time. */
export interface Wanted {
  /** Whether a check may ask for evidence of this type. */
  readonly isAsked: (predicateType: string) => boolean;
  /** Whether reading stops where no check asks for more. One SBOM is enough: checks only ask whether there is one. */
  readonly isSelective: boolean;
  /** Whether these facts lack something that evidence which no check asks for may still show: who signed. */
  readonly lacksSigner: (verified: readonly VerifiedFact[]) => boolean;
}

/** Everything is read. */
export const EVERYTHING: Wanted = { isAsked: () => true, isSelective: false, lacksSigner: () => false };

const SBOMS: ReadonlySet<string> = new Set([PredicateType.spdx, PredicateType.cyclonedx]);

/** @param isCertified whether certificates are trusted, whose claims a check compares */
export function wantedBy({ require, provenance = {} }: Expectations, isCertified: boolean): Wanted {
  const { source, commit, builder } = provenance;
  const asksOrigin = [source, commit, builder].some((one) => one !== undefined);
  const ignored = new Set<string>([
    PredicateType.baseline,
    ...(['signature', 'scan', 'verdict', 'tests', 'reproduced'] as const).flatMap((kind) =>
      require.includes(kind) ? [] : [PredicateType[kind]],
    ),
    ...(require.includes('provenance') || asksOrigin ? [] : [PredicateType.provenance]),
    ...(require.includes('sbom') ? [] : SBOMS),
  ]);
  return {
    // Other types may be evidence of the user's own, or of another tool.
    isAsked: (type) => !ignored.has(type),
    isSelective: true,
    lacksSigner: (verified) => !verified.some(({ identity }) => !isCertified || identity !== undefined),
  };
}

export function isSbom(predicateType: string): boolean {
  return SBOMS.has(predicateType);
}

/** The referrers of a manifest by when they are read. */
export interface Turns {
  readonly first: readonly Descriptor[];
  /** One after the other, until one counts. */
  readonly sboms: readonly Descriptor[];
  /** Signatures of long statements, SBOMs among them. */
  readonly references: readonly Descriptor[];
  /** Only if nothing else shows the signer. */
  readonly last: readonly Descriptor[];
}

/**
 * Sort by the type that each referrer claims. A false claim is worth no more than a removal of the referrer, and whoever
 * can write one can do the other.
 */
export function inTurns(listed: readonly Descriptor[], { isAsked, isSelective }: Wanted): Turns {
  const [first, sboms, references, last]: Descriptor[][] = [[], [], [], []];
  for (const one of listed) {
    const type = one.annotations?.['dev.sigstore.bundle.predicateType'];
    const turn =
      type === undefined
        ? first
        : !isAsked(type)
          ? last
          : isSelective && isSbom(type)
            ? sboms
            : isSelective && type === REFERENCE
              ? references
              : first;
    turn?.push(one);
  }
  return { first: first ?? [], sboms: sboms ?? [], references: references ?? [], last: last ?? [] };
}

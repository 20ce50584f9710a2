import { isTrustedSigner, type Trust, type VerifiedSigner } from '@tidegate/attest';
import type { Digest, VerifiedFact } from '@tidegate/core';

/** The bytes that a trusted signer has signed. */
export interface PublishedStatement {
  readonly predicateType: string;
  readonly bytes: Uint8Array;
}

/** What a bundle says, as it was read and verified. */
export interface VerifiedContent {
  readonly signer: VerifiedSigner;
  readonly facts: readonly VerifiedFact[];
  /** Statements in it or referenced by it. */
  readonly statements: readonly PublishedStatement[];
}

/**
 * Bundles of one registry that this run has verified. An unchanged image is looked up twice, for earlier runs of the same
 * ref and for exactly this run, and its SBOMs have tens of megabytes. The second time, the list is read again and the
 * content is not: a bundle is known by its digest.
 */
export class VerifiedBundles {
  readonly #trust: Trust;
  readonly #contents = new Map<string, VerifiedContent>();

  /** @param trust that all of them were verified with */
  constructor(trust: Trust) {
    this.#trust = trust;
  }

  add(subject: Digest, referrer: Digest, content: VerifiedContent): void {
    this.#contents.set(keyOf(subject, referrer), content);
  }

  /** @returns undefined if it was not read, or if its signer or the way it was verified is not enough for `trust` */
  get(subject: Digest, referrer: Digest, trust: Trust): VerifiedContent | undefined {
    const found = this.#contents.get(keyOf(subject, referrer));
    return found && this.#isAsStrictAs(trust) && isTrustedSigner(found.signer, trust) ? found : undefined;
  }

  #isAsStrictAs({ publicKeys, roots, log, timestamp }: Trust): boolean {
    const before = this.#trust;
    return (
      before.publicKeys === publicKeys && before.roots === roots && before.log === log && before.timestamp === timestamp
    );
  }
}

function keyOf(subject: Digest, referrer: Digest): string {
  return `${subject} ${referrer}`;
}

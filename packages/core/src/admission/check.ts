/** Types for admission checks: expectations, verified facts and results. */
import type { Evidence } from '../evidence.ts';
import type { Digest } from '../image/digest.ts';
import type { Policy, Requirable } from '../policy.ts';
import type { Repository } from '../reference/reference.ts';
import type { CertifiedIdentity, ExpectedIdentity, TextMatch } from './identity.ts';

/** One check of an image and its result. `why` may contain text from outside: escape it for display. */
export interface Check {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'not-applicable';
  readonly why: string;
}

/** The caller's requirements for an image that is about to be deployed. None of them comes from the image. */
export interface Expectations {
  /** Kinds of evidence that must exist and be signed by a trusted signer. */
  readonly require: readonly Requirable[];
  /** Predicate types of a user's own evidence that must exist and be signed by a trusted signer. Default: none. */
  readonly predicates?: readonly string[] | undefined;
  /**
   * `every`: the index and each platform's manifest. Other publishers sign less: `root` is the digest of the reference,
   * `platforms` each platform's manifest.
   */
  readonly scope: 'every' | 'root' | 'platforms';
  /** The trusted certificates, for the claims to compare. */
  readonly identity?: ExpectedIdentity | undefined;
  /** The location of the image: a verdict for another repository is not accepted. */
  readonly destination?: Repository | undefined;
  /** Thresholds for the findings of the scan; its `require` is ignored. */
  readonly policy: Policy;
  readonly provenance?: {
    /**
     * In the form that provenance uses: `https://github.com/acme/app`. A `git+` prefix, `.git` and a ref suffix are
     * ignored.
     */
    readonly source?: string | undefined;
    readonly commit?: string | undefined;
    readonly builder?: TextMatch | undefined;
  };
}

/** A signature or attestation that verified, with the evidence it carries. */
export interface VerifiedFact {
  readonly subject: Digest;
  readonly predicateType: string;
  readonly signer: string;
  /** The claims of its certificate; absent for a key, which certifies nothing. */
  readonly identity?: CertifiedIdentity | undefined;
  readonly evidence?: Evidence | undefined;
  /** The manifest of the bundle; absent for a signature that another tool stores elsewhere. */
  readonly referrer?: Digest | undefined;
  /** Digest of the signed bytes. */
  readonly payload?: Digest | undefined;
}

/** A signature that did not verify: by another signer, damaged, or of another image. */
export interface RefusedFact {
  readonly subject: Digest;
  /** Its location: a referrer's digest, or a tag. */
  readonly where: string;
  readonly why: string;
  /** It was not read, because there are too many: it may be one of a trusted signer. */
  readonly isUnread?: boolean | undefined;
}

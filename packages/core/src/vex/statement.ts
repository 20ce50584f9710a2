import type { PackageUrl } from '../purl/purl.ts';

/** VEX status of a vulnerability in a product (OpenVEX 0.2.0, "Status Labels"). */
export const VEX_STATUSES = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof VEX_STATUSES)[number];

/** The subject of a statement: a package, or a package in one image. */
export interface VexProduct {
  /** Hex sha256 of a manifest or index: the statement is about this image alone. */
  readonly image?: string;
  /** The package; absent for a statement about a whole image, which suppresses nothing. */
  readonly package?: PackageUrl | undefined;
  /** As the document writes it, for people. */
  readonly name: string;
}

/** One statement of a VEX document, read strictly. */
export interface VexStatement {
  /** Location: `security/app.openvex.json, statement 3`. */
  readonly from: string;
  /** The vulnerability and its aliases. */
  readonly ids: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** Why it is not affected; always there for `not_affected`. */
  readonly justification?: string | undefined;
  readonly author?: string;
  /** When it was issued; of two about the same package the later one decides. */
  readonly at: Date;
}

/** A statement that is too incomplete to compare with a finding. */
export interface UnusableStatement {
  /** `security/app.openvex.json, statement 3`. */
  readonly from: string;
  /** A sentence. */
  readonly why: string;
}

/** The statements of a document: an unusable one does not affect the others. */
export interface VexDocument {
  readonly statements: readonly VexStatement[];
  readonly unusable: readonly UnusableStatement[];
}

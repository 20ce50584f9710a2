import type { PackageUrl } from '../purl/purl.ts';

/** What VEX can say of a vulnerability in a product (OpenVEX 0.2.0, "Status Labels"). */
export const VEX_STATUSES = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof VEX_STATUSES)[number];

/** What a statement is about: a package, or a package in one image. */
export interface VexProduct {
  /** Hex sha256 of a manifest or index: the statement is about this image alone. */
  readonly image?: string;
  /** The package; absent where a statement is about an image as a whole, which suppresses nothing. */
  readonly package?: PackageUrl;
  /** As the document writes it, for people. */
  readonly name: string;
}

/** One statement of a VEX document, read strictly. */
export interface VexStatement {
  /** Where it stands: `security/app.openvex.json, statement 3`. */
  readonly from: string;
  /** The vulnerability and its aliases. */
  readonly ids: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** Why it is not affected; always there for `not_affected`. */
  readonly justification?: string;
  readonly author?: string;
  /** When it was issued; of two about the same package the later one decides. */
  readonly at: Date;
}

/** A statement that says too little to be compared with a finding. */
export interface UnusableStatement {
  /** `security/app.openvex.json, statement 3`. */
  readonly from: string;
  /** A sentence. */
  readonly why: string;
}

/** The statements of a document: one that cannot be used takes nothing from the others. */
export interface VexDocument {
  readonly statements: readonly VexStatement[];
  readonly unusable: readonly UnusableStatement[];
}

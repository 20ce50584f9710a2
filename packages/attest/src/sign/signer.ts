/** Signs DSSE payloads: with a key, a key in a service (KMS), or a certificate of Fulcio. */
export interface Signer {
  /** For messages and reports: `key sha256:…` or an identity. */
  readonly identity: string;
  /** Signs DSSE PAE bytes and returns the raw signature (ASN.1 DER for ECDSA). */
  sign(pae: Uint8Array): Promise<Signed>;
}

export interface Signed {
  readonly signature: Uint8Array;
  readonly material: VerificationMaterial;
  /** Deadline for witnesses: the certificate expires soon after. Absent for keys, which do not expire. */
  readonly goodUntil?: Date;
}

export type VerificationMaterial =
  | { readonly kind: 'public-key'; readonly spki: Uint8Array; readonly hint: string }
  | { readonly kind: 'certificate'; readonly der: Uint8Array };

/** Records when a signature existed: a log or a timestamp authority. Adds to the bundle's verification material. */
export interface Witness {
  readonly name: string;
  testify(seen: Signed & { readonly pae: Uint8Array; readonly payload: Uint8Array }): Promise<Testimony>;
}

type Testimony = { readonly tlogEntry: unknown } | { readonly rfc3161Timestamp: Uint8Array };

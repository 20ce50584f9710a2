/** Anything that can sign DSSE payloads: a key, a key that a program holds (KMS), or Fulcio's certificate. */
export interface Signer {
  /** For messages and reports: `key sha256:…` or an identity. */
  readonly identity: string;
  /** DSSE PAE bytes in, raw signature (ASN.1 DER for ECDSA) out. */
  sign(pae: Uint8Array): Promise<Signed>;
}

export interface Signed {
  readonly signature: Uint8Array;
  readonly material: VerificationMaterial;
  /** When witnesses must have seen it: soon after, the certificate ends. Absent for keys, which do not. */
  readonly goodUntil?: Date;
}

export type VerificationMaterial =
  | { readonly kind: 'public-key'; readonly spki: Uint8Array; readonly hint: string }
  | { readonly kind: 'certificate'; readonly der: Uint8Array };

/** Whoever saw a signature and says when: a log or a timestamp authority. Adds to the bundle's verification material. */
export interface Witness {
  readonly name: string;
  testify(seen: Signed & { readonly pae: Uint8Array; readonly payload: Uint8Array }): Promise<Testimony>;
}

type Testimony = { readonly tlogEntry: unknown } | { readonly rfc3161Timestamp: Uint8Array };

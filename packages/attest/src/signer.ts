/** Anything that can sign DSSE payloads: a key here; keyless and KMS later. */
export interface Signer {
  /** For messages and reports: `key sha256:…` or an identity. */
  readonly identity: string;
  /** DSSE PAE bytes in, raw signature (ASN.1 DER for ECDSA) out. */
  sign(pae: Uint8Array): Promise<{ readonly signature: Uint8Array; readonly material: VerificationMaterial }>;
}

export type VerificationMaterial =
  | { readonly kind: 'public-key'; readonly spki: Uint8Array; readonly hint: string }
  | { readonly kind: 'certificate'; readonly der: Uint8Array };

/** Whoever saw a signature and says when: a log or a timestamp authority. Adds to the bundle's verification material. */
export interface Witness {
  readonly name: string;
  testify(signed: {
    readonly pae: Uint8Array;
    readonly signature: Uint8Array;
    readonly material: VerificationMaterial;
  }): Promise<{ readonly tlogEntry: unknown } | { readonly rfc3161Timestamp: Uint8Array }>;
}

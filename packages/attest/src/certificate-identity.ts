/** Extensions of Fulcio's certificates (fulcio docs/oid-info.md). From .8 on they are DER UTF8String; .1 to .6 raw. */
const OIDS = {
  issuer: '1.3.6.1.4.1.57264.1.8',
  issuerRaw: '1.3.6.1.4.1.57264.1.1',
  buildSignerUri: '1.3.6.1.4.1.57264.1.9',
  buildSignerDigest: '1.3.6.1.4.1.57264.1.10',
  runnerEnvironment: '1.3.6.1.4.1.57264.1.11',
  sourceUri: '1.3.6.1.4.1.57264.1.12',
  sourceDigest: '1.3.6.1.4.1.57264.1.13',
  sourceRef: '1.3.6.1.4.1.57264.1.14',
  sourceId: '1.3.6.1.4.1.57264.1.15',
  ownerUri: '1.3.6.1.4.1.57264.1.16',
  ownerId: '1.3.6.1.4.1.57264.1.17',
  buildConfigUri: '1.3.6.1.4.1.57264.1.18',
  buildConfigDigest: '1.3.6.1.4.1.57264.1.19',
  trigger: '1.3.6.1.4.1.57264.1.20',
  invocationUri: '1.3.6.1.4.1.57264.1.21',
  visibility: '1.3.6.1.4.1.57264.1.22',
} as const;

type Claim = Exclude<keyof typeof OIDS, 'issuer' | 'issuerRaw'>;

/** Who a certificate was given to, as its authority has verified it; not whether that authority is to be trusted. */
export interface CertificateIdentity {
  /** Subject alternative name: a workflow's URI, a mail address. */
  readonly subject: string;
  readonly issuer: string;
  /** `subject (issuer)`, for reports. */
  readonly text: string;
  /** What the issuer's token said of the run. */
  readonly claims: Readonly<Partial<Record<Claim, string>>>;
}

/** @param der of a certificate that Fulcio made. */
export async function certificateIdentity(der: Uint8Array): Promise<CertificateIdentity> {
  // Only who signs or reads without a key needs it.
  const { X509Certificate } = await import('@sigstore/core');
  const certificate = X509Certificate.parse(Buffer.from(der));
  const text = (oid: string): string | undefined => {
    const value = certificate.extension(oid)?.valueObj;
    return value?.subs[0]?.value.toString('utf8');
  };
  const raw = certificate.extension(OIDS.issuerRaw)?.value.toString('utf8');
  const subject = certificate.subjectAltName ?? '';
  const issuer = text(OIDS.issuer) ?? raw ?? '';
  const { issuer: _issuer, issuerRaw: _raw, ...rest } = OIDS;
  const claims = Object.fromEntries(
    Object.entries(rest).flatMap(([name, oid]) => {
      const value = text(oid);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { subject, issuer, text: `${subject} (${issuer})`, claims };
}

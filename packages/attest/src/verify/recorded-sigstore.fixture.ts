/**
 * Output of a real Sigstore on loopback (Fulcio, TesseraCT, Rekor v2 and a timestamp authority, as run by
 * `startSigstore`), recorded once: signatures stay valid after their services are gone. Some certificates are signed
 * with Fulcio's own key, but Fulcio would never issue them: see `forgedSigner` in test/interop.
 */
import { readFileSync } from 'node:fs';
import { ASN1Obj, X509Certificate } from '@sigstore/core';
import type { Digest, ExpectedIdentity } from '@tidegate/core';
import { parsePublicKey } from './public-key.ts';
import { readTrustedRoots } from './trusted-root.ts';
import type { Trust } from './verify.ts';

// biome-ignore lint/suspicious/noExplicitAny: bundles and roots are spoilt in ways their types do not allow
export type Json = any;

interface Recorded {
  readonly image: Digest;
  readonly identity: string;
  readonly issuer: string;
  readonly trustedRoot: Json;
  readonly publicKey: string;
  readonly bundles: Readonly<Record<string, Json>>;
  /** Parts of a cosign 2 signature, in base64. */
  readonly layer: Readonly<Record<'payload' | 'signature' | 'certificate' | 'timestamp', string>>;
}

export const RECORDED: Recorded = JSON.parse(
  readFileSync(new URL('../../testdata/sigstore.json', import.meta.url), 'utf8'),
);

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** A deep copy, which a test may modify. */
export function bundle(name = 'keyless'): Json {
  const found = RECORDED.bundles[name];
  if (!found) throw new Error(`no bundle ${name} was recorded`);
  return structuredClone(found);
}

export const IDENTITY: ExpectedIdentity = {
  issuer: { kind: 'exact', value: RECORDED.issuer },
  subject: { kind: 'exact', value: RECORDED.identity },
};

/** Trust in the recorded Sigstore, with its root modified by `change`. */
export async function keylessTrust(change: (root: Json) => void = () => {}, more: Partial<Trust> = {}): Promise<Trust> {
  const root = structuredClone(RECORDED.trustedRoot);
  change(root);
  return { publicKeys: [], identities: [IDENTITY], roots: await readTrustedRoots(bytesOf(root), 'root.json'), ...more };
}

export async function keyTrust(more: Partial<Trust> = {}): Promise<Trust> {
  const { roots = [] } = await keylessTrust();
  return { publicKeys: [parsePublicKey(RECORDED.publicKey)], roots, ...more };
}

export const entryOf = (of: Json): Json => of.verificationMaterial.tlogEntries[0];
export const stampsOf = (of: Json): Json => of.verificationMaterial.timestampVerificationData.rfc3161Timestamps;

/** Flips one bit of base64 data, `at` bytes from the start, or from the end if negative. */
export function flipped(base64: string, at = -1): string {
  const bytes = Buffer.from(base64, 'base64');
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64');
}

/** The same bundle in version 0.2, with another certificate after the leaf, which is not a root. */
export function olderVersion(of: Json, behind = RECORDED.trustedRoot.timestampAuthorities[0]): Json {
  const { certificate, ...material } = of.verificationMaterial;
  const [authority] = structuredClone(behind.certChain.certificates);
  of.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2';
  of.verificationMaterial = { ...material, x509CertificateChain: { certificates: [certificate, authority] } };
  return of;
}

type Extension = readonly [oid: string, insideItsOctetString: Uint8Array];

/** The certificate with an additional extension; its signature becomes invalid. */
export function withExtension(certificate: string, [oid, value]: Extension): string {
  return rewritten(certificate, (list) => {
    list.push(ASN1Obj.parseBuffer(der(0x30, Buffer.concat([encodedOid(oid), der(0x04, value)]))));
  });
}

/** The certificate with another value of an extension; its signature becomes invalid. */
export function withOther(certificate: string, [oid, value]: Extension): string {
  const without = rewritten(certificate, (list) => {
    const at = list.findIndex(({ subs }) => subs[0]?.toOID() === oid);
    if (at < 0) throw new Error(`there is no ${oid}`);
    list.splice(at, 1);
  });
  return withExtension(without, [oid, value]);
}

function rewritten(certificate: string, change: (extensions: ASN1Obj[]) => void): string {
  const { root } = X509Certificate.parse(Buffer.from(certificate, 'base64'));
  change(root.subs[0]?.subs.at(-1)?.subs[0]?.subs ?? []);
  return root.toDER().toString('base64');
}

/** Encodes DER with up to 65535 bytes of content. */
export function der(tag: number, content: Uint8Array): Buffer<ArrayBuffer> {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function encodedOid(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const arcs = [first * 40 + second, ...rest].flatMap((arc) => {
    const bytes = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  });
  return der(0x06, Buffer.from(arcs));
}

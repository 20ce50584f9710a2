/** The certificate. */
import { parsePublicKey } from '@tidegate/attest';
import { bytesOf, type Case, closed, flip, future } from './case.ts';
import { forged, withoutCertificateLog } from './placed.ts';
import { IDENTITY, otherKey } from './signatures.ts';

const DAY = 86_400;

export const CERTIFICATE: Readonly<Record<string, Case>> = {
  'the certificate of another signer': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.certificate = bytesOf('later').verificationMaterial.certificate;
    },
    says: 'no',
  },
  'an altered certificate': {
    bundle: 'keyless',
    spoil: (bundle) => {
      const { certificate } = bundle.verificationMaterial;
      certificate.rawBytes = flip(certificate.rawBytes);
    },
    says: 'no',
  },
  'an authority that was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.certificateAuthorities[0].validFor = closed;
    },
    says: 'no',
  },
  'an authority that is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.certificateAuthorities[0].validFor = future;
    },
    says: 'no',
  },
  'an authority that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      // Its own root: another authority's, and no leaf's.
      root.certificateAuthorities[0].certChain.certificates =
        root.timestampAuthorities[0].certChain.certificates.slice(1);
    },
    says: 'no',
  },
  'a certificate log that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      root.ctlogs[0].logId.keyId = flip(root.ctlogs[0].logId.keyId);
    },
    says: 'no',
  },
  'a certificate log of another key': {
    bundle: 'keyless',
    root: (root) => {
      root.ctlogs[0].publicKey.rawBytes = Buffer.from(parsePublicKey(otherKey.publicPem).spki).toString('base64');
    },
    says: 'no',
  },
  'a certificate log that was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.ctlogs[0].publicKey.validFor = closed;
    },
    says: 'no',
  },
  'a certificate log that is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.ctlogs[0].publicKey.validFor = future;
    },
    says: 'no',
  },
  'no SCT': { place: forged({}), says: 'no' },
  'an authority of the same name': { place: forged({ authority: 'another' }), ...withoutCertificateLog(), says: 'no' },
  'a certificate without SCT, where the root names no certificate log': {
    place: forged({}),
    ...withoutCertificateLog(),
    says: 'yes',
  },
  'an expired certificate': { place: forged({ from: -2 * DAY, until: -DAY }), ...withoutCertificateLog(), says: 'no' },
  'a certificate that expired a minute ago': {
    place: forged({ from: -660, until: -60 }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate that is not valid yet': {
    place: forged({ from: DAY, until: 2 * DAY }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate that is not for code signing': {
    place: forged({ extensions: { extendedKeyUsage: 'serverAuth' } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate without any usage': {
    place: forged({ extensions: { extendedKeyUsage: '' } }),
    ...withoutCertificateLog(),
    says: 'no',
    right: 'client spec, "Certificate": the leaf must be for code signing; Go takes an absent extension for any usage',
  },
  'a certificate without a name': {
    place: forged({ extensions: { subjectAltName: '' } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate of two names': {
    place: forged({ extensions: { subjectAltName: `URI:https://evil.example/,URI:${IDENTITY}` } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate with a critical extension that nobody knows': {
    place: forged({ extensions: { '1.2.3.4': 'critical,DER:0500' } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  "an authority's certificate as a signer's": {
    place: forged({
      extensions: { basicConstraints: 'critical,CA:TRUE', keyUsage: 'critical,digitalSignature,keyCertSign' },
    }),
    ...withoutCertificateLog(),
    says: 'no',
    right: 'fulcio certificate-specification.md: an end-entity certificate is no CA',
  },
  'a certificate of another issuer': {
    place: forged({ extensions: { '1.3.6.1.4.1.57264.1.8': 'ASN1:UTF8String:https://evil.example' } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
  'a certificate without an issuer': {
    place: forged({ extensions: { '1.3.6.1.4.1.57264.1.8': '' } }),
    ...withoutCertificateLog(),
    says: 'no',
  },
};

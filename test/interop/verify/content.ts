/** The signed content. */
import { signatureStatement } from '@tidegate/attest';
import { PredicateType } from '@tidegate/core';
import { attach } from '../support/signed-image.ts';
import { bytesOf, type Case, flip, NO_LOG, optional } from './case.ts';
import { swapped } from './placed.ts';
import { bundles, image, otherImage } from './signatures.ts';

export const CONTENT: Readonly<Record<string, Case>> = {
  unsigned: { says: 'no' },
  'unsigned, in a registry without referrers': { registry: 'distribution', says: 'no' },
  'a bundle for another image': { bundle: 'other', says: 'no' },
  'provenance of another image': { bundle: 'otherProvenance', predicateType: PredicateType.provenance, says: 'no' },
  'only an attestation, where a signature is asked': {
    bundle: 'provenance',
    says: 'no',
    right: 'cosign verify exits 0 for any bundle about the image; a scan that found holes is no signature of the image',
  },
  'a signature, where provenance is asked': { bundle: 'keyless', predicateType: PredicateType.provenance, says: 'no' },
  'provenance under the name of a signature': {
    place: async ({ registry }) =>
      attach(registry, image, bundles.provenance ?? Buffer.alloc(0), PredicateType.signature),
    says: 'no',
    right: 'the annotation is not signed; the statement is provenance',
  },
  'a referrer of another image in the list': {
    registry: 'distribution',
    place: async ({ registry }) => swapped(registry, 'other'),
    says: 'no',
  },
  'a referrer of another image, with our bundle, in the list': {
    registry: 'distribution',
    place: async ({ registry }) => swapped(registry, 'keyless'),
    says: 'no',
    right: 'distribution-spec, "Listing Referrers": every manifest in the list must have this subject',
  },
  'another digest in the payload': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.payload = Buffer.from(signatureStatement(otherImage.digest).bytes).toString('base64');
    },
    says: 'no',
  },
  'the payload of the other bundle': {
    bundle: 'other',
    spoil: (bundle) => {
      bundle.dsseEnvelope.payload = bytesOf('keyless').dsseEnvelope.payload;
    },
    says: 'no',
  },
  'the signature of the other bundle': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.signatures = bytesOf('other').dsseEnvelope.signatures;
    },
    says: 'no',
  },
  'an altered signature': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig);
    },
    says: 'no',
  },
  'an altered signature by a key': {
    bundle: 'keyAlone',
    as: 'key',
    flags: NO_LOG,
    trust: optional,
    spoil: (bundle) => {
      bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig);
    },
    says: 'no',
  },
  'another payload type': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.payloadType = 'application/vnd.in-toto+json; charset=utf-8';
    },
    says: 'no',
  },
  'no signature in the envelope': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.signatures = [];
    },
    says: 'no',
  },
  'two signatures in the envelope': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.dsseEnvelope.signatures.push(bytesOf('later').dsseEnvelope.signatures[0]);
    },
    says: 'no',
  },
  'no certificate and no key': {
    bundle: 'keyless',
    spoil: (bundle) => {
      delete bundle.verificationMaterial.certificate;
    },
    says: 'no',
  },
  'a bundle that is no JSON': {
    place: async ({ registry }) => attach(registry, image, Buffer.from('{"mediaType"'), PredicateType.signature),
    says: 'no',
  },
  'a bundle that is empty': {
    place: async ({ registry }) => attach(registry, image, Buffer.from('{}'), PredicateType.signature),
    says: 'no',
  },
  'a bundle of version 0.2': {
    bundle: 'keyless',
    spoil: (bundle) => {
      const { certificate, ...material } = bundle.verificationMaterial;
      bundle.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2';
      bundle.verificationMaterial = { ...material, x509CertificateChain: { certificates: [certificate] } };
    },
    says: 'yes',
    right: 'sigstore_bundle.proto has versions 0.1 to 0.3; cosign passes over what a registry holds of older ones',
  },
  'a bundle of version 0.3 with the chain of version 0.2': {
    bundle: 'keyless',
    spoil: (bundle) => {
      const { certificate, ...material } = bundle.verificationMaterial;
      bundle.verificationMaterial = { ...material, x509CertificateChain: { certificates: [certificate] } };
    },
    says: 'no',
  },
  'a bundle of version 0.1, with no promise of a log': {
    bundle: 'keyless',
    spoil: (bundle) => {
      const { certificate, ...material } = bundle.verificationMaterial;
      bundle.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
      bundle.verificationMaterial = { ...material, x509CertificateChain: { certificates: [certificate] } };
    },
    says: 'no',
  },
  'the media type of another version': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.mediaType = 'application/vnd.dev.sigstore.bundle.v9+json';
    },
    says: 'no',
  },
};

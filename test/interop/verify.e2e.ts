/**
 * What cosign 3 and Tidegate say of the same image in the same registry, signed by a real Sigstore and then spoilt in
 * one place. They agree; where they do not, `right` says who is, and by which section.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bundleReferrer,
  makeBundle,
  makeStatement,
  parsePublicKey,
  readTrustedRoots,
  type Signer,
  signatureStatement,
  type Trust,
  type Witness,
} from '@tidegate/attest';
import { type Descriptor, exact, hexOf, MediaType, PredicateType, pattern } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { signedFacts } from '@tidegate/pipeline';
import { developerEnvironment, devTools, ensureDebianPackages, type Sigstore, startSigstore } from '@tidegate/testkit';
import { type Server, startDockerRegistry, startOlareg } from '../support/servers.ts';
import { type Forgery, forgedSigner } from './support/forged-certificate.ts';
import {
  attach,
  type KeyPair,
  newKeyPair,
  pushImage,
  registryAt,
  type Signing,
  signImage,
  signingWith,
} from './support/signed-image.ts';

const IDENTITY = 'https://github.com/octo-org/octo-app/.github/workflows/release.yml@refs/heads/main';
const DAY = 86_400;
// biome-ignore lint/suspicious/noExplicitAny: bundles and roots are spoilt in ways their types do not allow
type Json = any;

let folder = '';
let cosignProgram = '';
let sigstore: Sigstore;
let signing: Signing;
let key: KeyPair;
let otherKey: KeyPair;
const registries: Record<string, Server> = {};
const running = new AsyncDisposableStack();
/** The same image in every repository: a bundle about it can be spoilt and laid down anywhere. */
let image: Descriptor;
let otherImage: Descriptor;
const bundles: Record<string, Uint8Array> = {};
let repositories = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-verify-'));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureDebianPackages(['docker-registry']);
  const tools = await devTools(['cosign', 'olareg']);
  cosignProgram = tools.cosign;
  sigstore = running.use(await startSigstore());
  registries.olareg = running.use(await startOlareg(tools.olareg));
  registries.distribution = running.use(await startDockerRegistry(join(folder, 'registry')));
  signing = await signingWith(sigstore);
  [key, otherKey] = await Promise.all([newKeyPair(), newKeyPair()]);
  await writeFile(join(folder, 'key.pub'), key.publicPem);
  await writeFile(join(folder, 'other.pub'), otherKey.publicPem);
  const scratch = newRegistry('olareg').registry;
  image = await pushImage(scratch, 'the image');
  otherImage = await pushImage(scratch, 'another image');
  const { keyless, log, clock } = signing;
  const second = (await signingWith(sigstore)).keyless;
  const both = [log, clock];
  const make: Record<string, () => Promise<Uint8Array>> = {
    keyless: () => signImage(image.digest, keyless, both),
    later: () => signImage(image.digest, second, both),
    other: () => signImage(otherImage.digest, keyless, both),
    noLog: () => signImage(image.digest, keyless, [clock]),
    noTime: () => signImage(image.digest, keyless, [log]),
    neither: () => signImage(image.digest, keyless, []),
    twoTimes: () => signImage(image.digest, keyless, [log, clock, clock]),
    key: () => signImage(image.digest, key.signer, both),
    keyLog: () => signImage(image.digest, key.signer, [log]),
    keyTime: () => signImage(image.digest, key.signer, [clock]),
    keyAlone: () => signImage(image.digest, key.signer, []),
    otherKey: () => signImage(image.digest, otherKey.signer, both),
    provenance: () => makeBundle(provenance(image), keyless, both),
    otherProvenance: () => makeBundle(provenance(otherImage), keyless, both),
    keyProvenance: () => makeBundle(provenance(image), key.signer, both),
  };
  // The proof of a log's first entry has no hashes to spoil.
  await signImage(otherImage.digest, second, both);
  await Promise.all(
    Object.entries(make).map(async ([name, work]) => {
      bundles[name] = await work();
    }),
  );
  bundles.afterwards = await signImage(image.digest, second, both);
}, 1_800_000);

afterAll(() => running.disposeAsync());

const provenance = ({ digest }: Descriptor) =>
  makeStatement(PredicateType.provenance, [{ digest }], { buildDefinition: {}, runDetails: { builder: { id: 'b' } } })
    .bytes;

/** What lies beside the image, and how both are asked. */
interface Case {
  readonly registry?: 'olareg' | 'distribution';
  /** A bundle by name; `undefined` where `place` does all. */
  readonly bundle?: string;
  readonly spoil?: (bundle: Json) => void;
  /** In place of a bundle: whatever is put there, by whoever. */
  readonly place?: (to: Place) => Promise<void>;
  readonly predicateType?: string;
  /** What both trust, spoilt. */
  readonly root?: (root: Json) => void;
  readonly as?: 'keyless' | 'key' | 'other key';
  readonly identity?: string;
  readonly issuer?: string;
  readonly regexp?: string;
  /** More flags for cosign, and what they mean here. */
  readonly flags?: readonly string[];
  readonly trust?: Partial<Trust>;
  readonly says: 'yes' | 'no';
  /** Where cosign says the contrary: why we are right. */
  readonly right?: string;
}

interface Place {
  readonly registry: Registry;
  readonly reference: string;
}

const entryOf = (bundle: Json): Json => bundle.verificationMaterial.tlogEntries[0];
const stampsOf = (bundle: Json): Json => bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
const proofOf = (bundle: Json): Json => entryOf(bundle).inclusionProof;
const bytesOf = (name: string): Json => JSON.parse(Buffer.from(bundles[name] ?? '').toString());

/** Another byte at `at`, counted from the end where negative. */
function flip(base64: string, at = -1): string {
  const bytes = Buffer.from(base64, 'base64');
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64');
}

const checkpoint = (change: (lines: string[]) => void) => (bundle: Json) => {
  const lines = proofOf(bundle).checkpoint.envelope.split('\n');
  change(lines);
  proofOf(bundle).checkpoint.envelope = lines.join('\n');
};
const closed = { start: '2020-01-01T00:00:00Z', end: '2021-01-01T00:00:00Z' };
const future = { start: '2099-01-01T00:00:00Z' };
/** sigstore-go builds the entry again from the bundle, and does not look at the copy that the bundle holds. */
const REBUILT =
  'client spec, "Transparency Log Entry": the proof is of the body and for the tree that the bundle names';
const NO_LOG = ['--insecure-ignore-tlog=true'];
const optional: Partial<Trust> = { log: 'optional' };

const GOOD: Readonly<Record<string, Case>> = {
  'keyless, signed here': { bundle: 'keyless', says: 'yes' },
  'keyless, in a registry without referrers': { bundle: 'keyless', registry: 'distribution', says: 'yes' },
  'keyless with two timestamps': { bundle: 'twoTimes', says: 'yes' },
  'keyless, the identity by a pattern': {
    bundle: 'keyless',
    regexp: '^https://github\\.com/octo-org/octo-app/.*$',
    says: 'yes',
  },
  'keyless without a log, where none is asked': {
    bundle: 'noLog',
    flags: [...NO_LOG, '--use-signed-timestamps'],
    trust: optional,
    says: 'yes',
  },
  'keyless provenance': { bundle: 'provenance', predicateType: PredicateType.provenance, says: 'yes' },
  'a key, in the log and with a time': { bundle: 'key', as: 'key', says: 'yes' },
  'a key, in a registry without referrers': { bundle: 'key', as: 'key', registry: 'distribution', says: 'yes' },
  'a key, in the log': { bundle: 'keyLog', as: 'key', says: 'yes' },
  'a key with a time, where no log is asked': {
    bundle: 'keyTime',
    as: 'key',
    flags: NO_LOG,
    trust: optional,
    says: 'yes',
  },
  'a key alone, where no log is asked': { bundle: 'keyAlone', as: 'key', flags: NO_LOG, trust: optional, says: 'yes' },
  'a key, the time asked for': {
    bundle: 'key',
    as: 'key',
    flags: ['--use-signed-timestamps'],
    trust: { timestamp: 'required' },
    says: 'yes',
  },
  'provenance by a key': { bundle: 'keyProvenance', as: 'key', predicateType: PredicateType.provenance, says: 'yes' },
  'cosign sign, keyless': { place: cosignSigns('sign'), says: 'yes' },
  'cosign sign, keyless, without referrers': { place: cosignSigns('sign'), registry: 'distribution', says: 'yes' },
  'cosign sign, a key': { place: cosignSigns('sign', 'key'), as: 'key', says: 'yes' },
  'cosign sign, a key, without referrers': {
    place: cosignSigns('sign', 'key'),
    as: 'key',
    registry: 'distribution',
    says: 'yes',
  },
  'cosign attest, keyless': { place: cosignSigns('attest'), predicateType: PredicateType.provenance, says: 'yes' },
  'cosign attest, a key': {
    place: cosignSigns('attest', 'key'),
    as: 'key',
    predicateType: PredicateType.provenance,
    says: 'yes',
  },
  'cosign 2, a key': {
    place: cosignSigns('sign', 'key', 'old'),
    as: 'key',
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'cosign 2, a key, without referrers': {
    place: cosignSigns('sign', 'key', 'old'),
    as: 'key',
    registry: 'distribution',
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'cosign 2, attest with a key': {
    place: cosignSigns('attest', 'key', 'old'),
    as: 'key',
    predicateType: PredicateType.provenance,
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'a good bundle beside a damaged one': {
    place: both('keyless', (bundle) => {
      bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig);
    }),
    says: 'yes',
  },
  "a good bundle beside somebody else's": { place: twoBundles('otherKey', 'key'), as: 'key', says: 'yes' },
};

const IDENTITIES: Readonly<Record<string, Case>> = {
  'another identity': { bundle: 'keyless', identity: IDENTITY.replace('release', 'other'), says: 'no' },
  'the identity cut short': { bundle: 'keyless', identity: IDENTITY.slice(0, -1), says: 'no' },
  'the identity of another ref': { bundle: 'keyless', identity: IDENTITY.replace('main', 'dev'), says: 'no' },
  'the identity in capitals': { bundle: 'keyless', identity: IDENTITY.toUpperCase(), says: 'no' },
  'another issuer': { bundle: 'keyless', issuer: 'https://token.actions.githubusercontent.com', says: 'no' },
  'the issuer with a slash': { bundle: 'keyless', issuer: 'slash', says: 'no' },
  'a pattern that fits elsewhere': { bundle: 'keyless', regexp: '^https://gitlab\\.com/.*$', says: 'no' },
  'a pattern that fits a part': {
    bundle: 'keyless',
    regexp: 'https://github\\.com',
    says: 'no',
    right: 'cosign documents an unanchored regexp; who writes a prefix here must not admit https://github.com.evil',
  },
  'a key asked, keyless there': { bundle: 'keyless', as: 'key', says: 'no' },
  'keyless asked, a key there': { bundle: 'key', says: 'no' },
  'another key': { bundle: 'otherKey', as: 'key', says: 'no' },
  'the other key asked': { bundle: 'key', as: 'other key', says: 'no' },
  "another key under this one's hint": {
    bundle: 'otherKey',
    as: 'key',
    spoil: (bundle) => {
      bundle.verificationMaterial.publicKey = bytesOf('key').verificationMaterial.publicKey;
    },
    says: 'no',
  },
};

const CONTENT: Readonly<Record<string, Case>> = {
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

const LOG: Readonly<Record<string, Case>> = {
  'no log entry': { bundle: 'noLog', says: 'no' },
  'no log entry and no time': {
    bundle: 'neither',
    flags: NO_LOG,
    trust: optional,
    says: 'no',
    right: 'client spec, "Time": cosign asks its own clock, so that the image that passes now fails in ten minutes',
  },
  'the log entry removed': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = [];
    },
    says: 'no',
  },
  'the log entry of another signature': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('other').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'the log entry of another certificate': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('later').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'a key without a log entry': { bundle: 'keyTime', as: 'key', says: 'no' },
  'a key with nothing': { bundle: 'keyAlone', as: 'key', says: 'no' },
  'a key, with the log entry of another key': {
    bundle: 'key',
    as: 'key',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('otherKey').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'an altered body': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).canonicalizedBody = bytesOf('other').verificationMaterial.tlogEntries[0].canonicalizedBody;
    },
    says: 'no',
    right: REBUILT,
  },
  'an altered checkpoint signature': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      const [dash, name, encoded = ''] = (lines[4] ?? '').split(' ');
      lines[4] = [dash, name, flip(encoded, 20)].join(' ');
    }),
    says: 'no',
  },
  'an altered checkpoint root': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[2] = flip(lines[2] ?? '');
    }),
    says: 'no',
  },
  'an altered checkpoint size': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[1] = String(Number(lines[1]) + 1);
    }),
    says: 'no',
  },
  'another origin in the checkpoint': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[0] = 'rekor.sigstore.dev';
    }),
    says: 'no',
  },
  'a checkpoint without signatures': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines.splice(4);
    }),
    says: 'no',
  },
  'the checkpoint of another time': {
    bundle: 'keyless',
    spoil: (bundle) => {
      // Sound in itself, and of this log: only the tree is another.
      proofOf(bundle).checkpoint = proofOf(bytesOf('afterwards')).checkpoint;
    },
    says: 'no',
  },
  'an altered hash in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes[0] = flip(proofOf(bundle).hashes[0]);
    },
    says: 'no',
  },
  'a hash too few in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes.pop();
    },
    says: 'no',
  },
  'a hash too many in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes.push(proofOf(bundle).hashes[0]);
    },
    says: 'no',
  },
  'another index in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).logIndex = String(Number(proofOf(bundle).logIndex ?? 0) ^ 1);
    },
    says: 'no',
    right: REBUILT,
  },
  'another index of the entry': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).logIndex = String(Number(entryOf(bundle).logIndex ?? 0) ^ 1);
    },
    says: 'no',
  },
  'another root in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).rootHash = flip(proofOf(bundle).rootHash);
    },
    says: 'no',
    right: REBUILT,
  },
  'another size in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).treeSize = String(Number(proofOf(bundle).treeSize) + 1);
    },
    says: 'no',
    right: REBUILT,
  },
  'no proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      delete entryOf(bundle).inclusionProof;
    },
    says: 'no',
  },
  'no checkpoint': {
    bundle: 'keyless',
    spoil: (bundle) => {
      delete proofOf(bundle).checkpoint;
    },
    says: 'no',
  },
  'a made-up time of integration': {
    bundle: 'noTime',
    spoil: (bundle) => {
      entryOf(bundle).integratedTime = String(Math.floor(Date.now() / 1000));
    },
    says: 'no',
  },
  'a made-up promise of the log': {
    bundle: 'noTime',
    spoil: (bundle) => {
      entryOf(bundle).integratedTime = String(Math.floor(Date.now() / 1000));
      entryOf(bundle).inclusionPromise = { signedEntryTimestamp: bundle.dsseEnvelope.signatures[0].sig };
    },
    says: 'no',
  },
  'the log of another id': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).logId.keyId = flip(entryOf(bundle).logId.keyId);
    },
    says: 'no',
  },
  'a log that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].logId.keyId = flip(root.tlogs[0].logId.keyId, 0);
    },
    says: 'no',
  },
  'a log whose key was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].publicKey.validFor = closed;
    },
    says: 'no',
    right:
      'trustroot.proto: a key counts within validFor only; sigstore-go looks at it where the log gives a time (v1)',
  },
  'a log whose key is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].publicKey.validFor = future;
    },
    says: 'no',
    right:
      'trustroot.proto: a key counts within validFor only; sigstore-go looks at it where the log gives a time (v1)',
  },
};

const TIME: Readonly<Record<string, Case>> = {
  'no timestamp': { bundle: 'noTime', says: 'no' },
  'an altered timestamp': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle)[0].signedTimestamp = flip(stampsOf(bundle)[0].signedTimestamp);
    },
    says: 'no',
  },
  'the timestamp of another signature': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.timestampVerificationData =
        bytesOf('other').verificationMaterial.timestampVerificationData;
    },
    says: 'no',
  },
  'a timestamp that is none': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle)[0].signedTimestamp = Buffer.from('not a timestamp').toString('base64');
    },
    says: 'no',
  },
  'the same timestamp twice': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle).push(stampsOf(bundle)[0]);
    },
    says: 'yes',
  },
  'an authority that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities = [];
    },
    says: 'no',
  },
  'an authority that was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities[0].validFor = closed;
    },
    says: 'no',
  },
  'an authority that is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities[0].validFor = future;
    },
    says: 'no',
  },
  'a key without the time that is asked': {
    bundle: 'keyLog',
    as: 'key',
    flags: ['--use-signed-timestamps'],
    trust: { timestamp: 'required' },
    says: 'no',
  },
};

const CERTIFICATE: Readonly<Record<string, Case>> = {
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

describe.each(
  Object.entries({
    'what is sound': GOOD,
    'who signed': IDENTITIES,
    'what was signed': CONTENT,
    'the transparency log': LOG,
    'the time': TIME,
    'the certificate': CERTIFICATE,
  }),
)('%s', (_, cases) => {
  test.each(Object.entries(cases))('%s', async (_name, one) => {
    const { registry, reference } = newRegistry(one.registry ?? 'olareg');
    await pushImage(registry, 'the image');
    if (one.bundle) await attach(registry, image, spoilt(one), one.predicateType ?? PredicateType.signature);
    await one.place?.({ registry, reference });
    const root = await rootOf(one);
    const [cosign, ours] = await Promise.all([cosignSays(one, reference, root.file), weSay(one, registry, root.bytes)]);
    const wanted = { ours: one.says, cosign: one.right === undefined ? one.says : one.says === 'yes' ? 'no' : 'yes' };
    expect({
      ours: ours.says,
      cosign: cosign.says,
      ...(ours.says === wanted.ours && cosign.says === wanted.cosign ? {} : { why: [ours.why, cosign.why] }),
    }).toEqual(wanted);
  });
});

test('the matrix is as large as it is said to be', () => {
  const cases = [GOOD, IDENTITIES, CONTENT, LOG, TIME, CERTIFICATE].flatMap((part) => Object.values(part));
  expect(cases.length).toBeGreaterThanOrEqual(100);
});

function newRegistry(name: string): Place {
  repositories += 1;
  const address = registries[name]?.address ?? '';
  const repository = `verify/case-${repositories}`;
  return { registry: registryAt(address, repository), reference: `${address}/${repository}` };
}

function spoilt({ bundle = '', spoil }: Case): Uint8Array {
  if (!spoil) return bundles[bundle] ?? Buffer.alloc(0);
  const json = bytesOf(bundle);
  const before = JSON.stringify(json);
  spoil(json);
  const after = JSON.stringify(json);
  if (after === before) throw new Error('nothing was spoilt');
  return Buffer.from(after);
}

async function rootOf({ root }: Case): Promise<{ file: string; bytes: Uint8Array }> {
  const bytes = await readFile(sigstore.trustedRoot);
  if (!root) return { file: sigstore.trustedRoot, bytes };
  const json = JSON.parse(bytes.toString());
  root(json);
  const file = join(folder, `root-${repositories}.json`);
  await writeFile(file, JSON.stringify(json));
  return { file, bytes: Buffer.from(JSON.stringify(json)) };
}

interface Answer {
  readonly says: 'yes' | 'no';
  readonly why: string;
}

async function weSay(one: Case, registry: Registry, root: Uint8Array): Promise<Answer> {
  const issuer = one.issuer === 'slash' ? `${sigstore.issuer.url}/` : (one.issuer ?? sigstore.issuer.url);
  const subject = one.regexp ? pattern(one.regexp, 'x') : exact(one.identity ?? IDENTITY);
  const pem = { keyless: undefined, key: key.publicPem, 'other key': otherKey.publicPem }[one.as ?? 'keyless'];
  const trust: Trust = {
    publicKeys: pem ? [parsePublicKey(pem)] : [],
    ...(pem ? {} : { identities: [{ issuer: exact(issuer), subject }] }),
    roots: await readTrustedRoots(root, 'the root'),
    ...one.trust,
  };
  const { verified, refused } = await signedFacts(registry, image.digest, trust, new AbortController().signal);
  const found = verified.some((fact) => fact.predicateType === (one.predicateType ?? PredicateType.signature));
  return { says: found ? 'yes' : 'no', why: refused.map(({ why }) => why).join(' ') };
}

async function cosignSays(one: Case, reference: string, root: string): Promise<Answer> {
  const issuer = one.issuer === 'slash' ? `${sigstore.issuer.url}/` : (one.issuer ?? sigstore.issuer.url);
  const keyFile = { keyless: undefined, key: 'key.pub', 'other key': 'other.pub' }[one.as ?? 'keyless'];
  const who = keyFile
    ? ['--key', join(folder, keyFile)]
    : [
        ...(one.regexp
          ? ['--certificate-identity-regexp', one.regexp]
          : ['--certificate-identity', one.identity ?? IDENTITY]),
        ...['--certificate-oidc-issuer', issuer],
      ];
  const ask = one.predicateType ? ['verify-attestation', '--type', one.predicateType] : ['verify'];
  const old = one.flags?.includes('--new-bundle-format=false');
  const { code, stderr } = await cosign([
    ...ask,
    ...who,
    ...(old ? [] : ['--trusted-root', root]),
    ...(one.flags ?? []),
    `${reference}@${image.digest}`,
  ]);
  return { says: code === 0 ? 'yes' : 'no', why: stderr.split('\n').slice(-6).join(' ') };
}

/** `cosign sign` or `attest`, as somebody else would. */
function cosignSigns(command: 'sign' | 'attest', as: 'keyless' | 'key' = 'keyless', format: 'new' | 'old' = 'new') {
  return async ({ reference }: Place) => {
    const who = as === 'key' ? ['--key', await cosignKey()] : ['--identity-token', sigstore.issuer.token('sigstore')];
    const predicate = join(folder, 'predicate.json');
    await writeFile(predicate, JSON.stringify({ buildDefinition: {}, runDetails: { builder: { id: 'b' } } }));
    const services =
      format === 'new'
        ? ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot]
        : ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false'];
    const { code, stderr } = await cosign([
      command,
      '--yes',
      ...who,
      ...services,
      ...(command === 'attest' ? ['--predicate', predicate, '--type', 'slsaprovenance1'] : []),
      `${reference}@${image.digest}`,
    ]);
    if (code !== 0) throw new Error(`cosign ${command}: ${stderr}`);
  };
}

/** cosign signs with its own key file only. */
async function cosignKey(): Promise<string> {
  const prefix = join(folder, 'imported');
  await writeFile(join(folder, 'imported.pem'), key.privatePem);
  await cosign(['import-key-pair', '--yes', '--key', join(folder, 'imported.pem'), '--output-key-prefix', prefix]);
  return `${prefix}.key`;
}

function forged(forgery: Forgery) {
  return async ({ registry }: Place) => {
    const signer: Signer = await forgedSigner(sigstore, IDENTITY, await mkdtemp(join(folder, 'forged-')), forgery);
    const bundle = await signImage(image.digest, signer, [signing.log, signing.clock] satisfies Witness[]);
    await attach(registry, image, bundle, PredicateType.signature);
  };
}

/** cosign has to be told what our root says by naming none. */
function withoutCertificateLog(): Pick<Case, 'root' | 'flags'> {
  return {
    root: (root) => {
      root.ctlogs = [];
    },
    flags: ['--insecure-ignore-sct=true'],
  };
}

function both(name: string, spoil: (bundle: Json) => void) {
  return async ({ registry }: Place) => {
    const bundle = bytesOf(name);
    spoil(bundle);
    await attach(registry, image, Buffer.from(JSON.stringify(bundle)), PredicateType.signature);
    await attach(registry, image, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  };
}

function twoBundles(...names: readonly string[]) {
  return async ({ registry }: Place) => {
    for (const name of names) {
      await attach(registry, image, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
    }
  };
}

/** A fallback tag, which anybody who may push can write, that lists a referrer of another image. */
async function swapped(registry: Registry, name: string): Promise<void> {
  await pushImage(registry, 'another image');
  await attach(registry, otherImage, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  const { descriptor } = bundleReferrer(otherImage, bundles[name] ?? Buffer.alloc(0), PredicateType.signature);
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: [descriptor] }));
  const tag = `sha256-${hexOf(image.digest)}`;
  const answer = await fetch(`http://${registry.name.replace('/', '/v2/')}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': MediaType.index },
    body: index,
  });
  if (answer.status !== 201) throw new Error(`the tag was not written: ${answer.status}`);
}

function cosign(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = developerEnvironment({ HOME: folder, COSIGN_PASSWORD: '' });
  return new Promise((resolve) => {
    execFile(cosignProgram, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, stdout, stderr });
    });
  });
}

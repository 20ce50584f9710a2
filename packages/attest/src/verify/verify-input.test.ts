/** Everything that can be wrong with what a verifier is given: one clear error each, and never a stack trace. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { keySigner } from '../sign/key-signer.ts';
import { parsePublicKey } from './public-key.ts';
import {
  bundle,
  bytesOf,
  entryOf,
  flipped,
  IDENTITY,
  type Json,
  keylessTrust,
  olderVersion,
  RECORDED,
  stampsOf,
} from './recorded-sigstore.fixture.ts';
import { readTrustedRoots } from './trusted-root.ts';
import { type Trust, verifyBundle } from './verify.ts';

let trust: Trust;
beforeAll(async () => {
  trust = await keylessTrust();
});

/** One sentence about what is wrong, and one about what to do; nothing of ours, of the library's or of the key's. */
function clear(error: unknown, code: string, why: string): void {
  expect(error).toBeInstanceOf(TidegateError);
  const { message, next, code: is } = error as TidegateError;
  expect({ code: is, message }).toEqual({ code, message: expect.stringContaining(why) });
  expect(next).toMatch(/\.$/);
  expect(message).toMatch(/^[A-Z].*\.$/s);
  expect(message).not.toMatch(/undefined|\[object|TypeError|at .*:\d+:\d+|NaN/);
  expect(message.length).toBeLessThan(500);
}

const material = (of: Json) => of.verificationMaterial;
const envelope = (of: Json) => of.dsseEnvelope;
const proof = (of: Json) => entryOf(of).inclusionProof;
const set = (at: (of: Json) => Json, key: string, value: unknown) => (of: Json) => {
  if (value === undefined) delete at(of)[key];
  else at(of)[key] = value;
};
const top = (of: Json) => of;

describe('a bundle', () => {
  const MANGLED: readonly [string, (of: Json) => void, string, string][] = [
    ['without a media type', set(top, 'mediaType', undefined), 'evidence', 'mediaType is missing'],
    ['of no known media type', set(top, 'mediaType', 'text/plain'), 'evidence', 'mediaType: expected'],
    [
      'of version 0.1',
      set(top, 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.1'),
      'evidence',
      'mediaType',
    ],
    [
      'of version 0.2 with the certificate of version 0.3',
      set(top, 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.2'),
      'evidence',
      'x509CertificateChain',
    ],
    [
      'of version 0.2 with an empty chain',
      (of) => {
        olderVersion(of);
        material(of).x509CertificateChain.certificates = [];
      },
      'evidence',
      'x509CertificateChain.certificates',
    ],
    [
      'of version 0.2 with a chain of eleven',
      (of) => {
        olderVersion(of);
        material(of).x509CertificateChain.certificates.length = 11;
        material(of).x509CertificateChain.certificates.fill({ rawBytes: 'AAAA' });
      },
      'evidence',
      'x509CertificateChain.certificates',
    ],
    [
      "of version 0.2 with another's certificate first",
      (of) => {
        olderVersion(of);
        material(of).x509CertificateChain.certificates.unshift(material(bundle('second')).certificate);
      },
      'signature',
      'verification failed',
    ],
    [
      'of version 0.2 with a promise and no proof',
      (of) => {
        olderVersion(of);
        entryOf(of).inclusionPromise = { signedEntryTimestamp: 'AAAA' };
        delete entryOf(of).inclusionProof;
      },
      'evidence',
      'inclusionProof is missing',
    ],
    [
      'of version 0.3 with a chain beside its certificate',
      (of) => {
        material(of).x509CertificateChain = { certificates: [material(of).certificate] };
      },
      'evidence',
      'have its certificate in certificate',
    ],
    [
      'of version 0.2 with the root of its authority behind its certificate',
      (of) => {
        olderVersion(of, RECORDED.trustedRoot.certificateAuthorities[0]);
      },
      'evidence',
      'its own root certificate',
    ],
    [
      'of version 0.2 with no certificate behind its certificate',
      (of) => {
        olderVersion(of);
        material(of).x509CertificateChain.certificates[1].rawBytes = 'AAAA';
      },
      'evidence',
      'invalid data after its certificate',
    ],
    ['with a number as media type', set(top, 'mediaType', 3), 'evidence', 'mediaType'],
    ['without material', set(top, 'verificationMaterial', undefined), 'evidence', 'verificationMaterial is missing'],
    [
      'with a list as material',
      set(top, 'verificationMaterial', []),
      'evidence',
      'either a public key or a certificate',
    ],
    ['with null as material', set(top, 'verificationMaterial', null), 'evidence', 'verificationMaterial'],
    ['without an envelope', set(top, 'dsseEnvelope', undefined), 'evidence', 'dsseEnvelope is missing'],
    ['with null as envelope', set(top, 'dsseEnvelope', null), 'evidence', 'dsseEnvelope'],
    ['with a message signature beside', set(top, 'messageSignature', {}), 'evidence', 'messageSignature'],
    ['without a payload', set(envelope, 'payload', undefined), 'evidence', 'payload is missing'],
    ['with a payload that is no base64', set(envelope, 'payload', '%'), 'evidence', 'expected base64'],
    ['with a number as payload', set(envelope, 'payload', 1), 'evidence', 'payload'],
    ['without a payload type', set(envelope, 'payloadType', undefined), 'evidence', 'payloadType is missing'],
    ['of another payload type', set(envelope, 'payloadType', 'text/plain'), 'signature', 'not a statement'],
    ['without signatures', set(envelope, 'signatures', undefined), 'evidence', 'signatures is missing'],
    ['with an object as signatures', set(envelope, 'signatures', {}), 'evidence', 'signatures'],
    ['with no signature', set(envelope, 'signatures', []), 'evidence', 'signatures'],
    ['with a signature of null', set(envelope, 'signatures', [null]), 'evidence', 'signatures'],
    ['with two signatures', (of) => envelope(of).signatures.push(envelope(of).signatures[0]), 'evidence', 'signatures'],
    ['with an empty signature', set(envelope, 'signatures', [{ sig: '' }]), 'signature', 'verification failed'],
    [
      'with a long signature',
      set(envelope, 'signatures', [{ sig: 'A'.repeat(4000) }]),
      'signature',
      'verification failed',
    ],
    ['without key or certificate', set(material, 'certificate', undefined), 'evidence', 'either a public key'],
    ['with both', set(material, 'publicKey', { hint: 'x' }), 'evidence', 'either a public key'],
    [
      'of version 0.3 with the chain of version 0.2',
      (of) => {
        material(of).x509CertificateChain = { certificates: [material(of).certificate] };
        delete material(of).certificate;
      },
      'evidence',
      'have its certificate in certificate',
    ],
    ['with a certificate of text', set(material, 'certificate', 'x'), 'evidence', 'certificate'],
    ['with an empty certificate', set(material, 'certificate', { rawBytes: '' }), 'evidence', 'cannot be read'],
    ['with a certificate of rubbish', set(material, 'certificate', { rawBytes: 'AAAA' }), 'evidence', 'cannot be read'],
    [
      'with a certificate in PEM',
      set(material, 'certificate', { rawBytes: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64') }),
      'evidence',
      'cannot be read',
    ],
    [
      'with a certificate cut short',
      (of) => {
        material(of).certificate.rawBytes = cut(material(of).certificate.rawBytes);
      },
      'evidence',
      'cannot be read',
    ],
    [
      'with bytes behind the certificate',
      (of) => {
        material(of).certificate.rawBytes = longer(material(of).certificate.rawBytes);
      },
      'evidence',
      'cannot be read',
    ],
    [
      'with a certificate of another signature',
      (of) => {
        material(of).certificate.rawBytes = flipped(material(of).certificate.rawBytes);
      },
      'signature',
      'certificate is invalid',
    ],
    [
      'with an authority as certificate',
      set(material, 'certificate', RECORDED.trustedRoot.certificateAuthorities[0].certChain.certificates[0]),
      'signature',
      'certificate of an authority',
    ],
    [
      'with the certificate of a timestamp authority',
      set(material, 'certificate', RECORDED.trustedRoot.timestampAuthorities[0].certChain.certificates[0]),
      'signature',
      'not for code signing',
    ],
    ['with an object as log entries', set(material, 'tlogEntries', {}), 'evidence', 'tlogEntries'],
    ['with a log entry of null', set(material, 'tlogEntries', [null]), 'evidence', 'tlogEntries.0'],
    ['with an empty log entry', set(material, 'tlogEntries', [{}]), 'evidence', 'logId is missing'],
    [
      'with twenty log entries',
      (of) => {
        material(of).tlogEntries = Array(20).fill(entryOf(of));
      },
      'evidence',
      '20 log entries',
    ],
    [
      'with the same log entry twice',
      (of) => material(of).tlogEntries.push(entryOf(of)),
      'signature',
      'duplicate tlog entry',
    ],
    ['with a log id that is no base64', set((of) => entryOf(of).logId, 'keyId', '%'), 'evidence', 'keyId'],
    ['with an index that is no number', set(entryOf, 'logIndex', 'x'), 'evidence', 'logIndex'],
    ['with an index below zero', set(entryOf, 'logIndex', '-1'), 'evidence', 'logIndex'],
    ['with an index beyond 64 bits', set(entryOf, 'logIndex', '1'.repeat(40)), 'evidence', 'logIndex'],
    ['with a fraction as index', set(entryOf, 'logIndex', 1.5), 'evidence', 'logIndex'],
    ['with a time that is no number', set(entryOf, 'integratedTime', 'now'), 'evidence', 'integratedTime'],
    ['without a kind', set(entryOf, 'kindVersion', undefined), 'evidence', 'kindVersion is missing'],
    ['of an unknown kind', set(entryOf, 'kindVersion', { kind: 'x', version: '1' }), 'signature', 'for something else'],
    [
      'of another version of its kind',
      set(entryOf, 'kindVersion', { kind: 'hashedrekord', version: '0.0.1' }),
      'signature',
      'for something else',
    ],
    ['without a body', set(entryOf, 'canonicalizedBody', undefined), 'evidence', 'canonicalizedBody is missing'],
    ['with a body of no base64', set(entryOf, 'canonicalizedBody', '%'), 'evidence', 'canonicalizedBody'],
    ['with an empty body', set(entryOf, 'canonicalizedBody', ''), 'signature', 'its inclusion proof is invalid'],
    ['without a proof', set(entryOf, 'inclusionProof', undefined), 'evidence', 'inclusionProof is missing'],
    ['with a proof of text', set(entryOf, 'inclusionProof', 'x'), 'evidence', 'inclusionProof'],
    ['with a proof without a checkpoint', set(proof, 'checkpoint', undefined), 'evidence', 'checkpoint is missing'],
    ['with an empty checkpoint', set(proof, 'checkpoint', {}), 'evidence', 'envelope is missing'],
    [
      'with a checkpoint of nothing',
      set(proof, 'checkpoint', { envelope: '' }),
      'signature',
      'missing checkpoint separator',
    ],
    [
      'with a checkpoint of one line',
      set(proof, 'checkpoint', { envelope: 'x\n\n\u2014 x AAAAAAAA\n' }),
      'signature',
      'too few lines',
    ],
    [
      'with a checkpoint of no size',
      set(proof, 'checkpoint', { envelope: 'x\ny\nAA==\n\n\u2014 x AAAAAAAA\n' }),
      'signature',
      'log size',
    ],
    [
      'with a checkpoint without signatures',
      set(proof, 'checkpoint', { envelope: 'x\n1\nAA==\n\n' }),
      'signature',
      'no signatures',
    ],
    [
      'with a checkpoint of a short signature',
      set(proof, 'checkpoint', { envelope: 'x\n1\nAA==\n\n\u2014 x AAAA\n' }),
      'signature',
      'malformed checkpoint signature',
    ],
    ['with hashes of no base64', set(proof, 'hashes', ['%']), 'evidence', 'hashes.0'],
    ['with text as hashes', set(proof, 'hashes', 'x'), 'evidence', 'hashes'],
    [
      'with sixty hashes',
      (of) => {
        proof(of).hashes = Array(60).fill(proof(of).rootHash);
      },
      'signature',
      'invalid hash count',
    ],
    ['with a tree of no size', set(proof, 'treeSize', 'x'), 'evidence', 'treeSize'],
    [
      'with a promise of no base64',
      set(entryOf, 'inclusionPromise', { signedEntryTimestamp: '%' }),
      'evidence',
      'signedEntryTimestamp',
    ],
    [
      'with a promise that nobody made',
      set(entryOf, 'inclusionPromise', { signedEntryTimestamp: 'AAAA' }),
      'signature',
      "log's inclusion promise is invalid",
    ],
    [
      'with text as timestamps',
      set(material, 'timestampVerificationData', 'x'),
      'evidence',
      'timestampVerificationData',
    ],
    [
      'with a timestamp of no base64',
      (of) => {
        stampsOf(of)[0].signedTimestamp = '%';
      },
      'evidence',
      'signedTimestamp',
    ],
    [
      'with an empty timestamp',
      (of) => {
        stampsOf(of)[0].signedTimestamp = '';
      },
      'evidence',
      'not an RFC 3161 response',
    ],
    [
      'with a timestamp of rubbish',
      (of) => {
        stampsOf(of)[0].signedTimestamp = 'MAMCAQA=';
      },
      'evidence',
      'not an RFC 3161 response',
    ],
    [
      'with a timestamp that was refused',
      (of) => {
        stampsOf(of)[0].signedTimestamp = Buffer.from('30053003020102', 'hex').toString('base64');
      },
      'signature',
      'status 2',
    ],
    [
      'with a timestamp cut short',
      (of) => {
        stampsOf(of)[0].signedTimestamp = cut(stampsOf(of)[0].signedTimestamp);
      },
      'evidence',
      'not an RFC 3161 response',
    ],
    [
      'with an altered timestamp',
      (of) => {
        stampsOf(of)[0].signedTimestamp = flipped(stampsOf(of)[0].signedTimestamp);
      },
      'signature',
      'timestamp is invalid',
    ],
    [
      'with twenty timestamps',
      (of) => {
        material(of).timestampVerificationData.rfc3161Timestamps = Array(20).fill(stampsOf(of)[0]);
      },
      'evidence',
      '20 timestamps',
    ],
  ];

  test.each(MANGLED)('%s', (_, mangle, code, why) => {
    const of = bundle();
    mangle(of);
    clear(
      caught(() => verifyBundle(bytesOf(of), trust, RECORDED.image)),
      code,
      why,
    );
  });

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'is empty'],
    ['no JSON', 'hello', 'not JSON in UTF-8'],
    ['half a document', JSON.stringify(bundle()).slice(0, 400), 'not JSON in UTF-8'],
    ['a number', '1', 'The bundle'],
    ['null', 'null', 'The bundle'],
    ['a list', '[]', 'is missing'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'not JSON in UTF-8'],
    ['a thousand brackets', '['.repeat(1000), 'not JSON in UTF-8'],
    ['a thousand lists in each other', '['.repeat(1000) + ']'.repeat(1000), 'nested deeper than'],
    ['a key twice', JSON.stringify(bundle()).replace('{', '{"mediaType":"x",'), 'appears twice'],
  ])('that is %s', (_, content, why) => {
    clear(
      caught(() => verifyBundle(Buffer.from(content), trust, RECORDED.image)),
      'evidence',
      why,
    );
  });
});

test('a bundle reads null as protobuf does: the field is not set', () => {
  const of = bundle();
  Object.assign(material(of), { publicKey: null, x509CertificateChain: null });
  Object.assign(of, { messageSignature: null });
  Object.assign(envelope(of).signatures[0], { keyid: null });
  Object.assign(entryOf(of), { inclusionPromise: null, integratedTime: null });
  expect(verifyBundle(bytesOf(of), trust, RECORDED.image)).toEqual(
    verifyBundle(bytesOf(bundle()), trust, RECORDED.image),
  );
  Object.assign(entryOf(of), { inclusionProof: null });
  clear(
    caught(() => verifyBundle(bytesOf(of), trust, RECORDED.image)),
    'evidence',
    'inclusionProof is missing',
  );
});

test('a certificate behind that of the signer is ignored: the chain is that of the trusted root', () => {
  expect(verifyBundle(bytesOf(olderVersion(bundle())), trust, RECORDED.image)).toEqual(
    verifyBundle(bytesOf(bundle()), trust, RECORDED.image),
  );
});

describe('a trusted root', () => {
  const ca = (root: Json) => root.certificateAuthorities[0];
  const tsa = (root: Json) => root.timestampAuthorities[0];
  const log = (root: Json) => root.tlogs[0];
  const leaf = (of: Json) => of.certChain.certificates[0];
  test.each<[string, (root: Json) => void, string]>([
    ['without a media type', set(top, 'mediaType', undefined), 'mediaType is missing'],
    ['of another media type', set(top, 'mediaType', 'application/json'), 'mediaType: expected'],
    [
      'of a signing config',
      set(top, 'mediaType', 'application/vnd.dev.sigstore.signingconfig.v0.2+json'),
      'mediaType: expected',
    ],
    ['with an object as logs', set(top, 'tlogs', {}), 'tlogs'],
    ['with a log of null', set(top, 'tlogs', [null]), 'tlogs.0'],
    ['with a log without a URL', set(log, 'baseUrl', undefined), 'baseUrl is missing'],
    ['with a log without a key', set(log, 'publicKey', undefined), 'publicKey is missing'],
    ['with a log without an id', set(log, 'logId', undefined), 'logId is missing'],
    ['with a log key of no base64', set((root) => log(root).publicKey, 'rawBytes', '%'), 'rawBytes'],
    ['with an empty log key', set((root) => log(root).publicKey, 'rawBytes', ''), 'rawBytes'],
    ['with a log key of rubbish', set((root) => log(root).publicKey, 'rawBytes', 'AAAA'), 'key or certificate'],
    [
      'with a log key without its kind',
      set((root) => log(root).publicKey, 'keyDetails', undefined),
      'keyDetails is missing',
    ],
    [
      'with a log key of an unknown kind',
      set((root) => log(root).publicKey, 'keyDetails', 'SHAMIR'),
      'key or certificate',
    ],
    [
      'with a start that is no time',
      set((root) => log(root).publicKey, 'validFor', { start: 'once' }),
      'validFor.start',
    ],
    [
      'with an end that is no time',
      set((root) => log(root).publicKey, 'validFor', { start: '2026-01-01T00:00:00Z', end: 7 }),
      'validFor.end',
    ],
    [
      'with a log that has been valid for ever',
      set((root) => log(root).publicKey, 'validFor', undefined),
      'validFor is missing',
    ],
    [
      'with a log whose window has no beginning',
      set((root) => log(root).publicKey, 'validFor', { end: '2027-01-01T00:00:00Z' }),
      'validFor.start is missing',
    ],
    [
      'with a log whose window begins at null',
      set((root) => log(root).publicKey, 'validFor', { start: null }),
      'validFor.start is missing',
    ],
    [
      'with a certificate log whose window has no beginning',
      set((root) => root.ctlogs[0].publicKey, 'validFor', {}),
      'validFor.start is missing',
    ],
    [
      'with an end before its start',
      set((root) => log(root).publicKey, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    [
      'with an authority that ends before it begins',
      set(ca, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    [
      'with a timestamp authority that ends before it begins',
      set(tsa, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    ['with an end that only Date.parse reads', set(ca, 'validFor', { end: '1 Jan 2027' }), 'validFor.end'],
    ['with an end of no time zone', set(ca, 'validFor', { end: '2027-01-01T00:00:00' }), 'validFor.end'],
    ['with text as authorities', set(top, 'certificateAuthorities', 'x'), 'certificateAuthorities'],
    ['with an authority without a chain', set(ca, 'certChain', undefined), 'certChain is missing'],
    ['with an empty chain', set(ca, 'certChain', { certificates: [] }), 'certificates'],
    [
      'with a certificate of no base64',
      set((root) => leaf(ca(root)), 'rawBytes', '-----BEGIN CERTIFICATE-----'),
      'rawBytes',
    ],
    ['with a certificate of rubbish', set((root) => leaf(ca(root)), 'rawBytes', 'AAAA'), 'key or certificate'],
    [
      'with a certificate cut short',
      (root) => {
        leaf(ca(root)).rawBytes = cut(leaf(ca(root)).rawBytes);
      },
      'key or certificate',
    ],
    [
      'with a timestamp authority of another use',
      set(
        (root) => leaf(tsa(root)),
        'rawBytes',
        RECORDED.trustedRoot.certificateAuthorities[0].certChain.certificates[0].rawBytes,
      ),
      'not for time stamping',
    ],
    [
      'with the root of a timestamp authority alone',
      (root) => {
        tsa(root).certChain.certificates.shift();
      },
      'not for time stamping',
    ],
    [
      'with a certificate log of rubbish',
      set((root) => root.ctlogs[0].publicKey, 'rawBytes', 'AAAA'),
      'key or certificate',
    ],
    [
      'that names nobody',
      (root) => {
        root.tlogs = [];
        root.certificateAuthorities = [];
        root.timestampAuthorities = [];
      },
      'neither an authority nor a log',
    ],
  ])('%s', async (_, mangle, why) => {
    const root = structuredClone(RECORDED.trustedRoot);
    mangle(root);
    clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', why);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'is empty'],
    ['no JSON', 'hello', 'not JSON in UTF-8'],
    ['a PEM certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'not JSON in UTF-8'],
    ['a list', '[]', 'mediaType is missing'],
    ['null', 'null', 'not a trusted root'],
    ['twenty documents', `${JSON.stringify(RECORDED.trustedRoot)}\n`.repeat(20), 'contains 20 documents'],
    [
      'two documents, one of them another thing',
      `${JSON.stringify(RECORDED.trustedRoot)}\n{}\n`,
      'mediaType is missing',
    ],
    ['a key twice', JSON.stringify(RECORDED.trustedRoot).replace('{', '{"tlogs":[],'), 'appears twice'],
  ])('that is %s', async (_, text, why) => {
    clear(await rejected(readTrustedRoots(Buffer.from(text), 'Root.json')), 'bad-input', why);
  });

  test('reads null as protobuf does: the field is not set', async () => {
    const root = structuredClone(RECORDED.trustedRoot);
    Object.assign(top(root), { signingConfig: null });
    Object.assign(log(root), { checkpointKeyId: null, operator: null });
    Object.assign(log(root).publicKey.validFor, { end: null });
    Object.assign(ca(root), { operator: null, uri: null });
    Object.assign(ca(root).validFor, { end: null });
    const trust: Trust = { publicKeys: [], identities: [IDENTITY], roots: await readTrustedRoots(bytesOf(root), 'x') };
    expect(verifyBundle(bytesOf(bundle()), trust, RECORDED.image).signer.identity?.subject).toBe(RECORDED.identity);
    // Nor does it make a field optional that is not.
    Object.assign(log(root), { logId: null });
    clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', 'logId is missing');
  });

  describe('one of whose authorities cannot be used', () => {
    const spoilt = async (spoil: (root: Json) => void) => {
      const root = structuredClone(RECORDED.trustedRoot);
      spoil(root);
      const notices: string[] = [];
      const roots = await readTrustedRoots(bytesOf(root), 'Root.json', (message) => notices.push(message));
      return { notices, trust: { publicKeys: [], identities: [IDENTITY], roots } satisfies Trust };
    };
    const rubbish = (of: Json) => {
      of.certChain.certificates[0].rawBytes = 'AAAA';
      return of;
    };
    test.each<[string, (root: Json) => void, string]>([
      [
        'a timestamp authority of another use',
        (root) => root.timestampAuthorities.unshift({ ...structuredClone(ca(root)) }),
        'timestamp authority is not used. timestampAuthorities.0: a timestamp authority',
      ],
      [
        'a timestamp authority of rubbish',
        (root) => root.timestampAuthorities.unshift(rubbish(structuredClone(tsa(root)))),
        'timestamp authority is not used. timestampAuthorities.0: it has a key or certificate',
      ],
      [
        'an authority of rubbish',
        (root) => root.certificateAuthorities.push(rubbish(structuredClone(ca(root)))),
        'certificate authority is not used. certificateAuthorities.1: it has a key or certificate',
      ],
      [
        'a log whose key is of a kind that nobody here knows',
        (root) => {
          const { publicKey, ...rest } = structuredClone(log(root));
          root.tlogs.push({ ...rest, publicKey: { ...publicKey, rawBytes: 'AAAA', keyDetails: 'ML_DSA_65' } });
        },
        'transparency log is not used. tlogs.1: it has a key or certificate',
      ],
      [
        'a certificate log of rubbish',
        (root) => {
          const { publicKey, ...rest } = structuredClone(root.ctlogs[0]);
          root.ctlogs.push({ ...rest, publicKey: { ...publicKey, rawBytes: 'AAAA' } });
        },
        'certificate log is not used. ctlogs.1: it has a key or certificate',
      ],
    ])('%s: the others count, and a notice says so', async (_, spoil, notice) => {
      const { notices, trust } = await spoilt(spoil);
      expect(notices).toEqual([expect.stringContaining(notice)]);
      expect(verifyBundle(bytesOf(bundle()), trust, RECORDED.image).signer.times).toHaveLength(1);
    });

    test('asks no less of a signature: with the last one of a kind gone the root is refused', async () => {
      for (const kind of ['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities']) {
        const root = structuredClone(RECORDED.trustedRoot);
        for (const one of root[kind]) {
          const of = one.publicKey ?? one.certChain.certificates[0];
          of.rawBytes = 'AAAA';
        }
        clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', `${kind}.0: it has a key`);
      }
    });
  });

  test('may be several documents, one a line, or one over many lines', async () => {
    const line = JSON.stringify(RECORDED.trustedRoot);
    expect(await readTrustedRoots(Buffer.from(`${line}\n${line}\n`), 'x')).toHaveLength(2);
    expect(await readTrustedRoots(Buffer.from(JSON.stringify(RECORDED.trustedRoot, undefined, 2)), 'x')).toHaveLength(
      1,
    );
  });
});

const pem = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const spki = (kind: () => { publicKey: { export(options: object): unknown } }) =>
  String(kind().publicKey.export({ type: 'spki', format: 'pem' }));

describe('a public key', () => {
  test.each<[string, () => string, string]>([
    ['that is empty', () => '', 'not a public key'],
    ['that is a path', () => 'cosign.pub', 'not a public key'],
    ['of rubbish', () => pem('PUBLIC KEY', 'AAAA'), 'cannot be read'],
    ['of no base64', () => pem('PUBLIC KEY', '%%%%'), 'cannot be read'],
    ['cut short', () => RECORDED.publicKey.slice(0, 90), 'cannot be read'],
    [
      'that is private',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      'private key was given',
    ],
    ["that is cosign's private one", () => pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'AAAA'), 'private key was given'],
    [
      'that is a certificate',
      () => new X509Certificate(Buffer.from(bundle().verificationMaterial.certificate.rawBytes, 'base64')).toString(),
      'certificate was given',
    ],
    ['of OpenSSH', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x@y', 'not a public key'],
    [
      'on a curve that is not signed with',
      () => spki(() => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      'EC key on secp256k1',
    ],
    ['of a kind that is not signed with', () => spki(() => generateKeyPairSync('x25519')), 'key of type x25519'],
    ['of 1024 bits', () => spki(() => generateKeyPairSync('rsa', { modulusLength: 1024 })), '1024 bits'],
  ])('%s', (_, text, why) => {
    clear(
      caught(() => parsePublicKey(text())),
      'signature',
      why,
    );
  });
});

describe('a private key', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' })
    .toString();
  const cosign = (change: (file: Json) => void = () => {}) => {
    const file: Json = {
      kdf: { name: 'scrypt', params: { N: 32768, r: 8, p: 1 }, salt: Buffer.alloc(32).toString('base64') },
      cipher: { name: 'nacl/secretbox', nonce: Buffer.alloc(24).toString('base64') },
      ciphertext: Buffer.alloc(64).toString('base64'),
    };
    change(file);
    return pem('ENCRYPTED SIGSTORE PRIVATE KEY', Buffer.from(JSON.stringify(file)).toString('base64'));
  };
  test.each<[string, () => string, string | undefined, string]>([
    ['that is empty', () => '', undefined, 'is empty'],
    ['that is no PEM', () => 'hunter2', undefined, 'not a private key'],
    ['that is public', () => RECORDED.publicKey, undefined, 'public key was given'],
    [
      'without its last line',
      () => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().slice(0, 120),
      undefined,
      'not a private key',
    ],
    ['of rubbish', () => pem('PRIVATE KEY', 'AAAA'), undefined, 'damaged'],
    ['that is encrypted, without a password', () => encrypted, undefined, 'no password was set'],
    ['with a wrong password', () => encrypted, 'wrong', 'password does not decrypt'],
    ['with an empty password', () => encrypted, '', 'password'],
    ["of cosign's, without a password", () => cosign(), undefined, 'no password was set'],
    ["of cosign's, with a wrong password", () => cosign(), 'wrong', 'password does not decrypt'],
    [
      "of cosign's, with no JSON in it",
      () => pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'AAAA'),
      'x',
      'does not contain JSON',
    ],
    ["of cosign's, with another derivation", () => cosign(set((file) => file.kdf, 'name', 'argon2')), 'x', 'kdf.name'],
    [
      "of cosign's, with costs that take the machine",
      () => cosign(set((file) => file.kdf.params, 'N', 2 ** 30)),
      'x',
      'scrypt settings',
    ],
    ["of cosign's, with a short salt", () => cosign(set((file) => file.kdf, 'salt', 'AAAA')), 'x', 'kdf.salt'],
    ["of cosign's, with another cipher", () => cosign(set((file) => file.cipher, 'name', 'rot13')), 'x', 'cipher.name'],
    ["of cosign's, with a short nonce", () => cosign(set((file) => file.cipher, 'nonce', 'AAAA')), 'x', 'cipher.nonce'],
    ["of cosign's, without its text", () => cosign(set(top, 'ciphertext', undefined)), 'x', 'ciphertext'],
    ['of OpenSSH', () => pem('OPENSSH PRIVATE KEY', 'AAAA'), undefined, 'OpenSSH'],
    ['that is a certificate', () => pem('CERTIFICATE', 'AAAA'), undefined, 'certificate was given'],
    [
      'on a curve that is not signed with',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      undefined,
      'secp256k1',
    ],
  ])('%s', async (_, text, password, why) => {
    const error = await rejected(keySigner(text(), password));
    clear(error, 'signature', why);
    expect(String((error as Error).stack)).not.toMatch(/hunter2|MIGHAgEAMBMG/);
  });
});

function cut(base64: string): string {
  return Buffer.from(base64, 'base64').subarray(0, -20).toString('base64');
}

function longer(base64: string): string {
  return Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from('behind')]).toString('base64');
}

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

async function rejected(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

/** All errors in a bundle: each gives one clear message, and never a stack trace. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  bundle,
  bytesOf,
  entryOf,
  flipped,
  type Json,
  keylessTrust,
  olderVersion,
  RECORDED,
  stampsOf,
} from './recorded-sigstore.fixture.ts';
import { type Trust, verifyBundle } from './verify.ts';
import { caught, clear, cut, envelope, longer, material, proof, set, top } from './verify-input.fixture.ts';

let trust: Trust;
beforeAll(async () => {
  trust = await keylessTrust();
});

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

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, PredicateType } from '@tidegate/core';
import { makeBundle, parseBundle } from '../bundle/bundle.ts';
import { IN_TOTO_PAYLOAD, pae } from '../bundle/dsse.ts';
import { signatureStatement } from '../bundle/signature.ts';
import { type KeySigner, keySigner } from '../sign/key-signer.ts';
import type { Witness } from '../sign/signer.ts';
import { IMAGE, json, newSigner, OTHER_IMAGE, parsed } from '../sound.fixture.ts';
import { makeStatement } from '../statement/statement.ts';
import { parsePublicKey } from './public-key.ts';
import { verifyBundle } from './verify.ts';

let signer: KeySigner;
let stranger: KeySigner;
let sound: Uint8Array;
const { bytes } = signatureStatement(IMAGE);

beforeAll(async () => {
  signer = await newSigner();
  stranger = await newSigner();
  sound = await makeBundle(bytes, signer);
});

const verify = (bundle: Uint8Array, ...keys: KeySigner[]) =>
  verifyBundle(bundle, { publicKeys: (keys.length > 0 ? keys : [signer]).map((key) => key.publicKey) }, IMAGE);

describe('makeBundle', () => {
  test('names the key by hint and leaves keyid empty, as cosign wants it', () => {
    const { mediaType, verificationMaterial, dsseEnvelope } = parsed(sound);
    expect(mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(verificationMaterial).toEqual({
      publicKey: { hint: createHash('sha256').update(signer.publicKey.spki).digest('base64') },
    });
    expect(dsseEnvelope).toMatchObject({ payloadType: IN_TOTO_PAYLOAD, signatures: [{ keyid: '' }] });
    expect(Buffer.from(dsseEnvelope.payload, 'base64').equals(Buffer.from(bytes))).toBe(true);
  });

  test('carries what witnesses say', async () => {
    const log: Witness = { name: 'log', testify: async () => ({ tlogEntry: { logIndex: '1' } }) };
    const clock: Witness = { name: 'clock', testify: async () => ({ rfc3161Timestamp: Uint8Array.of(1, 2) }) };
    const bundle = await makeBundle(bytes, signer, [log, clock]);
    expect(parseBundle(bundle)).toMatchObject({
      tlogEntries: [{ logIndex: '1' }],
      rfc3161Timestamps: [Buffer.from([1, 2])],
    });
    expect(verify(bundle).evidence.subject).toBe(IMAGE);
  });

  test('shows witnesses the very bytes that were signed', async () => {
    const seen: Parameters<Witness['testify']>[0][] = [];
    const witness: Witness = {
      name: 'eye',
      async testify(signed) {
        seen.push(signed);
        return { tlogEntry: {} };
      },
    };
    const bundle = await makeBundle(bytes, signer, [witness]);
    expect(seen).toMatchObject([
      { pae: pae(IN_TOTO_PAYLOAD, bytes), signature: parseBundle(bundle).signature, material: expect.anything() },
    ]);
  });

  test('fails when a witness does: a bundle without it would look complete', async () => {
    const down: Witness = { name: 'log', testify: () => Promise.reject(new Error('the log is down')) };
    await expect(makeBundle(bytes, signer, [down])).rejects.toThrow('the log is down');
  });
});

describe('verifyBundle', () => {
  test('says what was signed, by whom and about what', () => {
    const { statement, payload, evidence } = verify(sound);
    expect(statement.predicateType).toBe(PredicateType.signature);
    expect(Buffer.from(payload).equals(Buffer.from(bytes))).toBe(true);
    expect(evidence).toEqual({
      kind: 'signature',
      subject: IMAGE,
      predicateType: PredicateType.signature,
      payload: digestOf(bytes),
      signer: signer.identity,
    });
  });

  test('finds the key among several', () => {
    expect(verify(sound, stranger, signer).evidence.signer).toBe(signer.identity);
  });

  test('tries every key when the bundle has no hint', () => {
    const { verificationMaterial: _, ...rest } = parsed(sound);
    const bundle = json({ ...rest, verificationMaterial: { publicKey: {} } });
    expect(verify(bundle, stranger, signer).evidence.signer).toBe(signer.identity);
  });

  test.each([
    ['P-384 with SHA-256, as cosign verifies', 'P-384', 'sha256'],
    ["P-384 with SHA-384, as Sigstore's registry has it", 'P-384', 'sha384'],
    ['P-521 with SHA-512', 'P-521', 'sha512'],
  ])('reads a signature by %s', async (_, namedCurve, hash) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const key = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const other = {
      ...key,
      sign: async (message: Uint8Array) => ({
        ...(await key.sign(message)),
        signature: sign(hash, message, privateKey),
      }),
    };
    expect(verify(await makeBundle(bytes, other), key).evidence.signer).toBe(key.identity);
  });

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, string, string]>([
    ['another key', () => makeBundle(bytes, stranger), 'signature', 'not trusted'],
    [
      'another key under the hint of ours',
      async () => withHint(await makeBundle(bytes, stranger)),
      'signature',
      'does not match the statement',
    ],
    ['another image', () => makeBundle(signatureStatement(OTHER_IMAGE).bytes, signer), 'signature', 'another image'],
    [
      'an altered payload',
      () =>
        envelope(({ payload, ...e }) => ({
          ...e,
          payload: Buffer.from(bytes).toString('base64').replace(/^eyJf/, 'eyJg'),
        })),
      'signature',
      'does not match the statement',
    ],
    [
      'the payload of another statement',
      () => envelope((e) => ({ ...e, payload: Buffer.from(signatureStatement(OTHER_IMAGE).bytes).toString('base64') })),
      'signature',
      'does not match the statement',
    ],
    [
      'another payload type',
      () => envelope((e) => ({ ...e, payloadType: 'text/plain' })),
      'signature',
      'not a statement',
    ],
    [
      'an empty signature',
      () => envelope((e) => ({ ...e, signatures: [{ sig: '' }] })),
      'signature',
      'does not match the statement',
    ],
    [
      'a signature of rubbish',
      () => envelope((e) => ({ ...e, signatures: [{ sig: 'AAAA' }] })),
      'signature',
      'does not match the statement',
    ],
    ['a signature over the payload alone', async () => signedRaw(bytes), 'signature', 'does not match the statement'],
    ['no signature', () => envelope((e) => ({ ...e, signatures: [] })), 'evidence', 'signatures: expected'],
    [
      'two signatures, one of them good',
      () => envelope((e) => ({ ...e, signatures: [...e.signatures, { sig: 'AAAA' }] })),
      'evidence',
      'signatures: expected',
    ],
    [
      'a signature that is no base64',
      () => envelope((e) => ({ ...e, signatures: [{ sig: '!' }] })),
      'evidence',
      'expected base64',
    ],
    [
      'a payload in URL-safe base64',
      () => envelope((e) => ({ ...e, payload: `${e.payload.slice(0, -4)}-_-_` })),
      'evidence',
      'expected base64',
    ],
    [
      'a payload with a line break',
      () => envelope((e) => ({ ...e, payload: `${e.payload}\n` })),
      'evidence',
      'expected base64',
    ],
    [
      'a signed payload that is no statement',
      () => makeBundle(Buffer.from('{}'), signer),
      'evidence',
      '_type is missing',
    ],
    ['a signed payload that is no JSON', () => makeBundle(Buffer.from('x'), signer), 'evidence', 'not JSON'],
    ['a certificate', () => material({ certificate: { rawBytes: 'AAAA' } }), 'signature', 'trusted root'],
    [
      'a certificate and a key',
      () => material({ certificate: { rawBytes: 'AAAA' }, publicKey: {} }),
      'evidence',
      'either a public key or a certificate',
    ],
    ['neither', () => material({}), 'evidence', 'either a public key or a certificate'],
    ['an empty certificate chain', () => material({ x509CertificateChain: {} }), 'evidence', 'x509CertificateChain'],
    [
      'version 0.1',
      () => changed((b) => ({ ...b, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1' })),
      'evidence',
      'mediaType: expected',
    ],
    ['no media type', () => changed(({ mediaType, ...b }) => b), 'evidence', 'mediaType is missing'],
    [
      'a message signature',
      () => changed(({ dsseEnvelope, ...b }) => ({ ...b, messageSignature: {} })),
      'evidence',
      'messageSignature',
    ],
    [
      'a message signature beside the envelope',
      () => changed((b) => ({ ...b, messageSignature: {} })),
      'evidence',
      'messageSignature',
    ],
    ['no envelope', () => changed(({ dsseEnvelope, ...b }) => b), 'evidence', 'dsseEnvelope is missing'],
    ['a DSSE envelope alone', () => json(parsed(sound).dsseEnvelope), 'evidence', 'mediaType is missing'],
    ['an array', () => json([parsed(sound)]), 'evidence', 'is missing'],
    ['nothing', () => new Uint8Array(), 'evidence', 'is empty'],
    [
      'two payloads',
      () => Buffer.from(Buffer.from(sound).toString().replace('"payload"', '"payload":"","payload"')),
      'evidence',
      'appears twice',
    ],
  ])('refuses a bundle with %s', async (_, make, kind, why) => {
    const bundle = await make();
    expect(() => verify(bundle)).toThrow(
      expect.objectContaining({ kind, message: expect.stringContaining(why), next: expect.any(String) }),
    );
  });

  test('refuses everything where no key is trusted', () => {
    const named = `signed with a key that is not trusted (${signer.identity.replace('key ', '')}).`;
    expect(() => verifyBundle(sound, { publicKeys: [] }, IMAGE)).toThrow(named);
  });

  test('a public key read from PEM is the one that signed', () => {
    expect(verifyBundle(sound, { publicKeys: [parsePublicKey(signer.publicKeyPem)] }, IMAGE).evidence.subject).toBe(
      IMAGE,
    );
  });

  test('a statement about index and platform is evidence for each', async () => {
    const both = makeStatement(PredicateType.signature, [{ digest: OTHER_IMAGE }, { digest: IMAGE }], {});
    expect(verify(await makeBundle(both.bytes, signer)).evidence.subject).toBe(IMAGE);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: bundles are spoilt in ways their type does not allow
type Json = any;

function changed(change: (bundle: Json) => Json): Uint8Array {
  return json(change(parsed(sound)));
}

function envelope(change: (envelope: Json) => Json): Uint8Array {
  return changed((bundle) => ({ ...bundle, dsseEnvelope: change(bundle.dsseEnvelope) }));
}

function material(verificationMaterial: Json): Uint8Array {
  return changed((bundle) => ({ ...bundle, verificationMaterial }));
}

function withHint(bundle: Uint8Array): Uint8Array {
  return json({ ...parsed(bundle), verificationMaterial: { publicKey: { hint: signer.publicKey.hint } } });
}

async function signedRaw(payload: Uint8Array): Promise<Uint8Array> {
  const { signature } = await signer.sign(payload);
  return envelope((e) => ({ ...e, signatures: [{ sig: Buffer.from(signature).toString('base64') }] }));
}

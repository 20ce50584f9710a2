/** Both limits of all validity periods: at the exact second it is valid, one second beyond it is not. */
import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { X509Certificate as Parsed } from '@sigstore/core';
import { canonicalJson } from '@tidegate/core';
import { COSIGN_LAYER, verifyCosignLayer } from '../bundle/cosign-layer.ts';
import { bundle, bytesOf, type Json, keylessTrust, keyTrust, RECORDED } from './recorded-sigstore.fixture.ts';
import { verifyBundle } from './verify.ts';

const SECOND = 1000;
let stamped: Date;
let promised: Date;
beforeAll(async () => {
  const [time] = verifyBundle(bytesOf(bundle()), await keylessTrust(), RECORDED.image).signer.times;
  stamped = time ?? new Date(Number.NaN);
  const leaf = Parsed.parse(Buffer.from(bundle().verificationMaterial.certificate.rawBytes, 'base64'));
  promised = leaf.extSCT?.signedCertificateTimestamps[0]?.datetime ?? new Date(Number.NaN);
});

type Part = (root: Json) => Json;
const PARTS: readonly [string, Part, () => Date, string][] = [
  ["the log's key", (root) => root.tlogs[0].publicKey, () => stamped, "log's key was not valid"],
  ['Fulcio', (root) => root.certificateAuthorities[0], () => stamped, 'certificate is invalid'],
  ['the timestamp authority', (root) => root.timestampAuthorities[0], () => stamped, 'timestamp is invalid'],
  ['the certificate log', (root) => root.ctlogs[0].publicKey, () => promised, 'certificate is invalid'],
];
const at = (time: Date, more = 0) => new Date(time.getTime() + more).toISOString();

describe.each(PARTS)('%s', (_, part, when, why) => {
  const within = async (window: object) => {
    const trust = await keylessTrust((root) => {
      part(root).validFor = window;
    });
    return () => verifyBundle(bytesOf(bundle()), trust, RECORDED.image);
  };
  test('counts in its first moment and in its last', async () => {
    expect(await within({ start: at(when()), end: at(when()) })).not.toThrow();
  });
  test('does not count before it began', async () => {
    expect(await within({ start: at(when(), SECOND) })).toThrow(why);
  });
  test('does not count after it ended', async () => {
    expect(await within({ start: at(when(), -2 * SECOND), end: at(when(), -SECOND) })).toThrow(why);
  });
});

test('a window counts for what is signed with a key as well', async () => {
  const closed = async (part: Part) => {
    const { roots = [] } = await keylessTrust((root) => {
      part(root).validFor = { start: '2019-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' };
    });
    const by = await keyTrust({ roots });
    return () => verifyBundle(bytesOf(bundle('key')), by, RECORDED.image);
  };
  expect(await closed((root) => root.tlogs[0].publicKey)).toThrow("log's key was not valid");
  expect(await closed((root) => root.timestampAuthorities[0])).toThrow('timestamp is invalid');
});

describe('a certificate, at the time that a log promises,', () => {
  const content = Buffer.from(RECORDED.layer.payload, 'base64');
  const raw = Buffer.from(RECORDED.layer.certificate, 'base64');
  const { validFromDate, validToDate } = new X509Certificate(raw);
  const rekor = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = rekor.publicKey.export({ type: 'spki', format: 'der' });
  const logID = createHash('sha256').update(spki).digest('hex');
  const pem = `-----BEGIN CERTIFICATE-----\n${RECORDED.layer.certificate}\n-----END CERTIFICATE-----\n`;

  async function integrated(time: Date) {
    const hash = { algorithm: 'sha256', value: createHash('sha256').update(content).digest('hex') };
    const publicKey = { content: Buffer.from(pem).toString('base64') };
    const spec = { data: { hash }, signature: { content: RECORDED.layer.signature, publicKey } };
    const body = Buffer.from(JSON.stringify({ apiVersion: '0.0.1', kind: 'hashedrekord', spec })).toString('base64');
    const Payload = { body, integratedTime: time.getTime() / 1000, logIndex: 7, logID };
    const SignedEntryTimestamp = sign('sha256', canonicalJson(Payload), rekor.privateKey).toString('base64');
    const annotations = {
      'dev.cosignproject.cosign/signature': RECORDED.layer.signature,
      'dev.sigstore.cosign/certificate': pem,
      'dev.sigstore.cosign/bundle': JSON.stringify({ SignedEntryTimestamp, Payload }),
    };
    const trust = await keylessTrust((root) => {
      root.certificateAuthorities[0].validFor = {};
      root.tlogs.push({
        baseUrl: 'https://rekor.example',
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: spki.toString('base64'),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          validFor: { start: '2020-01-01T00:00:00Z' },
        },
        logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
      });
    });
    return () => verifyCosignLayer(content, COSIGN_LAYER.signature, annotations, trust, RECORDED.image);
  }

  test.each([
    ['its first second', validFromDate],
    ['its last second', validToDate],
  ])('counts in %s', async (_, time) => {
    expect(await integrated(time)).not.toThrow();
  });
  test.each([
    ['the second before its first', new Date(validFromDate.getTime() - SECOND)],
    ['the second after its last', new Date(validToDate.getTime() + SECOND)],
  ])('does not count in %s', async (_, time) => {
    expect(await integrated(time)).toThrow('certificate is invalid');
  });
});

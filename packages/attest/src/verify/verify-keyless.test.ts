import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Bundle, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { canonicalJson, digestOf, PredicateType } from '@tidegate/core';
import { COSIGN_LAYER, verifyCosignLayer } from '../bundle/cosign-layer.ts';
import {
  bundle,
  bytesOf,
  entryOf,
  flipped,
  IDENTITY,
  type Json,
  keylessTrust,
  keyTrust,
  olderVersion,
  RECORDED,
  stampsOf,
} from './recorded-sigstore.fixture.ts';
import { type Trust, verifyBundle } from './verify.ts';

let trust: Trust;
beforeAll(async () => {
  trust = await keylessTrust();
});

const verify = (of: Json, by = trust) => verifyBundle(bytesOf(of), by, RECORDED.image);

describe('a keyless bundle', () => {
  test('says who signed, when, and that it is in the log', () => {
    const { evidence, signer } = verify(bundle());
    expect(evidence).toMatchObject({
      kind: 'signature',
      predicateType: PredicateType.signature,
      subject: RECORDED.image,
    });
    expect(signer).toMatchObject({
      name: `${RECORDED.identity} (${RECORDED.issuer})`,
      identity: {
        subject: RECORDED.identity,
        issuer: RECORDED.issuer,
        sourceRepository: 'https://github.com/octo-org/octo-app',
        sourceRef: 'refs/heads/main',
        runnerEnvironment: 'github-hosted',
        buildTrigger: 'push',
      },
      logEntries: 1,
    });
    expect(signer.times).toHaveLength(1);
  });

  test('may be of one of several identities', async () => {
    const other = { ...IDENTITY, subject: { kind: 'exact' as const, value: 'somebody@example.org' } };
    expect(verify(bundle(), await keylessTrust(undefined, { identities: [other, IDENTITY] })).signer.logEntries).toBe(
      1,
    );
  });

  test('needs a root and an identity', () => {
    expect(() => verify(bundle(), { publicKeys: [] })).toThrow('needs a trusted root');
    expect(() => verify(bundle(), { ...trust, identities: [] })).toThrow('needs a trusted root');
    expect(() => verify(bundle(), { ...trust, roots: [] })).toThrow('needs a trusted root');
  });

  test('counts where the second of two roots vouches for it', async () => {
    const { roots: stranger = [] } = await keylessTrust((root) => {
      const [, stranger] = root.timestampAuthorities[0].certChain.certificates;
      root.certificateAuthorities[0].certChain.certificates = [stranger];
    });
    expect(verify(bundle(), { ...trust, roots: [...stranger, ...(trust.roots ?? [])] }).signer.logEntries).toBe(1);
    expect(() => verify(bundle(), { ...trust, roots: stranger })).toThrow('certificate is invalid');
  });

  test('without a log entry counts if none is required', async () => {
    expect(() => verify(bundle('noLog'))).toThrow('not in a transparency log');
    expect(verify(bundle('noLog'), { ...trust, log: 'optional' }).signer.logEntries).toBe(0);
    // A private instance without logs: no log entry can be required.
    const { roots = [] } = await keylessTrust((root) => {
      root.tlogs = [];
    });
    expect(verify(bundle('noLog'), { ...trust, roots }).signer.logEntries).toBe(0);
  });

  test('says the same in version 0.2, whose certificate has its chain behind it', () => {
    expect(verify(olderVersion(bundle()))).toEqual(verify(bundle()));
  });

  test('says the same of a key', async () => {
    expect(verify(bundle('key'), await keyTrust()).signer).toMatchObject({ logEntries: 1, times: [expect.any(Date)] });
    const alone = { publicKeys: (await keyTrust()).publicKeys };
    expect(verify(bundle('key'), alone).signer).toMatchObject({ logEntries: 0, times: [] });
    expect(() => verify(bundle('key'), { ...alone, log: 'required' })).toThrow('Without a trusted root');
  });
});

/** The result of @sigstore/verify alone, with its defaults and the policy from its documentation. */
function libraryAccepts(
  of: Json,
  change: (root: Json) => void = () => {},
  policy: Json = undefined,
  options = {},
): boolean {
  const root = structuredClone(RECORDED.trustedRoot);
  change(root);
  new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root)), options).verify(
    toSignedEntity(Bundle.fromJSON(of) as Parameters<typeof toSignedEntity>[0]),
    policy,
  );
  return true;
}

describe('where @sigstore/verify is laxer than the client spec, it is held here', () => {
  test('an identity is compared from end to end', async () => {
    expect(libraryAccepts(bundle(), undefined, { subjectAlternativeName: 'https://github.com' })).toBe(true);
    const identities = [{ ...IDENTITY, subject: { kind: 'pattern' as const, source: 'https://github.com' } }];
    expect(() => verify(bundle(), { ...trust, identities })).toThrow('signed by another identity');
  });

  test('the subject is the requested image', () => {
    expect(libraryAccepts(bundle('other'))).toBe(true);
    expect(() => verify(bundle('other'))).toThrow('about another image');
  });

  test('a certificate without any time proves nothing, whatever the threshold', () => {
    expect(() => libraryAccepts(bundle('noTime'), undefined, undefined, { timestampThreshold: 0 })).toThrow(TypeError);
    expect(() => verify(bundle('noTime'))).toThrow(expect.objectContaining({ kind: 'signature' }));
  });

  test.each<[string, Json]>([
    ['that closed before', { start: '2020-01-01T00:00:00Z', end: '2021-01-01T00:00:00Z' }],
    ['that is not open yet', { start: '2099-01-01T00:00:00Z' }],
  ])("a log's key counts within its window only: not in one %s", async (_, validFor) => {
    const change = (root: Json) => {
      root.tlogs[0].publicKey.validFor = validFor;
    };
    expect(libraryAccepts(bundle(), change)).toBe(true);
    const spoilt = await keylessTrust(change);
    expect(() => verify(bundle(), spoilt)).toThrow("log's key was not valid");
  });

  test.each<[string, (proof: Json) => void]>([
    [
      'root hash',
      (proof) => {
        proof.rootHash = flipped(proof.rootHash);
      },
    ],
    [
      'tree size',
      (proof) => {
        proof.treeSize = String(Number(proof.treeSize) + 1);
      },
    ],
  ])("the proof's own %s is the checkpoint's", (_, spoil) => {
    const spoilt = bundle();
    spoil(entryOf(spoilt).inclusionProof);
    expect(libraryAccepts(spoilt)).toBe(true);
    expect(() => verify(spoilt)).toThrow('another tree than the checkpoint');
  });

  test("the entry's index is the proof's", () => {
    const spoilt = bundle();
    entryOf(spoilt).logIndex = String(Number(entryOf(spoilt).logIndex ?? 0) + 1);
    expect(libraryAccepts(spoilt)).toBe(true);
    expect(() => verify(spoilt)).toThrow('index of the log entry differs');
  });

  test('the log that signs the checkpoint is the one it names', () => {
    const { note, change } = renamed('1');
    // `1` occurs in http://127.0.0.1:…; the signature covers the note, so the origin cannot be changed here.
    expect(libraryAccepts(change)).toBe(true);
    expect(note).toContain('127.0.0.1');
    expect(() => verify(change)).toThrow('not signed by the log that it names');
  });

  test.each([
    ['noUsage', 'not for code signing'],
    ['notForCode', 'not for code signing'],
    ['noKeyUsage', 'keyUsage lacks digitalSignature'],
    ['authority', 'the certificate of an authority'],
    ['twoNames', 'has 2 subject alternative names'],
    ['critical', 'critical extension 1.2.3.4'],
  ])('a certificate %s does not sign', async (name, why) => {
    const noCertificateLog = (root: Json) => {
      root.ctlogs = [];
    };
    expect(libraryAccepts(bundle(name), noCertificateLog, undefined, { ctlogThreshold: 0 })).toBe(true);
    const spoilt = await keylessTrust(noCertificateLog);
    expect(() => verify(bundle(name), spoilt)).toThrow(why);
  });
});

/** The checkpoint's signature line with another name: the name is not covered by the signature. */
function renamed(name: string): { note: string; change: Json } {
  const change = bundle();
  const { checkpoint } = entryOf(change).inclusionProof;
  const note: string = checkpoint.envelope;
  checkpoint.envelope = note.replace(/\u2014 \S+ /, `\u2014 ${name} `);
  return { note, change };
}

describe('guarantees of the library', () => {
  const noCertificateLog = (root: Json) => {
    root.ctlogs = [];
  };
  test.each<[string, string, ((root: Json) => void) | undefined, string]>([
    ['an expired certificate', 'expired', noCertificateLog, 'certificate is invalid'],
    ['an authority of the same name', 'anotherAuthority', noCertificateLog, 'certificate is invalid'],
    ['a certificate without SCT', 'expired', undefined, 'is invalid'],
    ['no name', 'noName', noCertificateLog, '0 subject alternative names'],
    ['a host name', 'dnsName', noCertificateLog, 'neither a URI nor an e-mail'],
    ['no issuer', 'noIssuer', noCertificateLog, 'names no OpenID Connect issuer'],
    ['an issuer that is no text', 'rawIssuer', noCertificateLog, 'is not text'],
  ])('%s', async (_, name, change, why) => {
    const spoilt = await keylessTrust(change);
    expect(() => verify(bundle(name), spoilt)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(why) }),
    );
  });

  test('two timestamps of one authority in one second are one', () => {
    const twice = bundle();
    stampsOf(twice).push(stampsOf(twice)[0]);
    expect(() => libraryAccepts(twice)).toThrow('duplicate timestamp');
    expect(verify(twice).signer.times).toHaveLength(1);
  });
});

describe('signatures stored by cosign 2', () => {
  const content = Buffer.from(RECORDED.layer.payload, 'base64');
  const certificate = pemOf(RECORDED.layer.certificate);
  const rekor = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = rekor.publicKey.export({ type: 'spki', format: 'der' });
  const logID = digestOf(spki).slice('sha256:'.length);

  /** Creates the promise of a version 1 log: no such log runs on loopback. */
  function promise(
    spoil: (payload: Json) => void = () => {},
    time = Math.floor(timeOf() / 1000),
    signer = certificate,
  ): string {
    const body = Buffer.from(
      JSON.stringify({
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: {
          data: { hash: { algorithm: 'sha256', value: digestOf(content).slice('sha256:'.length) } },
          signature: {
            content: RECORDED.layer.signature,
            publicKey: { content: Buffer.from(signer).toString('base64') },
          },
        },
      }),
    ).toString('base64');
    const Payload = { body, integratedTime: time, logIndex: 7, logID };
    const SignedEntryTimestamp = sign('sha256', canonicalJson(Payload), rekor.privateKey).toString('base64');
    spoil(Payload);
    return JSON.stringify({ SignedEntryTimestamp, Payload });
  }

  const timeOf = () => verify(bundle()).signer.times[0]?.getTime() ?? 0;
  const withRekor = (root: Json) => {
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
  };
  const annotations = (more: Record<string, string>) => ({
    'dev.cosignproject.cosign/signature': RECORDED.layer.signature,
    'dev.sigstore.cosign/certificate': certificate,
    ...more,
  });
  const check = async (more: Record<string, string>, by: Partial<Trust> = {}, image = RECORDED.image) =>
    verifyCosignLayer(content, COSIGN_LAYER.signature, annotations(more), await keylessTrust(withRekor, by), image);
  const stamp = JSON.stringify({ SignedRFC3161Timestamp: RECORDED.layer.timestamp });

  test('keyless, with the promise of a log', async () => {
    const { signer, evidence } = await check({ 'dev.sigstore.cosign/bundle': promise() });
    expect(signer).toMatchObject({ identity: { subject: RECORDED.identity }, logEntries: 1 });
    expect(evidence).toMatchObject({ predicateType: PredicateType.signature, subject: RECORDED.image });
  });

  test('keyless, with a timestamp', async () => {
    const { signer } = await check({ 'dev.sigstore.cosign/rfc3161timestamp': stamp }, { log: 'optional' });
    expect(signer.times).toHaveLength(1);
  });

  test.each<[string, () => Record<string, string>, Partial<Trust>, string]>([
    ['no time', () => ({}), { log: 'optional' }, 'its time is not proven'],
    ['no log', () => ({ 'dev.sigstore.cosign/rfc3161timestamp': stamp }), {}, 'not in a transparency log'],
    [
      'another body',
      () => ({
        'dev.sigstore.cosign/bundle': promise((payload) => {
          payload.body = Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{}}').toString('base64');
        }),
      }),
      {},
      "log's inclusion promise is invalid",
    ],
    [
      'another time',
      () => ({
        'dev.sigstore.cosign/bundle': promise((payload) => {
          payload.integratedTime += 1;
        }),
      }),
      {},
      "log's inclusion promise is invalid",
    ],
    [
      'a time after the certificate ended',
      () => ({ 'dev.sigstore.cosign/bundle': promise(undefined, Math.floor(timeOf() / 1000) + 3600) }),
      {},
      'certificate is invalid',
    ],
    [
      'a log that is not trusted',
      () => ({
        'dev.sigstore.cosign/bundle': promise((payload) => {
          payload.logID = '0'.repeat(64);
        }),
      }),
      {},
      "log's inclusion promise is invalid",
    ],
    ['a promise that is no JSON', () => ({ 'dev.sigstore.cosign/bundle': '{' }), {}, 'not JSON in UTF-8'],
    [
      'a promise without a body',
      () => ({ 'dev.sigstore.cosign/bundle': '{"SignedEntryTimestamp":"AA==","Payload":{}}' }),
      {},
      'Payload.body is missing',
    ],
    ['a signature that is no base64', () => ({ 'dev.cosignproject.cosign/signature': '!' }), {}, 'expected base64'],
    ['an empty signature', () => ({ 'dev.cosignproject.cosign/signature': '' }), {}, 'expected base64'],
    ['a certificate that is none', () => ({ 'dev.sigstore.cosign/certificate': 'x' }), {}, 'is not a certificate'],
    ['a timestamp that is no JSON', () => ({ 'dev.sigstore.cosign/rfc3161timestamp': 'x' }), {}, 'not JSON in UTF-8'],
  ])('is refused with %s', async (_, more, by, why) => {
    await expect(check(more(), by)).rejects.toThrow(why);
  });

  // The library compares the signature and digest of an entry, but not its signer.
  test.each<[string, string]>([
    ['a key that did not sign', RECORDED.publicKey],
    ['another certificate', pemOf(RECORDED.bundles.second.verificationMaterial.certificate.rawBytes)],
  ])('is refused with an entry about %s', async (_, signer) => {
    const entry = promise(undefined, undefined, signer);
    await expect(check({ 'dev.sigstore.cosign/bundle': entry })).rejects.toThrow('another key or certificate');
  });

  test('is refused for another image', async () => {
    await expect(check({ 'dev.sigstore.cosign/bundle': promise() }, {}, digestOf('x'))).rejects.toThrow(
      'about another image',
    );
  });

  test.each([
    [COSIGN_LAYER.attestation, '{}', 'payload is missing'],
    [COSIGN_LAYER.attestation, 'x', 'not JSON in UTF-8'],
    ['application/octet-stream', '{}', 'not a cosign signature'],
  ])('is refused as a layer %s that holds %s', async (mediaType, text, why) => {
    const by = await keylessTrust();
    expect(() => verifyCosignLayer(Buffer.from(text), mediaType, {}, by, RECORDED.image)).toThrow(why);
  });
});

function pemOf(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

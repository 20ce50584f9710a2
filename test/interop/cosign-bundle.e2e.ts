import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bundleReferrer,
  cyclonedxStatement,
  type KeySigner,
  keySigner,
  makeBundle,
  parsePublicKey,
  provenanceStatement,
  type StatementBytes,
  scanStatement,
  signatureStatement,
  spdxStatement,
  verdictStatement,
  verifyBundle,
} from '@tidegate/attest';
import { type Descriptor, digestOf } from '@tidegate/core';
import { devTools, ensureDebianPackages } from '@tidegate/testkit';
import { type LoopbackRegistry, startRegistry } from './loopback-registry.ts';
import { BUILDKIT } from './support/buildkit-provenance.ts';

let cosignProgram = '';

const KEYS: [string, () => KeyPairKeyObjectResult][] = [
  ['EC P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['EC P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['EC P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['RSA 2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['RSA 4096', () => generateKeyPairSync('rsa', { modulusLength: 4096 })],
  ['Ed25519', () => generateKeyPairSync('ed25519')],
];

let folder: string;
let registry: LoopbackRegistry;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-cosign-'));
  await ensureDebianPackages(['docker-registry']);
  cosignProgram = (await devTools(['cosign'])).cosign;
  registry = await startRegistry('docker-registry', join(folder, 'registry'));
}, 1_800_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe.each(KEYS)('a key of type %s', (name, generate) => {
  test('cosign verify accepts the signature and refuses it for another key', async () => {
    const repository = `key/${slug(name)}`;
    const signer = await keySigner(pkcs8(generate()));
    const image = await registry.pushImage(repository);
    await attach(repository, image, signatureStatement(image.digest), signer);
    const accepted = await cosign('verify', repository, image, signer);
    expect(accepted).toMatchObject({ code: 0 });
    expect(accepted.stdout).toContain('https://sigstore.dev/cosign/sign/v1');
    const other = await keySigner(pkcs8(generate()));
    expect((await cosign('verify', repository, image, other)).code).not.toBe(0);
  }, 60_000);
});

describe('each predicate', () => {
  test.each(statements())(
    'cosign verify-attestation --type %s accepts ours',
    async (type, make) => {
      const repository = `predicate/${slug(type)}`;
      const signer = await newSigner();
      const image = await registry.pushImage(repository);
      await attach(repository, image, make(image), signer);
      const accepted = await cosign('verify-attestation', repository, image, signer, '--type', type);
      expect(accepted).toMatchObject({ code: 0 });
      const wrongType = type === 'vuln' ? 'spdxjson' : 'vuln';
      expect((await cosign('verify-attestation', repository, image, signer, '--type', wrongType)).code).not.toBe(0);
    },
    60_000,
  );
});

const TAMPERED: [string, (ours: Envelope, another: Envelope) => Envelope][] = [
  ['the payload is altered', (ours) => ({ ...ours, payload: altered(ours.payload) })],
  [
    'the signature is altered',
    (ours) => ({ ...ours, signatures: [{ ...ours.signatures[0], sig: altered(ours.signatures[0].sig) }] }),
  ],
  ['the signature is of another statement', (ours, { signatures }) => ({ ...ours, signatures })],
  ['it is a bundle of another image', (_, another) => another],
  ['the payload has another type', (ours) => ({ ...ours, payloadType: 'application/json' })],
];

test.each(TAMPERED)(
  'cosign and verifyBundle both refuse when %s',
  async (name, tamper) => {
    const repository = `tampered/${slug(name)}`;
    const signer = await newSigner();
    const image = await registry.pushImage(repository);
    const statement = signatureStatement(image.digest);
    const make = async (made: StatementBytes) =>
      JSON.parse(Buffer.from(await makeBundle(made.bytes, signer)).toString()) as { readonly dsseEnvelope: Envelope };
    const bundle = await make(statement);
    const another = await make(signatureStatement(digestOf('another image')));
    const dsseEnvelope = tamper(bundle.dsseEnvelope, another.dsseEnvelope);
    const bytes = Buffer.from(JSON.stringify({ ...bundle, dsseEnvelope }));
    await registry.pushReferrers(repository, image, [bundleReferrer(image, bytes, statement.statement.predicateType)]);
    expect((await cosign('verify', repository, image, signer)).code).not.toBe(0);
    const trust = { publicKeys: [parsePublicKey(signer.publicKeyPem)] };
    expect(() => verifyBundle(bytes, trust, image.digest)).toThrow();
  },
  60_000,
);

describe.each(KEYS)("cosign's own signature with a key of type %s", (name, generate) => {
  test('verifyBundle reads it, and keySigner opens the key that cosign encrypted', async () => {
    const repository = `theirs/${slug(name)}`;
    const image = await registry.pushImage(repository);
    await writeFile(join(folder, 'plain.pem'), pkcs8(generate()));
    const password = { COSIGN_PASSWORD: 'tide' };
    await rm(join(folder, 'theirs.key'), { force: true });
    await rm(join(folder, 'theirs.pub'), { force: true });
    const imported = ['import-key-pair', '--key', 'plain.pem', '--output-key-prefix', 'theirs', '--yes'];
    expect(await execute(cosignProgram, imported, password)).toMatchObject({ code: 0 });
    const signer = await keySigner(await readFile(join(folder, 'theirs.key'), 'utf8'), 'tide');
    expect(signer.publicKeyPem).toBe(await readFile(join(folder, 'theirs.pub'), 'utf8'));
    const sign = ['sign', '--key', 'theirs.key', '--tlog-upload=false', '--use-signing-config=false', '--yes'];
    const signed = await execute(
      cosignProgram,
      [...sign, '--bundle', 'b.json', reference(repository, image)],
      password,
    );
    expect(signed).toMatchObject({ code: 0 });
    const bundle = await readFile(join(folder, 'b.json'));
    const verify = () => verifyBundle(bundle, { publicKeys: [signer.publicKey] }, image.digest).evidence;
    const { code } = await cosign('verify', repository, image, signer);
    // cosign 3.1 signs with the hash of Sigstore's algorithm registry (SHA-384, SHA-512, Ed25519ph) and verifies with
    // SHA-256 and plain Ed25519: it refuses its own signatures by these keys. By the registry the signatures are good;
    // we read them where node:crypto can (it has no Ed25519ph).
    expect(code === 0).toBe(!/P-384|P-521|Ed25519/.test(name));
    if (name === 'Ed25519') expect(verify).toThrow('The signature does not match');
    else expect(verify()).toMatchObject({ signer: signer.identity });
  }, 60_000);
});

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly [{ readonly sig: string; readonly keyid: string }];
}

function statements(): [string, (image: Descriptor) => StatementBytes][] {
  const subjects = ({ digest }: Descriptor) => [{ digest }];
  const spdx = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [] };
  const cyclonedx = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] };
  const now = new Date();
  return [
    [
      'slsaprovenance1',
      (image) =>
        provenanceStatement(subjects(image), BUILDKIT, {
          builderId: 'https://example.com/builder',
          source: { uri: 'https://example.com/acme/app', commit: '0'.repeat(40), ref: 'refs/tags/v1.0.0' },
          startedOn: now,
          finishedOn: now,
        }),
    ],
    ['spdxjson', (image) => spdxStatement(subjects(image), Buffer.from(JSON.stringify(spdx)))],
    ['cyclonedx', (image) => cyclonedxStatement(subjects(image), Buffer.from(JSON.stringify(cyclonedx)))],
    [
      'vuln',
      (image) =>
        scanStatement(subjects(image), grypeReport(image), {
          sbom: digestOf('sbom'),
          threshold: 'high',
          tripped: false,
          onlyFixed: false,
          database: { source: 'https://grype.example', checksum: digestOf('archive') },
          startedOn: now,
          finishedOn: now,
        }),
    ],
    [
      'https://slsa.dev/verification_summary/v1',
      (image) =>
        verdictStatement(
          subjects(image),
          { passed: true, rules: [], decidedOn: now },
          {
            verifier: { id: 'https://example.com/gate' },
            destination: 'registry.example/app',
            policy: { digest: digestOf('policy') },
            inputs: [digestOf('scan')],
          },
        ),
    ],
  ];
}

function grypeReport({ digest }: Descriptor): Uint8Array {
  const status = { schemaVersion: 'v6.1.9', built: new Date().toISOString(), valid: true };
  return Buffer.from(
    JSON.stringify({
      matches: [],
      source: { type: 'image', target: { manifestDigest: digest } },
      descriptor: { name: 'grype', version: '0.119.0', db: { status } },
    }),
  );
}

function newSigner(): Promise<KeySigner> {
  return keySigner(pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' })));
}

function pkcs8({ privateKey }: KeyPairKeyObjectResult): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function altered(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  return bytes.toString('base64');
}

async function attach(repository: string, image: Descriptor, { statement, bytes }: StatementBytes, signer: KeySigner) {
  await registry.pushReferrers(repository, image, [
    bundleReferrer(image, await makeBundle(bytes, signer), statement.predicateType),
  ]);
}

function reference(repository: string, image: Descriptor): string {
  return `${registry.host}/${repository}@${image.digest}`;
}

async function cosign(verb: string, repository: string, image: Descriptor, signer: KeySigner, ...more: string[]) {
  await writeFile(join(folder, 'key.pub'), signer.publicKeyPem);
  const argv = [verb, '--key', 'key.pub', '--insecure-ignore-tlog=true', ...more, reference(repository, image)];
  return execute(cosignProgram, argv, {});
}

/** Nothing of this machine's configuration reaches cosign. */
function execute(file: string, argv: string[], env: Record<string, string>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
    execFile(file, argv, { cwd: folder, env: { HOME: folder, PATH: '', ...env } }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

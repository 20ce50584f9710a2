/** Keys that cosign reaches: Vault's transit API on loopback, and Kubernetes' or a file's by the same way. */
import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeBundle, parsePublicKey, signatureStatement, verifyBundle } from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { cosignSigner, isHeldElsewhere } from '@tidegate/pipeline';
import { devTools } from '@tidegate/testkit';
import { childEnvironment, run } from '@tidegate/tools';

const IMAGE = digestOf('an image');
const TOKEN = 'hvs.a-token-of-vault';
let cosign = '';
let folder = '';

beforeAll(async () => {
  cosign = (await devTools(['cosign'])).cosign;
  folder = await mkdtemp(join(tmpdir(), 'tidegate-kms-'));
}, 1_800_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** RFC 8017, section 9.2, note 1: what stands before a SHA-256 digest. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Vault's transit secrets engine, as far as cosign asks it (HashiCorp's API documentation, "Transit"). */
async function startVault() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const state = { rotated: false, down: false };
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    asked.push(`${request.method} ${request.url}`);
    if (state.down) return answer(503, { errors: ['Vault is sealed'] });
    if (request.headers['x-vault-token'] !== TOKEN) return answer(403, { errors: ['permission denied'] });
    if (request.url?.startsWith('/v1/transit/keys/release')) {
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      return answer(200, { data: { type: 'rsa-2048', latest_version: 1, keys: { 1: { public_key: pem } } } });
    }
    if (request.url?.startsWith('/v1/transit/sign/release')) {
      const digest = Buffer.from(JSON.parse(await textOf(request)).input, 'base64');
      return answer(200, { data: { signature: `vault:v1:${signDigest(digest).toString('base64')}` } });
    }
    return answer(404, { errors: [] });
  });
  const signDigest = (digest: Buffer) =>
    privateEncrypt(
      { key: state.rotated ? other : privateKey, padding: constants.RSA_PKCS1_PADDING },
      Buffer.concat([DIGEST_INFO, digest]),
    );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    env: { VAULT_ADDR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, VAULT_TOKEN: TOKEN },
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    state,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const services = () => ({
  tools: { get: async () => ({ name: 'cosign', version: 'test', path: cosign, source: 'path' }) as const },
  run,
  temp: folder,
  signal: new AbortController().signal,
  childEnv: childEnvironment({ HOME: folder, PATH: '' }),
});

const sealed = (bundle: Uint8Array, publicPem: string) =>
  verifyBundle(bundle, { publicKeys: [parsePublicKey(publicPem)] }, IMAGE).evidence;

test('a key in Vault signs the same bundles as one of ours', async () => {
  await using vault = await startVault();
  const signer = await cosignSigner('hashivault://release', vault.env, services());
  expect(signer.publicKeyPem).toBe(vault.publicPem);
  const bundle = await makeBundle(signatureStatement(IMAGE).bytes, signer);
  expect(sealed(bundle, vault.publicPem)).toMatchObject({ signer: signer.identity });
  expect(vault.asked.filter((one) => one.includes('/sign/'))).toHaveLength(1);
  // What was signed stays in no file.
  expect((await readdir(folder)).filter((name) => name.startsWith('cosign-'))).toEqual([]);
}, 60_000);

test('a key that was rotated between is noticed before anybody is told of the signature', async () => {
  await using vault = await startVault();
  const signer = await cosignSigner('hashivault://release', vault.env, services());
  vault.state.rotated = true;
  await expect(signer.sign(Buffer.from('message'))).rejects.toMatchObject({
    code: expect.stringMatching(/signature|tool/),
  });
}, 60_000);

test.each<[string, Record<string, string>]>([
  ['the wrong token', { VAULT_TOKEN: 'hvs.wrong' }],
  ['no token', { VAULT_TOKEN: '' }],
])(
  'with %s the error is of cosign, once, and does not show a token',
  async (_name, env) => {
    await using vault = await startVault();
    const made = cosignSigner('hashivault://release', { ...vault.env, ...env }, services());
    const error = await made.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'tool' });
    expect(error?.message).not.toContain('hvs.');
  },
  120_000,
);

test("cosign's own key file, signed with by cosign, gives what our signer gives", async () => {
  const password = { ...services(), childEnv: { ...services().childEnv, COSIGN_PASSWORD: 'tide' } };
  const options = { cwd: folder, env: password.childEnv, timeout: 60_000 };
  await run(cosign, ['generate-key-pair'], options);
  const signer = await cosignSigner(join(folder, 'cosign.key'), {}, password);
  const bundle = await makeBundle(signatureStatement(IMAGE).bytes, signer);
  expect(sealed(bundle, signer.publicKeyPem)).toMatchObject({ signer: signer.identity });
}, 60_000);

test.each([
  ['awskms:///alias/release', true],
  ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', true],
  ['azurekms://vault.vault.azure.net/key', true],
  ['hashivault://release', true],
  ['k8s://namespace/secret', true],
  ['pkcs11:token=t;object=o', true],
  ['keys/cosign.key', false],
  ['-----BEGIN PRIVATE KEY-----', false],
])('%s is held elsewhere: %s', (key, expected) => {
  expect(isHeldElsewhere(key)).toBe(expected);
});

/** Keys that cosign reaches: Vault's transit API on loopback, and Kubernetes' or a file's by the same way. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeBundle, parsePublicKey, signatureStatement, verifyBundle } from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { cosignSigner, isHeldElsewhere } from '@tidegate/pipeline';
import { developerEnvironment, developerRun, devTools } from '@tidegate/testkit';
import { type ChildOptions, childContexts, run, toolAt } from '@tidegate/tools';
import { startVault } from './support/vault.ts';

const IMAGE = digestOf('an image');
let cosign = '';
let folder = '';

beforeAll(async () => {
  cosign = (await devTools(['cosign'])).cosign;
  folder = await mkdtemp(join(tmpdir(), 'tidegate-kms-'));
}, 1_800_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const services = () => ({
  tools: { get: async () => toolAt('cosign', cosign) },
  run,
  temp: folder,
  signal: new AbortController().signal,
  children: childContexts({ env: { HOME: folder, PATH: '' }, folder: join(folder, 'children'), workspace: folder }),
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
  // The signed content is not kept in a file.
  expect((await readdir(folder)).filter((name) => name.startsWith('cosign-'))).toEqual([]);
}, 60_000);

test('a key that was rotated meanwhile is noticed before the signature is published', async () => {
  await using vault = await startVault();
  const signer = await cosignSigner('hashivault://release', vault.env, services());
  vault.state.rotated = true;
  await expect(signer.sign(Buffer.from('message'))).rejects.toMatchObject({
    kind: expect.stringMatching(/signature|tool/),
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
    expect(error).toMatchObject({ kind: 'tool' });
    expect(error?.message).not.toContain('hvs.');
  },
  120_000,
);

test("cosign's own key file, signed with by cosign, gives what our signer gives", async () => {
  const COSIGN_PASSWORD = 'tide';
  const env = developerEnvironment({ HOME: folder, COSIGN_PASSWORD });
  await developerRun(cosign, ['generate-key-pair'], { cwd: folder, env, timeout: 60_000 });
  const { children, ...others } = services();
  const create = (options: ChildOptions) => children.create({ ...options, set: { COSIGN_PASSWORD } });
  const signer = await cosignSigner(join(folder, 'cosign.key'), {}, { ...others, children: { create } as never });
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

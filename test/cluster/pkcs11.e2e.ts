/** A key that never leaves its token (SoftHSM), reached by cosign's build for PKCS #11. That build takes long the first time. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeBundle, signatureStatement, verifyBundle } from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { cosignSigner } from '@tidegate/pipeline';
import { developerEnvironment, developerRun, devTools, ensureDebianPackages } from '@tidegate/testkit';
import { childContexts, run, toolAt } from '@tidegate/tools';

const IMAGE = digestOf('an image');
const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
const KEY = `pkcs11:token=tide;object=release?module-path=${MODULE}`;
const PIN = '24680135';
let folder = '';
let programs: Record<'cosign' | 'cosign-pkcs11', string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-pkcs11-'));
  await ensureDebianPackages(['softhsm2', 'opensc']);
  programs = await devTools(['cosign', 'cosign-pkcs11']);
  await mkdir(join(folder, 'tokens'));
  await writeFile(join(folder, 'softhsm2.conf'), `directories.tokendir = ${join(folder, 'tokens')}\n`);
  const env = developerEnvironment({ SOFTHSM2_CONF: join(folder, 'softhsm2.conf') });
  const options = { env, cwd: folder, timeout: 60_000 };
  const pins = ['--so-pin', '13570246', '--pin', PIN];
  await developerRun('softhsm2-util', ['--init-token', '--free', '--label', 'tide', ...pins], options);
  const pair = ['--keypairgen', '--key-type', 'EC:prime256v1', '--id', '01', '--label', 'release'];
  await developerRun(
    'pkcs11-tool',
    ['--module', MODULE, '--login', '--token-label', 'tide', '--pin', PIN, ...pair],
    options,
  );
}, 1_800_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const services = (path: string) => ({
  tools: { get: async () => toolAt('cosign', path) },
  run,
  temp: folder,
  signal: new AbortController().signal,
  children: childContexts({ env: { HOME: folder, PATH: '' }, folder: join(folder, 'children'), workspace: folder }),
});
const env = () => ({ SOFTHSM2_CONF: join(folder, 'softhsm2.conf'), COSIGN_PKCS11_PIN: PIN });

test('a key in a token signs the same bundles as one of ours', async () => {
  const signer = await cosignSigner(KEY, env(), services(programs['cosign-pkcs11']));
  const bundle = await makeBundle(signatureStatement(IMAGE).bytes, signer);
  const { evidence } = verifyBundle(bundle, { publicKeys: [signer.publicKey] }, IMAGE);
  expect(evidence).toMatchObject({ subject: IMAGE, signer: signer.identity });
}, 60_000);

test("cosign's usual build says that it cannot, and which one can", async () => {
  await expect(cosignSigner(KEY, env(), services(programs.cosign))).rejects.toMatchObject({
    kind: 'tool',
    message: expect.stringContaining('built without PKCS #11'),
    next: expect.stringContaining('pkcs11key'),
  });
}, 60_000);

test('a PIN in the name of the key is refused before any program is given it', async () => {
  const given = `${KEY}&pin-value=${PIN}`;
  const error = await cosignSigner(given, env(), services('/nowhere')).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ id: 'key-pin-visible', next: expect.stringContaining('COSIGN_PKCS11_PIN') });
  expect(String(error)).not.toContain(PIN);
});

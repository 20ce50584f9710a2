/** The signatures that are spoilt: of one image, by a real Sigstore, and registries to lay them down in. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBundle, makeStatement } from '@tidegate/attest';
import { type Descriptor, PredicateType } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { developerEnvironment, devTools, ensureDebianPackages, type Sigstore, startSigstore } from '@tidegate/testkit';
import { type Server, startDockerRegistry, startOlareg } from '../../support/servers.ts';
import {
  type KeyPair,
  newKeyPair,
  pushImage,
  registryAt,
  type Signing,
  signImage,
  signingWith,
} from '../support/signed-image.ts';

export const IDENTITY = 'https://github.com/octo-org/octo-app/.github/workflows/release.yml@refs/heads/main';

export let folder = '';
let cosignProgram = '';
export let sigstore: Sigstore;
export let signing: Signing;
export let key: KeyPair;
export let otherKey: KeyPair;
const registries: Record<string, Server> = {};
export const running = new AsyncDisposableStack();
/** The same image in every repository: a bundle about it can be spoilt and laid down anywhere. */
export let image: Descriptor;
export let otherImage: Descriptor;
export const bundles: Record<string, Uint8Array> = {};
export let repositories = 0;

/** Sigstore, two registries, and a bundle of every kind about one image. */
export async function prepare(): Promise<void> {
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
}

const provenance = ({ digest }: Descriptor) =>
  makeStatement(PredicateType.provenance, [{ digest }], { buildDefinition: {}, runDetails: { builder: { id: 'b' } } })
    .bytes;

export interface Place {
  readonly registry: Registry;
  readonly reference: string;
}

export function newRegistry(name: string): Place {
  repositories += 1;
  const address = registries[name]?.address ?? '';
  const repository = `verify/case-${repositories}`;
  return { registry: registryAt(address, repository), reference: `${address}/${repository}` };
}

export function cosign(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = developerEnvironment({ HOME: folder, COSIGN_PASSWORD: '' });
  return new Promise((resolve) => {
    execFile(cosignProgram, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, stdout, stderr });
    });
  });
}

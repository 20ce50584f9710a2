/** Images that sign-image signed, in real registries, and verify-image to run on them. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePublicKey, readTrustedRoots, type Trust } from '@tidegate/attest';
import { type Check, exact, parseReference } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import type { Target } from '@tidegate/pipeline';
import {
  type BundleResult,
  developerEnvironment,
  devTools,
  ensureDebianPackages,
  runBundle,
  type Sigstore,
  startSigstore,
} from '@tidegate/testkit';
import { actionsFromSource } from '../../support/actions.ts';
import { type Server, startDockerRegistry, startOlareg } from '../../support/servers.ts';
import { evidenceImage, published } from '../support/evidence-image.ts';

export const WORKFLOW = 'octo-org/octo-app/.github/workflows/release.yml';
export const IDENTITY = `https://github.com/${WORKFLOW}@refs/heads/main`;
export const REGISTRIES = ['olareg', 'distribution'] as const;

export let folder = '';
let cosignProgram = '';
let actions: string | undefined;
export let sigstore: Sigstore;
export let target: Target;
export let keyed: Target;
export const registries = {} as Record<(typeof REGISTRIES)[number], Server>;
export const images: Record<string, string> = {};
export const running = new AsyncDisposableStack();
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const privatePem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** An image signed without a key and one signed with a key, in each registry. */
export async function prepare(): Promise<void> {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-verify-image-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureDebianPackages(['docker-registry']);
  const tools = await devTools(['cosign', 'olareg']);
  cosignProgram = tools.cosign;
  sigstore = running.use(await startSigstore());
  registries.olareg = running.use(await startOlareg(tools.olareg));
  registries.distribution = running.use(await startDockerRegistry(join(folder, 'registry')));
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
  const services = { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot };
  const token = {
    ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
  };
  const roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), 'root');
  const trust: Trust = {
    publicKeys: [],
    identities: [{ issuer: exact(sigstore.issuer.url), subject: exact(IDENTITY) }],
    roots,
  };
  for (const name of REGISTRIES) {
    const [image, other] = [`${registries[name].address}/app`, `${registries[name].address}/keyed`];
    target = await evidenceImage(join(folder, `layout ${name}`), 'verified', { destination: image });
    keyed = await evidenceImage(join(folder, `keyed ${name}`), 'keyed', { destination: other });
    await Promise.all([
      succeeded(action('sign-image', { layout: target.layout.name, ...services }, token)),
      succeeded(action('sign-image', { layout: keyed.layout.name, key: privatePem, ...services })),
    ]);
    await published(target, new Registry(parseReference(image), {}), trust);
    await new Registry(parseReference(image), {}).moveTag(target.image.root, 'v1');
    images[name] = `${image}:v1`;
    await published(keyed, new Registry(parseReference(other), {}), { publicKeys: [parsePublicKey(publicPem)] });
    images[`keyed ${name}`] = `${other}@${keyed.image.root.digest}`;
  }
}

export async function action(
  name: string,
  inputs: Record<string, string>,
  env: Record<string, string> = {},
): Promise<BundleResult> {
  const temp = await mkdtemp(join(folder, 'job-'));
  const entry = actions ? join(actions, name, 'action.yml') : name;
  return runBundle({ action: entry, inputs, temp, workspace: temp, env });
}

export async function succeeded(pending: Promise<BundleResult>): Promise<BundleResult> {
  const result = await pending;
  if (result.exitCode !== 0) throw new Error(result.log.join('\n'));
  return result;
}

export const keyless = () => ({
  workflow: WORKFLOW,
  'certificate-oidc-issuer': sigstore.issuer.url,
  'trusted-root': sigstore.trustedRoot,
});
export const verify = (image: string, more: Record<string, string> = {}) =>
  action('verify-image', { image, ...keyless(), ...more });
export const checksOf = ({ outputs }: BundleResult): readonly Check[] => JSON.parse(outputs.checks ?? '[]');
export const failing = (result: BundleResult) =>
  checksOf(result).flatMap(({ name, outcome }) => (outcome === 'fail' ? [name] : []));

/** A line as somebody pastes it, with cosign on the PATH. */
export function shell(line: string): Promise<{ code: number; output: string }> {
  const env = developerEnvironment({ HOME: folder });
  const path = `${join(cosignProgram, '..')}:${env.PATH}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { env: { ...env, PATH: path }, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, output: stdout + stderr });
    });
  });
}

export function cosign(argv: readonly string[]): Promise<{ code: number; output: string }> {
  const env = developerEnvironment({ HOME: folder });
  return new Promise((resolve) => {
    execFile(cosignProgram, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, output: stdout + stderr });
    });
  });
}

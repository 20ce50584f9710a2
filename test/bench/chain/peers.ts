import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Checkout } from '../commit.ts';

const run = promisify(execFile);
const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export interface ChainRun {
  readonly tools: string;
  readonly folder: string;
  readonly checkout: Checkout;
  readonly buildkit: string;
  readonly registry: string;
  /** URL of the vulnerability database's folder. */
  readonly database: string;
  /** cosign's private key, without a password. */
  readonly key: string;
}

/**
 * - `image`: Grype reads the image in the registry, and catalogs it a second time.
 * - `sbom`: Grype reads the document that Syft wrote.
 * - `runner`: like `sbom`, but of several platforms only the runner's own. anchore/sbom-action (src/github/
 *   SyftGithubAction.ts) and anchore/scan-action (index.js) have no input for a platform and pass no `--platform`, so
 *   Syft and Grype choose this one.
 *
 * The first two scan each platform by its digest, one after the other, as a loop in a workflow does.
 */
export type Peers = 'image' | 'sbom' | 'runner';

/** Seconds by step, and `total`. */
export type StepTimes = Readonly<Record<string, number>>;

/** The steps that a team runs today. */
export async function runPeers(given: ChainRun, peers: Peers): Promise<StepTimes> {
  const { tools, folder, checkout, buildkit, registry, database, key } = given;
  const temp = await mkdtemp(join(folder, 'temp-'));
  const image = `${registry}/acme/peer`;
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: temp,
    // Kept between runs: by it BuildKit knows a context that it has had before.
    BUILDX_CONFIG: join(folder, 'buildx'),
    SYFT_REGISTRY_INSECURE_USE_HTTP: 'true',
    SYFT_CHECK_FOR_APP_UPDATE: 'false',
    GRYPE_REGISTRY_INSECURE_USE_HTTP: 'true',
    GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    GRYPE_DB_CACHE_DIR: join(folder, 'grype-db'),
    GRYPE_DB_UPDATE_URL: `${database}/v6/latest.json`,
    COSIGN_PASSWORD: '',
  };
  const times: Record<string, number> = {};
  const step = async (name: string, program: string, argv: readonly string[]) => {
    const started = performance.now();
    await run(join(tools, program), [...argv], { cwd: checkout.folder, env, maxBuffer: 1 << 28 });
    times[name] = (times[name] ?? 0) + (performance.now() - started) / 1000;
  };
  const builder = `peer-${createHash('sha256').update(buildkit).digest('hex').slice(0, 12)}`;
  // The previous run created it, if BuildKit is the same.
  await run(join(tools, 'buildx'), ['create', '--name', builder, '--driver', 'remote', buildkit], { env }).catch(
    () => {},
  );
  const build = ['build', '--builder', builder, '--push', '-t', `${image}:1.0.0`, '-t', `${image}:latest`];
  build.push(...checkout.contexts.flatMap((one) => ['--build-context', one]));
  if (checkout.platforms.length > 0) build.push('--platform', checkout.platforms.join(','));
  await step('buildx build --push', 'buildx', [...build, '.']);

  const published = await manifestOf(image, '1.0.0');
  const reference = `${image}@${published.digest}`;
  const alone = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
  const flags = ['--key', key, ...alone];
  const each = peers !== 'runner' && checkout.platforms.length > 0;
  const subjects = each ? published.platforms.map((digest) => `${image}@${digest}`) : [reference];
  const documents: (readonly (readonly [type: string, file: string])[])[] = [];
  for (const [at, subject] of subjects.entries()) {
    const file = (name: string) => join(temp, `${at}-${name}.json`);
    const outputs = ['-o', `spdx-json=${file('spdx')}`, '-o', `cyclonedx-json=${file('cyclonedx')}`];
    if (peers !== 'image') outputs.push('-o', `syft-json=${file('syft')}`);
    await step('syft', 'syft', ['scan', `registry:${subject}`, '-q', ...outputs]);
    const scanned = peers === 'image' ? `registry:${subject}` : `sbom:${file('syft')}`;
    const gate = ['--fail-on', 'high'];
    await step('grype', 'grype', [scanned, '-q', '-o', 'json', '--file', file('grype'), ...gate]);
    documents.push([
      ['spdxjson', file('spdx')],
      ['cyclonedx', file('cyclonedx')],
      ['custom', file('grype')],
    ]);
  }
  // Only after each platform has passed.
  await step('cosign sign', 'cosign', ['sign', ...flags, reference]);
  for (const [at, subject] of subjects.entries()) {
    for (const [type, file] of documents[at] ?? []) {
      await step('cosign attest', 'cosign', ['attest', ...flags, '--type', type, '--predicate', file, subject]);
    }
  }
  times.total = Object.values(times).reduce((sum, one) => sum + one, 0);
  await rm(temp, { recursive: true, force: true });
  return times;
}

interface Published {
  readonly digest: string;
  /** Digests of the platforms, without buildx's attestations: their platform is `unknown/unknown`. */
  readonly platforms: readonly string[];
}

async function manifestOf(image: string, tag: string): Promise<Published> {
  const url = `http://${image.replace('/acme', '/v2/acme')}/manifests/${tag}`;
  const answer = await fetch(url, { headers: { accept: `${INDEX}, ${MANIFEST}` } });
  const { manifests = [] } = (await answer.json()) as {
    readonly manifests?: readonly { readonly digest: string; readonly platform?: { readonly os: string } }[];
  };
  return {
    digest: answer.headers.get('docker-content-digest') ?? 'none',
    platforms: manifests.filter(({ platform }) => platform?.os !== 'unknown').map(({ digest }) => digest),
  };
}

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Checkout } from './commit.ts';

const run = promisify(execFile);

export interface PeersRun {
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

/** What a team runs today, step by step. @returns seconds of each, and `total` */
export async function runPeers(given: PeersRun): Promise<Record<string, number>> {
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
  // Made by the run before, where the BuildKit is the same.
  await run(join(tools, 'buildx'), ['create', '--name', builder, '--driver', 'remote', buildkit], { env }).catch(
    () => {},
  );
  const contexts = checkout.contexts.flatMap((one) => ['--build-context', one]);
  const build = ['build', '--builder', builder, '--push', '-t', `${image}:1.0.0`, '-t', `${image}:latest`, ...contexts];
  await step('buildx build --push', 'buildx', [...build, '.']);
  const [spdx, cyclonedx, report] = [join(temp, 'spdx.json'), join(temp, 'cyclonedx.json'), join(temp, 'grype.json')];
  const outputs = ['-o', `spdx-json=${spdx}`, '-o', `cyclonedx-json=${cyclonedx}`];
  await step('syft', 'syft', ['scan', `registry:${image}:1.0.0`, '-q', ...outputs]);
  const gate = ['--fail-on', 'high'];
  await step('grype', 'grype', [`registry:${image}:1.0.0`, '-q', '-o', 'json', '--file', report, ...gate]);
  const { headers } = await fetch(`http://${image.replace('/acme', '/v2/acme')}/manifests/1.0.0`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
  });
  const reference = `${image}@${headers.get('docker-content-digest')}`;
  const alone = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
  const flags = ['--key', key, ...alone];
  await step('cosign sign', 'cosign', ['sign', ...flags, reference]);
  for (const [type, file] of [
    ['spdxjson', spdx],
    ['cyclonedx', cyclonedx],
    ['custom', report],
  ] as const) {
    await step('cosign attest ×3', 'cosign', ['attest', ...flags, '--type', type, '--predicate', file, reference]);
  }
  times.total = Object.values(times).reduce((sum, one) => sum + one, 0);
  await rm(temp, { recursive: true, force: true });
  return times;
}

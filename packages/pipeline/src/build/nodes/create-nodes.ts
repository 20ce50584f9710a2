import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPlatform, mapEach, messageOf, TidegateError } from '@tidegate/core';
import { PINS } from '@tidegate/tools';
import type { Services } from '../../services.ts';
import type { Builder, NodeBuilder } from '../builder.ts';
import { csvField } from '../csv-field.ts';
import type { BuilderNode, NodesEngine, NodeTls } from '../options.ts';
import { nodeName } from './node-name.ts';
import { silenceAt } from './silence.ts';
import { assertTls } from './tls.ts';

/** In milliseconds. buildx waits for a pod for two minutes, unless `timeout` in the driver's options is longer. */
const BOOT = 15 * 60_000;
/** In milliseconds, to remove a deployment. */
const REMOVE = 60_000;

/**
 * Register machines in buildx, each as a builder of its own: buildx cannot write one image layout from several machines.
 * Keys and buildx's configuration are in a private folder that `dispose` removes.
 * @throws TidegateError `buildkit-unreachable` for a machine that does not respond
 */
export async function createNodes(engine: NodesEngine, services: Services): Promise<Builder> {
  const { tls } = engine;
  if (tls) assertTls(tls, services.clock());
  const folder = await mkdtemp(join(services.temp, 'nodes-'));
  const env = { ...engine.environment, BUILDX_CONFIG: folder };
  const run = randomBytes(5).toString('hex');
  let at = 0;
  const nodes = mapEach(engine.nodes, (node): NodeBuilder => {
    const silence = async () => node.address && silenceAt(node.address, tls, services.signal);
    at += 1;
    return { ...node, name: `tidegate-${run}-${at}`, silence: async () => (await silence()) || undefined };
  });
  const pods = nodes.flatMap(({ name, address }) => (address === undefined ? [name] : []));
  engine.onCreate({ folder, pods });
  const dispose = async () => {
    await removePods(pods, env, services);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const silent = await Promise.all(nodes.map(async (node) => ({ node, why: await node.silence() })));
    services.signal.throwIfAborted();
    for (const { node, why } of silent) if (why !== undefined) throw unreachable(node, why);
    const files = tls ? await writeKeys(tls, folder) : [];
    // One after the other: buildx locks its configuration.
    for (const node of nodes) await create(node, [...files], engine, env, services);
  } catch (error) {
    await dispose();
    throw error;
  }
  const [first] = nodes;
  return { name: first.name, env, nodes, dispose };
}

function unreachable(node: BuilderNode, why: string): TidegateError {
  return new TidegateError(
    'buildkit-unreachable',
    `Input builder-endpoints: no BuildKit responds for ${nodeName(node)}: ${why}.`,
    { next: 'Start it, or correct its line in builder-endpoints or its certificates.' },
  );
}

/** @returns options of buildx's remote driver */
async function writeKeys({ ca, client }: NodeTls, folder: string): Promise<readonly string[]> {
  const texts = { cacert: ca, ...client };
  return Promise.all(
    Object.entries(texts).map(async ([option, text]) => {
      const path = join(folder, `${option}.pem`);
      await writeFile(path, text, { mode: 0o600, flag: 'wx' });
      return `${option}=${path}`;
    }),
  );
}

async function create(
  node: NodeBuilder,
  tlsFiles: readonly string[],
  engine: NodesEngine,
  env: Readonly<Record<string, string>>,
  services: Services,
): Promise<void> {
  const { address, name } = node;
  const options = address === undefined ? podOptions(node, engine) : address.startsWith('tcp:') ? tlsFiles : [];
  const argv = [
    ...['create', '--name', name, '--driver', address === undefined ? 'kubernetes' : 'remote'],
    ...['--platform', node.platforms.map(formatPlatform).join(',')],
    ...options.flatMap((option) => ['--driver-opt', csvField(option)]),
    ...(address === undefined ? ['--bootstrap'] : [address]),
  ];
  const buildx = await services.tools.get('buildx');
  try {
    await services.run(buildx.path, argv, {
      context: await services.children.create({ login: 'buildx', set: env }),
      timeout: BOOT,
      signal: services.signal,
    });
  } catch (error) {
    if (address !== undefined || services.signal.aborted) throw error;
    throw new TidegateError(
      'buildkit-unreachable',
      `Input builder-endpoints: no pod for ${nodeName(node)} became ready: ${reasonOf(error)}.`,
      { next: 'Check the access of this job to the cluster, the namespace, and builder-driver-opts.', cause: error },
    );
  }
}

/** The last line that begins with `ERROR: `, or the whole message. */
function reasonOf(error: unknown): string {
  const text = messageOf(error);
  const [, reason] = /^ERROR: (.+)$/m.exec(text) ?? [];
  return (reason ?? text).trim().replace(/\.$/, '');
}

/**
 * A pod of the release that Tidegate would start itself, on a machine of the platform: the architecture of a cluster's
 * nodes is a label that every kubelet sets.
 */
function podOptions(
  { platforms: [{ architecture, os }] }: BuilderNode,
  { driverOptions }: NodesEngine,
): readonly string[] {
  const given = new Map(driverOptions);
  const rootless = given.get('rootless') === 'true' ? '-rootless' : '';
  const selector = [`kubernetes.io/os=${os}`, `kubernetes.io/arch=${architecture}`, given.get('nodeselector') ?? ''];
  const own = new Map([
    ['image', `docker.io/moby/buildkit:v${PINS.buildkitd.version}${rootless}`],
    ...given,
    ['nodeselector', selector.filter(Boolean).join(',')],
  ]);
  return [...own].map(([name, value]) => `${name}=${value}`);
}

/**
 * Remove the deployments of these builders, as far as buildx's configuration in BUILDX_CONFIG has them: those that
 * another call has removed are not there.
 */
export async function removePods(
  names: readonly string[],
  env: Readonly<Record<'BUILDX_CONFIG', string>>,
  services: Services,
): Promise<void> {
  for (const name of names) {
    const record = await readFile(join(env.BUILDX_CONFIG, 'instances', name)).catch(() => undefined);
    if (!record) continue;
    try {
      const buildx = await services.tools.get('buildx');
      await services.run(buildx.path, ['rm', '--force', name], {
        context: await services.children.create({ login: 'buildx', set: env }),
        timeout: REMOVE,
        // Also after a cancellation.
        signal: AbortSignal.timeout(REMOVE),
      });
    } catch (error) {
      services.log.warning(`The deployment ${name}0 could not be removed from the cluster: ${reasonOf(error)}`);
    }
  }
}

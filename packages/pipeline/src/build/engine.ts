import { createHash } from 'node:crypto';
import { access, constants, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import * as v from 'valibot';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';
import { createNodes } from './nodes/create-nodes.ts';
import { silenceAt } from './nodes/silence.ts';
import type { Engine } from './options.ts';

/** Names of the builders in our own buildx configuration. */
const OWN = /^tidegate-[0-9a-f]{12}$/;

/**
 * Register an engine in buildx. A named builder is looked up in the user's buildx configuration. An address gets a
 * `remote` builder in our own configuration, so that the user's configuration is not changed.
 * @param config folder kept between jobs: BuildKit recognizes this machine by the data that buildx keeps there, and
 * transfers only the changed files of a known context
 */
export async function useEngine(engine: Engine, config: string, services: Services): Promise<Builder> {
  if (engine.kind === 'builder') return { name: engine.name, env: {} };
  if (engine.kind === 'nodes') return createNodes(engine, services);
  if (!/^(unix|tcp|docker-container|kube-pod|podman-container|ssh):\/\//.test(engine.address)) {
    throw new TidegateError(
      'buildkit-address-invalid',
      `BUILDKIT_HOST: ${JSON.stringify(engine.address)} is not a BuildKit address.`,
      {
        next: 'Use for example unix:///run/buildkit/buildkitd.sock or tcp://host:1234, or unset it.',
      },
    );
  }
  await assertAnswers(engine.address, services.signal);
  const name = `tidegate-${createHash('sha256').update(engine.address).digest('hex').slice(0, 12)}`;
  const env = { BUILDX_CONFIG: await writable(config, services) };
  if (await isKnown(name, engine.address, env.BUILDX_CONFIG)) return { name, env };
  const buildx = await services.tools.get('buildx');
  try {
    await services.run(buildx.path, ['create', '--name', name, '--driver', 'remote', engine.address], {
      context: await services.children.create({ set: env }),
      timeout: 60_000,
      signal: services.signal,
    });
  } catch (error) {
    // A concurrent job has just created it. Its name is derived from the address, so it is the same builder.
    if (!messageOf(error).includes('existing instance')) throw error;
  }
  return { name, env };
}

/**
 * buildx writes to this folder in every build. If it is not writable, use a folder of this run instead; that only costs
 * time.
 */
async function writable(config: string, { temp, log }: Services): Promise<string> {
  try {
    await makeFolder(config, 0o700);
    await access(config, constants.W_OK);
    return config;
  } catch (error) {
    log.notice(
      `The builder's state could not be saved in ${config}, so later jobs send their whole context again: ${messageOf(error)}`,
    );
    const own = join(temp, 'buildx');
    await makeFolder(own, 0o700);
    return own;
  }
}

/** The fields that are read from buildx's record of a builder (store.NodeGroup). */
const Instance = v.looseObject({
  Driver: v.literal('remote'),
  Nodes: v.strictTuple([v.looseObject({ Endpoint: v.string() })]),
});

/**
 * Whether an earlier job created this builder. An unexpected record counts as unknown: buildx then creates or rejects
 * it.
 */
async function isKnown(name: string, address: string, config: string): Promise<boolean> {
  try {
    const record: unknown = JSON.parse(await readFile(join(config, 'instances', name), 'utf8'));
    return v.parse(Instance, record).Nodes[0].Endpoint === address;
  } catch {
    return false;
  }
}

/**
 * buildx stores a record of every build for `buildx history`, including failed builds: in a persistent folder of ours
 * the records would grow without limit. No builder needs its record once the build runs, so records of concurrent
 * builds may be deleted too.
 */
export async function forgetBuilds({ name, env }: Builder): Promise<void> {
  if (env.BUILDX_CONFIG === undefined || !OWN.test(name)) return;
  const notes = join(env.BUILDX_CONFIG, 'refs', name);
  const there = await readdir(notes, { recursive: true, withFileTypes: true }).catch(() => []);
  // Only files with final names: a folder or a temporary file may be in use by a concurrent build.
  const files = there.filter((entry) => entry.isFile() && /^[a-z0-9]+$/.test(entry.name));
  await Promise.all(files.map((entry) => rm(join(entry.parentPath, entry.name), { force: true })));
}

/**
 * Fail early if no BuildKit answers at the address: buildx would wait and finally report only that a deadline was
 * exceeded.
 */
async function assertAnswers(address: string, signal: AbortSignal): Promise<void> {
  const why = await silenceAt(address, undefined, signal);
  signal.throwIfAborted();
  if (why === undefined) return;
  throw new TidegateError('buildkit-unreachable', `BUILDKIT_HOST: no BuildKit responds on ${address}: ${why}.`, {
    next: 'Start it, or unset BUILDKIT_HOST so that Tidegate starts one.',
  });
}

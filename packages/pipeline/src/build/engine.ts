import { createHash } from 'node:crypto';
import { access, constants, readdir, readFile, rm } from 'node:fs/promises';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { messageOf, type ProgramEvidence, TidegateError } from '@tidegate/core';
import { makeFolder, type RunNetwork, silenceOf } from '@tidegate/tools';
import * as v from 'valibot';
import type { Services } from '../services.ts';
import type { Engine } from './options.ts';

/** A builder that buildx knows by name, and the environment it knows it in. */
export interface Builder {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Tidegate started it, on this machine. */
  readonly isHere?: true;
  /** The daemon, where Tidegate started it. */
  readonly program?: ProgramEvidence | undefined;
  /** The network of RUN steps, where Tidegate knows. */
  readonly runNetwork?: RunNetwork;
  /** Namespace of the ids of cache mounts, on a BuildKit that other runs use too. */
  readonly cacheMounts?: string | undefined;
}

/** What the builders of our configuration are called. */
const OWN = /^tidegate-[0-9a-f]{12}$/;

/**
 * Make an engine known to buildx. A builder that the user names is looked up where buildx keeps them; an address gets
 * a `remote` builder in a configuration of our own, so nothing of the user's is touched.
 * @param config folder kept between jobs: by what buildx keeps there BuildKit knows this machine again, and takes from a
 * context it has seen only what has changed
 */
export async function useEngine(engine: Engine, config: string, services: Services): Promise<Builder> {
  if (engine.kind === 'builder') return { name: engine.name, env: {} };
  if (!/^(unix|tcp|docker-container|kube-pod|podman-container|ssh):\/\//.test(engine.address)) {
    throw new TidegateError(
      'bad-input',
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
    // Made this moment by a job beside us: its name says that it is of the same address.
    if (!messageOf(error).includes('existing instance')) throw error;
  }
  return { name, env };
}

/** buildx writes there with each build. Where that folder cannot be written it is the run's own: that costs time only. */
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

/** What is asked of buildx's record of a builder (store.NodeGroup). */
const Instance = v.looseObject({
  Driver: v.literal('remote'),
  Nodes: v.strictTuple([v.looseObject({ Endpoint: v.string() })]),
});

/** Whether an earlier job made this builder. What is not read as expected is left for buildx to make or to refuse. */
async function isKnown(name: string, address: string, config: string): Promise<boolean> {
  try {
    const record: unknown = JSON.parse(await readFile(join(config, 'instances', name), 'utf8'));
    return v.parse(Instance, record).Nodes[0].Endpoint === address;
  } catch {
    return false;
  }
}

/**
 * buildx notes every build for `buildx history`, those that fail too: in a cache of ours the notes would only ever grow.
 * No builder's own note is needed once it builds, so those of a build beside us may go as well.
 */
export async function forgetBuilds({ name, env }: Builder): Promise<void> {
  if (env.BUILDX_CONFIG === undefined || !OWN.test(name)) return;
  const notes = join(env.BUILDX_CONFIG, 'refs', name);
  const there = await readdir(notes, { recursive: true, withFileTypes: true }).catch(() => []);
  // Files alone, under their final names: a folder or half a file may be in somebody's hands this moment.
  const files = there.filter((entry) => entry.isFile() && /^[a-z0-9]+$/.test(entry.name));
  await Promise.all(files.map((entry) => rm(join(entry.parentPath, entry.name), { force: true })));
}

/** Milliseconds until a connection stands, and again until it is answered: slow networks need a second or two. */
const PATIENCE = 5_000;

/** An address that no BuildKit answers on: buildx would wait for it, and say at last that a deadline was exceeded. */
async function assertAnswers(address: string, signal: AbortSignal): Promise<void> {
  const to = socketOf(address);
  const why = to && (await silenceOf({ ...to, signal }, PATIENCE));
  signal.throwIfAborted();
  if (why === undefined) return;
  throw new TidegateError('bad-input', `BUILDKIT_HOST: no BuildKit responds on ${address}: ${why}.`, {
    next: 'Start it, or unset BUILDKIT_HOST so that Tidegate starts one.',
  });
}

/** What can be tried by connecting; the other kinds of address are buildx's own. */
function socketOf(address: string): NetConnectOpts | undefined {
  const [, path] = /^unix:\/\/(.+)$/.exec(address) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Services } from '../services.ts';
import type { Engine } from './options.ts';

/** A builder that buildx knows by name, and the environment it knows it in. */
export interface Builder {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Make an engine known to buildx. A builder that the user names is looked up where buildx keeps them; an address gets
 * a `remote` builder in a configuration of our own, so nothing of the user's is touched.
 * @param cache folder kept between jobs: by what buildx keeps there BuildKit knows this machine again, and takes from a
 * context it has seen only what has changed
 */
export async function useEngine(engine: Engine, cache: string, services: Services): Promise<Builder> {
  if (engine.kind === 'builder') return { name: engine.name, env: {} };
  if (!/^(unix|tcp|docker-container|kube-pod|podman-container|ssh):\/\//.test(engine.address)) {
    throw new TidegateError(
      'bad-input',
      `BUILDKIT_HOST: ${JSON.stringify(engine.address)} is no address of a BuildKit.`,
      {
        next: 'Write for example unix:///run/buildkit/buildkitd.sock or tcp://host:1234, or unset it.',
      },
    );
  }
  await assertAnswers(engine.address);
  const buildx = await services.tools.get('buildx');
  const name = `tidegate-${createHash('sha256').update(engine.address).digest('hex').slice(0, 12)}`;
  const env = { BUILDX_CONFIG: join(cache, 'tidegate-buildx') };
  await mkdir(env.BUILDX_CONFIG, { recursive: true, mode: 0o700 });
  try {
    await services.run(buildx.path, ['create', '--name', name, '--driver', 'remote', engine.address], {
      env: { ...services.childEnv, ...env },
      timeout: 60_000,
      signal: services.signal,
    });
  } catch (error) {
    // Made by an earlier job, or this moment by one beside us: its name says that it is of the same address.
    if (!messageOf(error).includes('existing instance')) throw error;
  }
  return { name, env };
}

/** Ten seconds: a BuildKit behind a slow network answers a connection well within them. */
const PATIENCE = 10_000;

/** An address that nobody listens on: buildx would wait for it, and say at last that a deadline was exceeded. */
async function assertAnswers(address: string): Promise<void> {
  const to = socketOf(address);
  if (!to) return;
  const socket = connect(to);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE) });
  } catch (cause) {
    throw new TidegateError('bad-input', `BUILDKIT_HOST: no BuildKit answers on ${address}: ${messageOf(cause)}.`, {
      next: 'Start it, or unset BUILDKIT_HOST to have one started.',
      cause,
    });
  } finally {
    socket.destroy();
  }
}

/** What can be tried by connecting; the other kinds of address are buildx's own. */
function socketOf(address: string): NetConnectOpts | undefined {
  const [, path] = /^unix:\/\/(.+)$/.exec(address) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

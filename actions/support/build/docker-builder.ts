import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clipped, messageOf } from '@tidegate/core';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { builderVariables } from './builder-variables.ts';

/** Set by the command line outside of workflows: there the engine of the user's docker comes before our own. */
const ENGINE_VARIABLE = 'TIDEGATE_ENGINE';

const SOCKET = '/var/run/docker.sock';
/** buildx (driver/docker/driver.go, Features): only an engine whose worker has this label exports OCI layouts. */
const SNAPSHOTTER = 'org.mobyproject.buildkit.worker.snapshotter';
/** Milliseconds. */
const TIMEOUT = 20_000;

/**
 * The buildx builder of docker's own BuildKit, if docker may be used, responds and can export an OCI layout. Docker
 * without the containerd image store cannot: it keeps images in its own form.
 * @returns undefined if our own BuildKit has to be used; the log says why if there is an engine
 */
export async function dockerBuilder(
  job: Job,
  services: Pick<Services, 'tools' | 'run' | 'children' | 'log' | 'signal'>,
  socket = SOCKET,
): Promise<string | undefined> {
  if (job.env[ENGINE_VARIABLE] !== 'docker') return undefined;
  const context = await dockerContext(job);
  // A client without an engine: no program is fetched for it.
  if (context === 'default' && !job.env.DOCKER_HOST && !(await isOpen(socket))) return undefined;
  const { log } = services;
  const said = await inspected(context, job, services);
  if (said instanceof Error) {
    log.info(`Docker's engine (context ${context}) does not respond, so Tidegate's own BuildKit builds.`);
    log.debug(said.message);
    return undefined;
  }
  if (said.includes(SNAPSHOTTER)) {
    log.info(`Docker's BuildKit (context ${context}) builds.`);
    return context;
  }
  log.info(
    `Docker's engine (context ${context}) cannot export OCI layouts without the containerd image store, so Tidegate's own BuildKit builds.`,
  );
  return undefined;
}

/** As in docker/cli: DOCKER_HOST, then DOCKER_CONTEXT, then the configuration. buildx has a builder for each context. */
async function dockerContext({ env }: Job): Promise<string> {
  if (env.DOCKER_HOST) return 'default';
  if (env.DOCKER_CONTEXT) return env.DOCKER_CONTEXT;
  const folder = env.DOCKER_CONFIG || join(env.HOME ?? '', '.docker');
  try {
    const { currentContext } = Object(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
    return typeof currentContext === 'string' && /^[\w.+-]+$/.test(currentContext) ? currentContext : 'default';
  } catch {
    return 'default';
  }
}

async function isOpen(socket: string): Promise<boolean> {
  return access(socket, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function inspected(
  context: string,
  job: Job,
  { tools, run, children, signal }: Pick<Services, 'tools' | 'run' | 'children' | 'signal'>,
): Promise<string | Error> {
  const buildx = await tools.get('buildx');
  try {
    const set = await builderVariables(job, undefined);
    const { stdout } = await run(buildx.path, ['inspect', context], {
      ...{ context: await children.create({ set, login: 'buildx' }), timeout: TIMEOUT, signal },
    });
    // An engine that is not running is no error of buildx.
    return /^Error:|^Status:\s+inactive/m.test(stdout) ? new Error(clipped(stdout, 500)) : stdout;
  } catch (error) {
    if (signal.aborted) throw error;
    return new Error(messageOf(error));
  }
}

/**
 * Shared by all end-to-end tests: the tools, one BuildKit daemon, two real registries, a vulnerability database and one
 * that is too old, and the programs in the test image. Jest's global setup starts it once.
 */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionsFromSource } from './actions.ts';
import { buildApp } from './app.ts';
import { makeKey } from './key.ts';
import { programs } from './programs.ts';
import { type Server, serveDatabase, startBuildkitd, startDockerRegistry, startOlareg } from './servers.ts';
import { fillCache } from './vulnerability-cache.ts';

/** olareg has the referrers API of OCI 1.1; Debian's docker-registry (distribution 2.8) does not. */
export const REGISTRIES = ['olareg', 'docker-registry'] as const;
type RegistryName = (typeof REGISTRIES)[number];

export interface Suite {
  /** Contains all files of this run. */
  readonly folder: string;
  /** Contains buildkitd, buildx, syft, grype and cosign. */
  readonly tools: string;
  /** Third-party clients, to check what they make of a push. */
  readonly clients: { readonly cosign: string; readonly crane: string; readonly oras: string };
  /** The value of BUILDKIT_HOST. */
  readonly buildkit: string;
  /** `127.0.0.1:port`. */
  readonly registries: Readonly<Record<RegistryName, string>>;
  /** Base URLs for db-mirror. The fresh one is already in `folder`/db-cache. */
  readonly databases: { readonly fresh: string; readonly stale: string };
  /**
   * A build context: a Dockerfile and a program for two platforms each; `vulnerable` is the same with an old module.
   */
  readonly apps: { readonly sound: string; readonly vulnerable: string };
  /** The signing key: files, PEM. */
  readonly key: { readonly private: string; readonly public: string };
  /** Set if the sources run instead of the bundles: a folder with an action.yml for each action. */
  readonly actions?: string;
}

const WHERE = 'TIDEGATE_E2E_SUITE';
/** `1` runs the sources, to try a change without bundling. Only the run without it counts. */
const FROM_SOURCE = 'TIDEGATE_E2E_FROM_SOURCE';
/** Jest requires separate modules for setup and teardown: the teardown finds here what the setup started. */
const running = new AsyncDisposableStack();

export async function startSuite(): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-e2e-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  try {
    const { tools, clients, databases } = await programs();
    const start = async (server: Promise<Server>) => running.use(await server).address;
    const [olareg, dockerRegistry, buildkit, fresh, stale, sound, vulnerable, key] = await allSettled([
      start(startOlareg(clients.olareg)),
      start(startDockerRegistry(join(folder, 'docker-registry'))),
      start(startBuildkitd(tools, join(folder, 'buildkit'))),
      start(serveDatabase(databases.fresh)).then(async (mirror) => {
        await fillCache(databases.fresh, join(folder, 'db-cache'));
        return mirror;
      }),
      start(serveDatabase(databases.stale)),
      buildApp(join(folder, 'sound'), 'go.mod'),
      buildApp(join(folder, 'vulnerable'), 'vulnerable.mod'),
      makeKey(folder, 'cosign'),
    ]);
    const suite: Suite = {
      folder,
      tools,
      clients,
      buildkit,
      registries: { olareg, 'docker-registry': dockerRegistry },
      databases: { fresh, stale },
      apps: { sound, vulnerable },
      key,
      ...(process.env[FROM_SOURCE] === '1' ? { actions: await actionsFromSource(join(folder, 'actions')) } : {}),
    };
    const file = join(folder, 'suite.json');
    await writeFile(file, JSON.stringify(suite));
    process.env[WHERE] = file;
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/**
 * Promise.all that waits for the others if one fails: everything that they start must be known before it is stopped.
 */
async function allSettled<T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(work);
  return (await Promise.all(work)) as unknown as T;
}

export async function stopSuite(): Promise<void> {
  await running.disposeAsync();
}

/** The suite that was started before this test file. */
export async function theSuite(): Promise<Suite> {
  const file = process.env[WHERE];
  if (file === undefined) {
    throw new Error('Run these tests with test/jest.config.js: its global setup starts what they need.');
  }
  return JSON.parse(await readFile(file, 'utf8'));
}

import { ensureDebianPackages } from '@tidegate/testkit';
import { type Command, have } from './command.ts';

/** Which BuildKit builds in the demo, and what a step needs to know to use it. */
export interface DemoEngine {
  readonly how: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly remove: () => Promise<void>;
}

const BUILDER = 'tidegate-demo';

/**
 * One of its own where it can be started; else the BuildKit or Docker that is here.
 * @param released BuildKit's release brings its runc along; one that was built here needs the machine's.
 */
export async function demoEngine(
  options: { readonly state: string; readonly released: boolean; readonly say: (detail: string) => void },
  command: Command,
): Promise<DemoEngine> {
  const { state, released, say } = options;
  const nothing = async () => {};
  const { BUILDKIT_HOST: address } = process.env;
  if (address) {
    return {
      how: `the one at ${address} (BUILDKIT_HOST)`,
      inputs: {},
      env: { BUILDKIT_HOST: address },
      remove: nothing,
    };
  }
  const root = process.getuid?.() === 0;
  if (root) {
    if (!released && !(await have('runc', command))) await ensureDebianPackages(['runc'], { log: say });
    return {
      how: 'its own, started and stopped by the action',
      inputs: { 'buildkit-state': state },
      env: {},
      remove: nothing,
    };
  }
  const rootless = (await have('rootlesskit', command)) && (await have('newuidmap', command));
  const sudo = await command('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  );
  if (rootless || sudo) {
    const how = `its own, ${rootless ? 'rootless' : 'through sudo'}, started and stopped by the action`;
    return { how, inputs: { 'buildkit-state': state }, env: {}, remove: nothing };
  }
  const docker = await command('docker', ['buildx', 'version']).then(
    () => command('docker', ['info', '--format', '{{.ServerVersion}}']),
    () => '',
  );
  if (docker.trim() !== '') {
    // Kept between runs: its volume is the build cache.
    await command('docker', ['buildx', 'inspect', BUILDER]).catch(() =>
      command('docker', ['buildx', 'create', '--name', BUILDER, '--driver', 'docker-container']),
    );
    const env = Object.fromEntries(
      ['HOME', 'DOCKER_CONFIG', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'BUILDX_CONFIG']
        .map((name) => [name, process.env[name] ?? ''] as const)
        .filter(([, value]) => value !== ''),
    );
    const remove = async () => {
      await command('docker', ['buildx', 'stop', BUILDER]);
    };
    return {
      how: `the buildx builder ${BUILDER} on Docker ${docker.trim()}`,
      inputs: { builder: BUILDER },
      env,
      remove,
    };
  }
  throw new Error(
    'No BuildKit can be started here: run the demo as root, install rootlesskit and uidmap, or have Docker with buildx.',
  );
}

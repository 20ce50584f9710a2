import { access, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { digestOf, formatPlatform, type Log } from '@tidegate/core';
import { createToolbox, hostPlatform, PINS, TOOL_NAMES, type ToolName } from '@tidegate/tools';
import { oneAtATime } from '../machine-lock.ts';
import { repositoryRoot } from '../runner/node24.ts';
import { type Say, waitingFor } from '../waiting.ts';
import { cacheFolder } from './cache-folder.ts';
import { builtPath, type GoProgram, goBuild, goVersion } from './go-build.ts';

const PLUGINS = [
  'buildkit-cni-bridge',
  'buildkit-cni-host-local',
  'buildkit-cni-firewall',
  'buildkit-cni-loopback',
] as const;

export const DEV_TOOLS = [
  ...TOOL_NAMES,
  ...([
    'crane',
    'oras',
    'olareg',
    'gofakes3',
    'act',
    'actionlint',
    'grype-db',
    'policy-tester',
    'policy-webhook',
    'dockerfile-parser',
    'dockerignore',
  ] as const),
  ...(['attestation-reader', 'proxy-rules', 'archive-tar'] as const),
  ...PLUGINS,
  ...(['fulcio', 'rekor', 'tesseract', 'timestamps', 'cosign-pkcs11'] as const),
  ...(['kubeconform', 'helm', 'kustomize', 'kyverno', 'etcd', 'kube-apiserver'] as const),
] as const;
export type DevToolName = (typeof DEV_TOOLS)[number];

const product = (module: string) => join(repositoryRoot, 'packages/tools/go', module);
const testkit = (module: string) => join(repositoryRoot, 'packages/testkit/go', module);
/** The CNI plugins in BuildKit's release, in the version of its Dockerfile. */
const plugin = (path: string) => ({
  module: product('cni'),
  package: `github.com/containernetworking/plugins/plugins/${path}`,
});
const { buildkitd, buildx, syft, grype, cosign } = PINS;

/** The same versions as the pinned releases (a test checks that), built from source. */
export const GO_PROGRAMS: Readonly<Record<DevToolName, Omit<GoProgram, 'name'>>> = {
  buildkitd: {
    module: product('buildkit'),
    package: 'github.com/moby/buildkit/cmd/buildkitd',
    variables: [`github.com/moby/buildkit/version.Version=v${buildkitd.version}`],
  },
  'buildkit-cni-bridge': plugin('main/bridge'),
  'buildkit-cni-host-local': plugin('ipam/host-local'),
  'buildkit-cni-firewall': plugin('meta/firewall'),
  'buildkit-cni-loopback': plugin('main/loopback'),
  buildx: {
    module: product('buildx'),
    package: 'github.com/docker/buildx/cmd/buildx',
    variables: [`github.com/docker/buildx/version.Version=v${buildx.version}`],
  },
  syft: {
    module: product('anchore'),
    package: 'github.com/anchore/syft/cmd/syft',
    variables: [`main.version=${syft.version}`],
  },
  grype: {
    module: product('anchore'),
    package: 'github.com/anchore/grype/cmd/grype',
    variables: [`main.version=${grype.version}`],
  },
  cosign: {
    module: product('cosign'),
    package: 'github.com/sigstore/cosign/v3/cmd/cosign',
    variables: [`sigs.k8s.io/release-utils/version.gitVersion=v${cosign.version}`],
  },
  'cosign-pkcs11': {
    module: product('cosign'),
    package: 'github.com/sigstore/cosign/v3/cmd/cosign',
    variables: [`sigs.k8s.io/release-utils/version.gitVersion=v${cosign.version}`],
    tags: ['pkcs11key'],
    cgo: true,
  },
  crane: { module: testkit('registry-tools'), package: 'github.com/google/go-containerregistry/cmd/crane' },
  oras: { module: testkit('registry-tools'), package: 'oras.land/oras/cmd/oras' },
  olareg: { module: testkit('registry-tools'), package: 'github.com/olareg/olareg/cmd/olareg' },
  gofakes3: { module: testkit('s3-server'), package: 'github.com/johannesboyne/gofakes3/cmd/gofakes3' },
  act: { module: testkit('workflow-tools'), package: 'github.com/nektos/act' },
  actionlint: { module: testkit('workflow-tools'), package: 'github.com/rhysd/actionlint/cmd/actionlint' },
  'grype-db': { module: testkit('grype-db'), package: '.' },
  'dockerfile-parser': { module: testkit('dockerfile-parser'), package: '.' },
  dockerignore: { module: testkit('dockerfile-parser'), package: './dockerignore' },
  'attestation-reader': { module: testkit('attestation-reader'), package: '.' },
  'proxy-rules': { module: testkit('proxy-rules'), package: '.' },
  'archive-tar': { module: testkit('archive-tar'), package: '.' },
  'policy-tester': {
    module: testkit('policy-controller'),
    package: 'github.com/sigstore/policy-controller/cmd/tester',
  },
  'policy-webhook': {
    module: testkit('policy-controller'),
    package: 'github.com/sigstore/policy-controller/cmd/webhook',
  },
  kubeconform: { module: testkit('manifest-tools'), package: 'github.com/yannh/kubeconform/cmd/kubeconform' },
  helm: { module: testkit('manifest-tools'), package: 'helm.sh/helm/v3/cmd/helm' },
  kustomize: { module: testkit('manifest-tools'), package: 'sigs.k8s.io/kustomize/kustomize/v5' },
  kyverno: { module: testkit('kyverno'), package: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno' },
  etcd: { module: testkit('kubernetes'), package: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': {
    module: testkit('kubernetes'),
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    variables: ['gitVersion=v1.37.2', 'gitMajor=1', 'gitMinor=37'].map((set) => `k8s.io/component-base/version.${set}`),
  },
  fulcio: { module: testkit('sigstore-tools'), package: './fulcio' },
  timestamps: { module: testkit('sigstore-tools'), package: './timestamps' },
  rekor: {
    module: testkit('sigstore-tools'),
    package: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix',
  },
  tesseract: {
    module: testkit('sigstore-tools'),
    package: 'github.com/transparency-dev/tesseract/cmd/tesseract/posix',
  },
};

export interface DevToolsOptions {
  readonly log?: Say;
  /** Aborts running builds and downloads; no partial results are left. */
  readonly signal?: AbortSignal;
}

/** Each uses both cores most of the time: more of them at once would only compete for memory. */
const AT_ONCE = 2;

/**
 * Programs for development and tests: built once by the user's Go from modules whose checksums are in this repository,
 * then kept in the cache folder. Without Go, the published releases of those that Tidegate itself pins.
 */
export async function devTools<const N extends DevToolName>(
  names: readonly N[],
  { log = () => {}, signal }: DevToolsOptions = {},
): Promise<Record<N, string>> {
  const found: Partial<Record<N, string>> = {};
  const waiting = [...new Set(names)];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      found[name] = await devTool(name, log, signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return Object.fromEntries(names.map((name) => [name, found[name]])) as Record<N, string>;
}

async function devTool(name: DevToolName, log: Say, signal: AbortSignal | undefined): Promise<string> {
  const program = { name, ...GO_PROGRAMS[name] };
  const version = await goVersion(program.module);
  if (version === undefined) return published(name, log, signal);
  const path = await builtPath(program, version);
  if (await exists(path)) return path;
  await oneAtATime(`build-${name}`, async () => {
    if (await exists(path)) return;
    await waitingFor(`Building ${name} with ${version}`, log, () => goBuild(program, path, signal));
  });
  return path;
}

/** The same, if nothing has to be built; otherwise undefined. */
export async function builtTools<const N extends DevToolName>(
  names: readonly N[],
): Promise<Record<N, string> | undefined> {
  const found = await Promise.all(
    names.map(async (name) => {
      const program = { name, ...GO_PROGRAMS[name] };
      const version = await goVersion(program.module);
      const path = version === undefined ? '' : await builtPath(program, version);
      return [name, path, path !== '' && (await exists(path))] as const;
    }),
  );
  if (found.some(([, , there]) => !there)) return undefined;
  return Object.fromEntries(found.map(([name, path]) => [name, path])) as Record<N, string>;
}

function isPinned(name: DevToolName): name is ToolName {
  return (TOOL_NAMES as readonly string[]).includes(name);
}

/** Without Go: the release, unpacked once into the cache folder (BuildKit's with its runc beside it). */
async function published(name: DevToolName, log: Say, signal: AbortSignal | undefined): Promise<string> {
  if (!isPinned(name)) {
    throw new Error(
      `${name} is built from source, and PATH has no Go that can: install Go 1.26, or 1.21 with GOTOOLCHAIN=auto.`,
    );
  }
  const platform = hostPlatform(process.platform, process.arch);
  const release = `release-${name}-${PINS[name].version}-${formatPlatform(platform).replaceAll('/', '-')}`;
  const folder = join(cacheFolder(), 'tools', release);
  if (await exists(join(folder, name))) return join(folder, name);
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  const toolbox = createToolbox({
    toolCache: join(cacheFolder(), 'releases'),
    temp: scratch,
    platform,
    log: lineLog(log),
    progress: { start: () => ({ advance: () => {}, done: () => {} }) },
    ...(signal ? { signal } : {}),
  });
  try {
    const title = `Downloading ${name} ${PINS[name].version}`;
    const tool = await waitingFor(title, log, () => toolbox.get(name));
    const unpacked = await mkdtemp(join(scratch, 'programs-'));
    for (const file of await readdir(dirname(tool.path))) {
      await copyFile(join(dirname(tool.path), file), join(unpacked, file));
    }
    await moveInto(unpacked, folder);
    return join(folder, name);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function lineLog(say: Say): Log {
  const log: Log = {
    debug: () => {},
    info: say,
    notice: say,
    warning: (message) => say(`Warning: ${message}`),
    group(title, work) {
      say(title);
      return work(log);
    },
    mask: () => {},
    redact: (text) => text,
  };
  return log;
}

/** A folder with the five programs under their names, for the input `tools`, and the programs that BuildKit starts. */
export async function toolsFolder(options: DevToolsOptions = {}): Promise<string> {
  const tools = await devTools(TOOL_NAMES, options);
  const paths = TOOL_NAMES.map((name) => tools[name]);
  // BuildKit's release contains its runc and its plugins.
  const [runc, ...plugins] = ['buildkit-runc', ...PLUGINS].map((name) => join(dirname(tools.buildkitd), name));
  if (runc && (await exists(runc))) paths.push(runc, ...plugins);
  else paths.push(...Object.values(await devTools(PLUGINS, options)));
  // Named by its links: another version is another folder, and existing links never change.
  const folder = join(cacheFolder(), 'tools', `folder-${digestOf(paths.join('\n')).slice(-16)}`);
  if (await exists(folder)) return folder;
  const scratch = await mkdtemp(`${folder}.`);
  for (const path of paths) await symlink(path, join(scratch, basename(path)));
  await moveInto(scratch, folder);
  return folder;
}

/** Another process may have created the same meanwhile, which is just as good. */
async function moveInto(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: unknown) => {
    await rm(from, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The whole chain in this process, on a registry on loopback, with tools that do as they are told. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  digestOf,
  effectivePolicy,
  hexOf,
  parsePlatform,
  parseReference,
  planAnnotations,
  policyDocument,
} from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import {
  type Builder,
  cosignSigner,
  type Services,
  type ShipOptions,
  type ShipProgress,
  ship,
} from '@tidegate/pipeline';
import type { RegistryServer } from '@tidegate/testkit';
import { childContexts, type Run, run, startBuildkit, TOOL_NAMES, toolAt } from '@tidegate/tools';
import { SILENT } from '../support/silent.ts';
import { goodOutcome, type Outcome, type Step, stepOf, type World } from './good-tools.ts';
import { type TestImage, testImage } from './image.ts';
import { type End, type Left, PLAN, type Plan, planText, standIns } from './stand-in.ts';

/** How one tool fails: what it leaves of its good outcome, what it says and how it ends. */
export interface Failing {
  readonly step: Step | 'buildkitd';
  /** By the name of what it leaves; undefined: nothing stands there. `stdout` is one of them. */
  spoil?(name: string, good: Buffer, of: Spoilt): Buffer | Left | undefined;
  readonly stdoutTimes?: number;
  readonly stderr?: { readonly text: string; readonly times: number };
  readonly end: End;
}

/** Facts about the call that a failure may use. */
export interface Spoilt {
  readonly image: TestImage;
  readonly outcome: Outcome;
}

export interface Shipped {
  readonly error: unknown;
  readonly tags: readonly string[];
  /** Manifests, evidence and tags that were sent. */
  readonly manifestsSent: number;
  /** Files that stayed in the folder for temporary files. */
  readonly leftBehind: readonly string[];
}

/** A tool that hangs is given this long. */
const PATIENCE = 400;
const NOTHING: Plan['stdout'] = { bytes: Buffer.alloc(0), times: 0 };
let count = 0;

/** Where it all happens. */
export interface Stage {
  readonly folder: string;
  readonly server: RegistryServer;
  /** Holds the stand-ins. */
  readonly programs: string;
}

export async function stageIn(folder: string, server: RegistryServer): Promise<Stage> {
  return { folder, server, programs: await standIns(join(folder, 'programs'), [...TOOL_NAMES, 'buildkit-runc']) };
}

/** Ship one image, with one tool failing or none. */
export async function shipWith({ folder, server, programs }: Stage, failing: Failing | undefined): Promise<Shipped> {
  count += 1;
  const repository = `failures/app-${count}`;
  const place = await mkdtemp(join(folder, 'ship-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const world: World = { image: testImage('app'), key: privateKey };
  const registry = new Registry(parseReference(`${server.host}/${repository}`), {});
  const shipment: ShipProgress = {};
  try {
    const services = await servicesOf(place, programs, world, failing);
    const error = await ship(await optionsOf(place, registry, failing), services, shipment).then(
      () => undefined,
      (thrown: unknown) => thrown ?? new Error('nothing was thrown'),
    );
    const sent = server.requests.filter(
      ({ method, url }) => method === 'PUT' && url.startsWith(`/v2/${repository}/manifests/`),
    );
    return {
      error,
      tags: [...server.tags(repository).keys()],
      manifestsSent: sent.length,
      // The database and the folders of children serve the whole run, and go with its temporary folder.
      leftBehind: (await readdir(services.temp)).filter((name) => !/^(children$|database-)/.test(name)),
    };
  } finally {
    registry.close();
    await rm(place, { recursive: true, force: true });
  }
}

const POLICY = policyDocument(effectivePolicy({ version: 1, preset: 'strict' }));

async function optionsOf(place: string, registry: Registry, failing: Failing | undefined): Promise<ShipOptions> {
  const context = join(place, 'context');
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\n');
  const archive = join(place, 'archive.tar.gz');
  await writeFile(archive, 'archive');
  return {
    build: {
      workspace: place,
      context,
      platforms: ['linux/amd64', 'linux/arm64'].map((name) => parsePlatform(name)),
      ...{
        buildArgs: [],
        secrets: [],
        ssh: [],
        buildContexts: [],
        labels: [],
        annotations: planAnnotations({}, []),
        ulimit: [],
      },
      ...{
        cacheFrom: [],
        cacheTo: [],
        environment: {},
        noCache: false,
        pull: false,
        network: 'none',
        rewriteTimestamp: false,
      },
      layout: join(place, 'layout'),
      builderId: 'https://example.org/test',
    },
    builder: (services) => builderOf(place, failing, services),
    name: 'app',
    sbomDir: join(place, 'sbom'),
    reportDir: join(place, 'scan'),
    policy: POLICY.policy,
    policyDigest: POLICY.digest,
    sources: POLICY.sources,
    verifier: { id: 'https://example.org/test' },
    database: { cache: join(place, 'db'), mirrors: [], archive: { path: archive, sha256: hexOf(digestOf('archive')) } },
    destination: {
      registries: [registry],
      tags: ['1.2.3', 'latest'],
      immutableTags: false,
      signingTools: ['cosign'],
      trust: { publicKeys: [] },
      signing: Promise.resolve(async (services: Services) => {
        const signer = await cosignSigner('hashivault://release', {}, services);
        return { signer, witnesses: [], trust: { publicKeys: [signer.publicKey] } };
      }),
    },
  };
}

/** The daemon is the one program that no stage runs to its end: a build needs it to answer. */
async function builderOf(place: string, failing: Failing | undefined, services: Services): Promise<Builder> {
  if (failing?.step !== 'buildkitd') return { name: 'builder', env: {} };
  const tool = await services.tools.get('buildkitd');
  const plan = await writePlan(place, { files: [], stdout: NOTHING, stderr: stderrOf(failing), end: failing.end });
  const daemon = await startBuildkit({
    tool,
    folder: join(place, 'buildkit'),
    env: { PATH: process.env.PATH, [PLAN]: plan },
    workspace: place,
    log: services.log,
    uid: 0,
    timeout: PATIENCE,
    signal: services.signal,
  });
  return { name: 'builder', env: { BUILDKIT_HOST: daemon.address } };
}

async function servicesOf(
  place: string,
  programs: string,
  world: World,
  failing: Failing | undefined,
): Promise<Services> {
  const temp = join(place, 'temp');
  await mkdir(temp);
  return {
    tools: {
      get: async (name) => toolAt(name, join(programs, name)),
    },
    run: runnerOf(place, world, failing),
    log: SILENT,
    progress: { start: () => ({ advance: () => {}, done: () => {} }) },
    clock: () => new Date(),
    signal: new AbortController().signal,
    temp,
    children: childContexts({ env: { PATH: process.env.PATH }, folder: join(temp, 'children'), workspace: place }),
  };
}

/**
 * The real `run` for the tool that fails, with the process that really fails. The others' work is done here: it is the
 * same each time, and a process for each would only take time. Of two platforms the second fails, of twenty signatures
 * the first.
 */
function runnerOf(place: string, world: World, failing: Failing | undefined): Run {
  let failed = false;
  return async (path, argv, options) => {
    // Whether the database knows the release: it does.
    if (argv[0] === 'db' && argv[1] === 'search') {
      return { exitCode: 1, stdout: '', stderr: 'query limit reached', milliseconds: 1 };
    }
    const call = await stepOf(path, argv);
    const outcome = await goodOutcome(call, argv, world);
    const { image } = world;
    const turn = !failed && (call.digest ?? image.platforms.arm64) === image.platforms.arm64;
    if (failing?.step === call.step && turn) {
      failed = call.step === 'cosign sign-blob';
      const plan = await writePlan(place, planOf(failing, outcome, image));
      const timeout = failing.end.kind === 'hang' ? PATIENCE : options.timeout;
      const { cwd, env } = options.context;
      const children = childContexts({ env: {}, folder: join(place, 'children'), workspace: place });
      const context = await children.create({ cwd, set: { ...env, [PLAN]: plan } });
      return run(path, argv, { ...options, timeout, context });
    }
    for (const { path: file, bytes } of outcome.files.values()) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    return { exitCode: 0, stdout: outcome.stdout.toString(), stderr: '', milliseconds: 1 };
  };
}

function planOf(failing: Failing, outcome: Outcome, image: TestImage): Plan {
  const left = (name: string, good: Buffer) => {
    const found = failing.spoil ? failing.spoil(name, good, { image, outcome }) : good;
    return Buffer.isBuffer(found) ? ({ kind: 'bytes', bytes: found } as const) : found;
  };
  const stdout = left('stdout', outcome.stdout);
  return {
    files: [...outcome.files].flatMap(([name, { path, bytes }]) => {
      const made = left(name, bytes);
      return made ? [{ path, left: made }] : [];
    }),
    stdout: stdout?.kind === 'bytes' ? { bytes: stdout.bytes, times: failing.stdoutTimes ?? 1 } : NOTHING,
    stderr: stderrOf(failing),
    end: failing.end,
  };
}

function stderrOf({ stderr }: Failing): Plan['stderr'] {
  return stderr ?? { text: '', times: 0 };
}

let plans = 0;
async function writePlan(place: string, plan: Plan): Promise<string> {
  plans += 1;
  const file = join(place, `plan-${plans}`);
  await writeFile(file, planText(plan));
  return file;
}

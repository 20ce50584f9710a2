import {
  type CommandTest,
  type Digest,
  formatExactPlatform,
  type ImageTests,
  type PlatformImage,
  TidegateError,
} from '@tidegate/core';
import { readManifest, serveLayout } from '@tidegate/oci';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { commandProblems, type Problems, type TestResult } from './checks.ts';
import { ContainerEngine, type ContainerRun } from './container-engine.ts';
import { type HealthCheck, testHealth } from './health.ts';
import { expanded, type ImageConfig, imageConfig } from './image-config.ts';
import { lookAt } from './look.ts';

/** A command of the inputs: arguments for the image's own entrypoint. */
interface OwnCommand {
  readonly args: readonly string[];
  readonly exitCode: number;
}

interface TestOptions {
  readonly tests: readonly ImageTests[];
  readonly command?: OwnCommand | undefined;
  readonly health?: HealthCheck | undefined;
  /** Whether containers of this platform run. Files and metadata of every platform are tested. */
  readonly runs: (platform: string) => boolean;
  /** Of each command, in milliseconds. */
  readonly timeout: number;
}

export interface PlatformTests {
  readonly platform: string;
  readonly digest: Digest;
  readonly results: readonly TestResult[];
  /** Tests that need a container, and were not run. */
  readonly skipped: number;
}

const REPOSITORY = 'tidegate/test';

/**
 * Run tests on every platform of an image that is not published: files and metadata from the layout, without starting
 * anything; commands in containers, from a registry on loopback that serves this layout.
 */
export async function testImage(
  target: Target,
  options: TestOptions,
  services: Services,
): Promise<readonly PlatformTests[]> {
  const { tests, command, health } = options;
  const inContainers = tests.flatMap(({ commandTests }) => commandTests).length + (command ? 1 : 0) + (health ? 1 : 0);
  const platforms = target.image.platforms.map((one) => ({ one, platform: formatExactPlatform(one.platform) }));
  const tested: PlatformTests[] = [];
  for (const { one, platform } of platforms) {
    const manifest = await readManifest(target.layout, one.descriptor, { signal: services.signal });
    if (manifest.kind !== 'manifest') {
      throw new TidegateError('layout-not-platform', `${one.descriptor.digest} is not the manifest of a platform.`);
    }
    const config = await imageConfig(target, manifest);
    const looked = await lookAt({ target, manifest, signal: services.signal }, config, tests);
    tested.push({ platform, digest: one.descriptor.digest, results: looked, skipped: inContainers });
  }
  const running = platforms.filter(({ platform }) => inContainers > 0 && options.runs(platform));
  if (running.length === 0) return tested;
  const ran = await runAll(target, running, options, services);
  return tested.map((one) => {
    const results = ran.get(one.platform);
    return results ? { ...one, results: [...results, ...one.results], skipped: 0 } : one;
  });
}

interface Running {
  readonly one: PlatformImage;
  readonly platform: string;
}

async function runAll(
  target: Target,
  running: readonly Running[],
  options: TestOptions,
  services: Services,
): Promise<ReadonlyMap<string, readonly TestResult[]>> {
  const engine = await ContainerEngine.find(services);
  const server = await serveLayout(target.layout, { root: target.image.root, repository: REPOSITORY, tag: 'test' });
  try {
    const results = new Map<string, readonly TestResult[]>();
    for (const { one, platform } of running) {
      const manifest = await readManifest(target.layout, one.descriptor, { signal: services.signal });
      if (manifest.kind !== 'manifest') continue;
      const config = await imageConfig(target, manifest);
      const image = `${server.host}/${REPOSITORY}@${one.descriptor.digest}`;
      await engine.pull(image, platform);
      const ran = await runCommands({ engine, image, platform, config }, options);
      const { health } = options;
      if (health) ran.push(await testHealth(engine, image, platform, health, services.signal));
      results.set(platform, ran);
    }
    return results;
  } finally {
    await engine.dispose();
    await server.close();
  }
}

interface Here {
  readonly engine: ContainerEngine;
  readonly image: string;
  readonly platform: string;
  readonly config: ImageConfig;
}

async function runCommands(here: Here, { tests, command, timeout }: TestOptions): Promise<TestResult[]> {
  const { engine, image, platform, config } = here;
  const results: TestResult[] = [];
  if (command) {
    const { problem, exitCode } = await engine.run(image, platform, { args: command.args, env: [], timeout });
    const wrong = exitCode === command.exitCode ? [] : [`exit code ${exitCode}, expected ${command.exitCode}`];
    results.push({ name: 'Command', problems: problem === undefined ? wrong : [problem] });
  }
  for (const { commandTests, globalEnvVars, containerRunOptions } of tests) {
    for (const test of commandTests) {
      const variables = [...globalEnvVars, ...test.envVars];
      const env = variables.map(({ key, value }) => [key, expanded(value, config)] as const);
      const rest = { env, user: containerRunOptions?.user, timeout };
      results.push({ name: `Command Test: ${test.name}`, problems: await runOne(here, test, rest) });
    }
  }
  return results;
}

async function runOne(
  { engine, image, platform, config }: Here,
  test: CommandTest,
  rest: Pick<ContainerRun, 'env' | 'user' | 'timeout'>,
): Promise<Problems> {
  let current = image;
  for (const [program, ...args] of test.setup) {
    const changed = await engine.change(current, platform, { ...rest, entrypoint: program, args });
    const { problem, exitCode } = changed.end;
    if (problem !== undefined || exitCode !== 0) return [`setup ${program}: ${problem ?? `exit code ${exitCode}`}`];
    current = changed.image;
  }
  const [entrypoint, ...args] = [test.command, ...test.args].map((word) => expanded(word, config));
  return commandProblems(test, await engine.run(current, platform, { ...rest, entrypoint, args }));
}

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatPlatform, type Platform, parsePlatform, TidegateError } from '@tidegate/core';
import { DockerfileError, neededBy, parseDockerfile, type Stage, stagesOf } from '@tidegate/source';
import { hostPlatform } from '@tidegate/tools';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';
import type { BuildOptions } from './options.ts';

/** In bytes. BuildKit does not read longer Dockerfiles. */
const LONGEST = 2 * 1024 * 1024;

/**
 * A RUN step for a platform that no node of the builder can run fails in the middle of the build with `exec format
 * error`. Report it before the build, with a remedy. The machines of the builder decide: a remote machine may differ
 * from this one.
 * @throws TidegateError `bad-input`
 */
export async function assertCanRun(
  options: BuildOptions,
  builder: Builder,
  buildx: string,
  services: Services,
  here: Platform = hostPlatform(process.platform, process.arch),
): Promise<void> {
  // A daemon started by Tidegate runs on this machine, so native platforms need no query.
  const isNative = ({ os, architecture }: Platform) => builder.isHere === true && serves(here, { os, architecture });
  const asked = options.platforms.filter((platform) => !isNative(platform));
  if (asked.length === 0) return;
  const run = await firstRun(options);
  if (!run) return;
  const runnable = await platformsOf(builder, buildx, services);
  if (runnable.length === 0) return;
  const missing = asked.find((platform) => !runnable.some((one) => serves(one, platform)));
  if (!missing) return;
  throw new TidegateError(
    'platform-not-runnable',
    `${run.file}:${run.line} RUN needs ${formatPlatform(missing)}, which this builder cannot run. It can run ${runnable.map(formatPlatform).join(', ')}.`,
    {
      next: 'Set up emulation first (docker/setup-qemu-action, or `setup-qemu: true` in the reusable workflow), build on a native runner, or cross-compile in a stage with FROM --platform=$BUILDPLATFORM.',
    },
  );
}

function serves(one: Platform, wanted: Platform): boolean {
  const same = one.os === wanted.os && one.architecture === wanted.architecture;
  return same && (wanted.variant === undefined || one.variant === wanted.variant);
}

/** The first RUN step that runs on the target platform, in the stages that the build needs. */
async function firstRun(options: BuildOptions): Promise<{ readonly file: string; readonly line: number } | undefined> {
  const path = options.file ?? join(options.context, 'Dockerfile');
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '' || text.length > LONGEST) return undefined;
  const line = firstRunIn(text, options.target, new Map(options.buildArgs));
  return line === undefined ? undefined : { file: options.shownFile ?? basename(path), line };
}

/** @returns its line; also undefined if the Dockerfile cannot be parsed: BuildKit reports that error better */
export function firstRunIn(
  text: string,
  target: string | undefined,
  buildArgs: ReadonlyMap<string, string>,
): number | undefined {
  try {
    const file = stagesOf(parseDockerfile(text), buildArgs);
    const last = target ? file.stageNamed(target) : file.stages.at(-1);
    if (!last) return undefined;
    const needed = [...neededBy(last, file)].filter((stage) => !hasOwnPlatform(stage));
    const lines = needed.flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'RUN').map(({ startLine }) => startLine),
    );
    return lines.length === 0 ? undefined : Math.min(...lines);
  } catch (error) {
    if (error instanceof DockerfileError) return undefined;
    throw error;
  }
}

/** A stage with an explicit platform, or one that is based on such a stage, as in `FROM --platform=$BUILDPLATFORM`. */
function hasOwnPlatform(stage: Stage): boolean {
  const own = stage.instruction.flags.find((flag) => flag.startsWith('--platform='));
  if (own !== undefined) return !/\$\{?TARGET(PLATFORM|OS|ARCH)/.test(own);
  return stage.parent !== undefined && hasOwnPlatform(stage.parent);
}

/** Platforms that the nodes run, natively or emulated (`buildx inspect`). Empty if they are not reported. */
async function platformsOf(builder: Builder, buildx: string, services: Services): Promise<readonly Platform[]> {
  const { stdout } = await services.run(buildx, ['inspect', builder.name, '--bootstrap'], {
    context: await services.children.create({ login: 'buildx', set: builder.env }),
    timeout: 120_000,
    signal: services.signal,
  });
  const listed = [...stdout.matchAll(/^Platforms: *(.*)$/gm)].flatMap(([, line = '']) => line.split(','));
  const names = listed.map((one) => one.trim().replace(/\*$/, '')).filter((one) => one !== '');
  return names.flatMap((name) => readPlatform(name) ?? []);
}

/** Undefined for platforms that are not supported for images. */
function readPlatform(name: string): Platform | undefined {
  try {
    return parsePlatform(name);
  } catch {
    return undefined;
  }
}

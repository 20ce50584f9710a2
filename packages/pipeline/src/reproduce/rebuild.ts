import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildRunners } from '@tidegate/attest';
import { messageOf, type Platform, TidegateError } from '@tidegate/core';
import type { Builder } from '../build/builder.ts';
import { buildxCall } from '../build/buildx-argv.ts';
import type { BuildOptions } from '../build/options.ts';
import type { Asked } from '../build/origin.ts';
import { solve } from '../build/solve.ts';
import type { Services } from '../services.ts';
import { openTarget, type Target } from '../target.ts';
import { type ComparedPlatform, compareBuilds } from './compare.ts';

/** Result of a second build. */
export interface Rebuild {
  readonly startedOn: Date;
  readonly finishedOn: Date;
  readonly runners: BuildRunners;
  readonly buildkit: 'OWN' | 'SHARED';
  readonly platforms: readonly ComparedPlatform[];
  /** Why the second build has no result. Untrusted text. */
  readonly failure?: string | undefined;
}

/** How the build of this process runs. */
interface OwnBuild {
  readonly program: string;
  readonly engine: Builder;
  /** A folder that is removed after the build. */
  readonly work: string;
  /** BuildKit's provenance of a platform. */
  readonly provenanceOf: (platform: Platform) => unknown;
  readonly asked: Asked;
}

/** The options of a build that reads and writes no cache. */
export function uncached(options: BuildOptions): BuildOptions {
  return { ...options, cacheFrom: [], cacheTo: [], cacheOf: undefined, noCache: true, noCacheFilters: undefined };
}

/** A namespace in which no earlier build has cache mounts. */
export function unusedCacheMounts(startedOn: Date): string {
  return `second-${startedOn.getTime()}`;
}

/**
 * Build again without any cache, also without the first build's cache mounts, and compare the digests. A second build
 * that fails changes nothing about the image: it only has no evidence.
 * @param first the image as BuildKit wrote it
 */
export async function rebuild(
  first: Target,
  options: BuildOptions,
  { program, engine, work, provenanceOf, asked }: OwnBuild,
  services: Services,
): Promise<Rebuild> {
  const startedOn = services.clock();
  const output = join(work, 'second');
  const again = uncached(options);
  const at = { output, metadata: join(work, 'second.json'), cacheMounts: unusedCacheMounts(startedOn) };
  const call = buildxCall(again, { builder: engine.name, ...at });
  const facts = () => ({ startedOn, finishedOn: services.clock(), ...placeOf(options, engine) });
  services.log.info('Build again without a cache, to compare the digests.');
  try {
    await solve(call, again, { program, engine, output }, services);
    const builds = { first, second: await openTarget(output), own: 'first', provenanceOf, asked } as const;
    const platforms = await compareBuilds(builds, services.signal);
    return { ...facts(), platforms };
  } catch (error) {
    return { ...facts(), platforms: [], failure: failureOf(error, services) };
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** Compare the image of another job with the one that this process has built, as the second one. */
export async function compareWith(
  first: Target,
  second: Target,
  options: BuildOptions,
  { engine, provenanceOf, asked, startedOn }: OwnBuild & { readonly startedOn: Date },
  services: Services,
): Promise<Rebuild> {
  const platforms = await compareBuilds({ first, second, own: 'second', provenanceOf, asked }, services.signal);
  return { startedOn, finishedOn: services.clock(), ...placeOf(options, engine), platforms };
}

/** Where both builds ran. */
export function placeOf({ second }: BuildOptions, { isHere }: Pick<Builder, 'isHere'>) {
  return { runners: second?.runners ?? [{}], buildkit: isHere ? 'OWN' : 'SHARED' } as const;
}

/** The message of a build that failed. @throws anything else */
export function failureOf(error: unknown, { signal }: Services): string {
  if (signal.aborted || !(error instanceof TidegateError)) throw error;
  return messageOf(error);
}

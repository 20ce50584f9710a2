/** Evidence of second builds: stored by the build itself, or taken from the outputs of other jobs. */
import { handedRebuild, type RebuildFacts, reproducedStatement, takenRebuild } from '@tidegate/attest';
import { type Descriptor, formatPlatform, TidegateError } from '@tidegate/core';
import type { BuildOptions } from '../build/options.ts';
import { attachStatement } from '../evidence/store.ts';
import type { Target } from '../target.ts';
import type { Rebuild } from './rebuild.ts';

type Author = Pick<BuildOptions, 'builderId' | 'invocationId'>;

/** Store the agreement as evidence, on each platform of which both builds gave the same digest. */
export async function keepRebuild(target: Target, rebuilt: Rebuild, author: Author): Promise<void> {
  for (const descriptor of sameIn(target, rebuilt)) {
    await attachStatement(target, descriptor, reproducedStatement(descriptor.digest, factsOf(rebuilt, author)));
  }
}

/** The same in one line, for a job output and `takeRebuilds`; empty if no platform has the same digest. */
export function rebuildResult(target: Target, rebuilt: Rebuild, author: Author): string {
  const digests = sameIn(target, rebuilt).map(({ digest }) => digest);
  return digests.length === 0 ? '' : handedRebuild(digests, factsOf(rebuilt, author));
}

function sameIn({ image }: Target, { platforms }: Rebuild): readonly Descriptor[] {
  const same = new Set(platforms.flatMap((one) => (one.differences.length === 0 ? [one.platform] : [])));
  return image.platforms.flatMap(({ platform, descriptor }) =>
    same.has(formatPlatform(platform)) ? [descriptor] : [],
  );
}

function factsOf({ startedOn, finishedOn, runners, buildkit }: Rebuild, author: Author): RebuildFacts {
  const { builderId: builder, invocationId } = author;
  return { builder, startedOn, finishedOn, runners, buildkit, invocationId };
}

/**
 * Store the results of second builds as evidence. `joinTargets` has removed what the layouts say about second builds: a
 * layout comes from the job that built the image, and the second build is there to detect a compromised one. A line is a
 * job output, which no other job can write.
 * @throws TidegateError `evidence` for a line about another image
 */
export async function takeRebuilds(target: Target, lines: readonly string[]): Promise<void> {
  for (const { subject, made } of lines.flatMap(takenRebuild)) {
    const platform = target.image.platforms.find(({ descriptor }) => descriptor.digest === subject);
    if (platform) {
      await attachStatement(target, platform.descriptor, made);
      continue;
    }
    throw new TidegateError(
      'evidence-of-other-image',
      `The second build is one of ${subject}, which is no platform of ${target.image.root.digest}.`,
    );
  }
}

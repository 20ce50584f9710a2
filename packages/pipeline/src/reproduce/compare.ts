import { readBuildSteps } from '@tidegate/attest';
import { formatPlatform, type Platform, TidegateError } from '@tidegate/core';
import { type Asked, originOf } from '../build/origin.ts';
import type { Target } from '../target.ts';
import { type Difference, imageDifferences } from './image-difference.ts';

export interface ComparedPlatform {
  readonly platform: string;
  /** Empty: both builds gave the same digest. */
  readonly differences: readonly Difference[];
}

/** Two builds of one image. */
export interface TwoBuilds {
  readonly first: Target;
  readonly second: Target;
  /** The build that this process made, whose layers BuildKit's provenance names. */
  readonly own: 'first' | 'second';
  /** BuildKit's provenance of a platform. */
  readonly provenanceOf: (platform: Platform) => unknown;
  readonly asked: Asked;
}

/** Compare the digests of each platform of the own build, and find what differs. */
export async function compareBuilds(
  { first, second, own, provenanceOf, asked }: TwoBuilds,
  signal: AbortSignal,
): Promise<readonly ComparedPlatform[]> {
  const compared: ComparedPlatform[] = [];
  const builds = { first, second };
  for (const { platform } of builds[own].image.platforms) {
    const [one, other] = [builtOf(first, platform, 'first'), builtOf(second, platform, 'second')];
    const name = formatPlatform(platform);
    if (one.descriptor.digest === other.descriptor.digest) {
      compared.push({ platform: name, differences: [] });
      continue;
    }
    const provenance = provenanceOf(platform);
    const { layout, descriptor } = { first: one, second: other }[own];
    const origin = await originOf(layout, descriptor, provenance, asked);
    const dockerfile = { name: asked.dockerfile, text: readBuildSteps(provenance)?.dockerfile ?? '', origin };
    compared.push({ platform: name, differences: await imageDifferences(one, other, dockerfile, signal) });
  }
  return compared;
}

function builtOf({ layout, image }: Target, platform: Platform, which: 'first' | 'second') {
  const name = formatPlatform(platform);
  const found = image.platforms.find((one) => formatPlatform(one.platform) === name);
  if (found) return { layout, descriptor: found.descriptor };
  throw new TidegateError('image-inconsistent', `The ${which} build has no platform ${name}.`);
}

import { build } from '../build/build.ts';
import type { BuildReport } from '../build/build-report.ts';
import type { Builder } from '../build/builder.ts';
import type { BuildOptions } from '../build/options.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { failureOf, placeOf, type Rebuild, uncached } from './rebuild.ts';

export interface BuiltAgain {
  /** Undefined if the build failed. */
  readonly built?: (Target & BuildReport) | undefined;
  readonly rebuilt: Rebuild;
}

/**
 * Build again an image that another job has built (`second.first`), without any cache, and compare the digests. As on
 * one runner, a second build that fails only leaves the image without evidence.
 */
export async function buildAgain(
  options: BuildOptions,
  builder: (services: Services) => Promise<Builder>,
  services: Services,
): Promise<BuiltAgain> {
  const startedOn = services.clock();
  services.log.info('Build again without a cache, to compare the digests with those of another job.');
  try {
    const built = await build(uncached(options), builder, services);
    if (built.rebuilt === undefined) throw new Error('no first build to compare with');
    return { built, rebuilt: built.rebuilt };
  } catch (error) {
    const failure = failureOf(error, services);
    return { rebuilt: { startedOn, finishedOn: services.clock(), ...placeOf(options, {}), platforms: [], failure } };
  }
}

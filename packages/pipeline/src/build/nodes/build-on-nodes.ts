import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Annotations, formatPlatform, type Platform, TidegateError, together } from '@tidegate/core';
import { temporaryFolder } from '@tidegate/tools';
import type { Rebuild } from '../../reproduce/rebuild.ts';
import type { Services } from '../../services.ts';
import { openTarget, type Target } from '../../target.ts';
import type { BuildReport } from '../build-report.ts';
import type { Builder, NodeBuilder } from '../builder.ts';
import { joinTargets } from '../join.ts';
import type { BuildOptions } from '../options.ts';

type Built = Target & BuildReport;
type BuildOne = (options: BuildOptions, engine: Builder, services: Services) => Promise<Built>;

/**
 * Build each platform on its own machine, side by side, and join the images: buildx cannot write one image layout from
 * several machines. The first failure stops the others.
 */
export async function buildOnNodes(
  options: BuildOptions,
  engine: Builder & { readonly nodes: readonly NodeBuilder[] },
  buildOne: BuildOne,
  services: Services,
): Promise<Built> {
  const on = (platform: Platform): Builder => ({ ...engine, ...nodeOf(platform, engine.nodes), nodes: undefined });
  const [first, ...others] = options.platforms;
  if (first && others.length === 0) return buildOne({ ...options, ...options.cacheOf?.(first) }, on(first), services);
  const work = await temporaryFolder(dirname(options.layout), '.nodes-');
  try {
    const built = await together<readonly Built[]>(services.signal, (signal) =>
      options.platforms.map((platform) =>
        buildOne(
          {
            ...options,
            ...options.cacheOf?.(platform),
            platforms: [platform],
            annotations: ofManifest(options.annotations, platform),
            layout: join(work, formatPlatform(platform).replaceAll('/', '-')),
          },
          on(platform),
          { ...services, signal },
        ),
      ),
    );
    const joined = join(work, 'joined');
    await joinTargets(built, joined, { annotations: options.annotations });
    await rename(joined, options.layout);
    const sum = (count: 'steps' | 'cached') => built.reduce((all, { steps }) => all + steps[count], 0);
    return {
      ...(await openTarget(options.layout)),
      steps: { steps: sum('steps'), cached: sum('cached') },
      exported: [],
      rebuilt: joinRebuilds(built.flatMap(({ rebuilt }) => rebuilt ?? [])),
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function nodeOf(platform: Platform, nodes: readonly NodeBuilder[]): Pick<Builder, 'name' | 'node'> {
  const name = formatPlatform(platform);
  const node = nodes.find(({ platforms }) => platforms.some((one) => formatPlatform(one) === name));
  if (node) return { name: node.name, node };
  throw new TidegateError('platform-invalid', `Input builder-endpoints: no line names ${name}.`, {
    next: `Add a line for ${name}, or remove it from the input platforms.`,
  });
}

/** An image of one platform has no index; annotations of the index are set when the images are joined. */
function ofManifest({ entries }: Annotations, platform: Platform): Annotations {
  const name = formatPlatform(platform);
  const own = entries.filter(
    (one) => one.level === 'manifest' && (!one.platform || formatPlatform(one.platform) === name),
  );
  return { entries: own, wantsIndex: false };
}

function joinRebuilds([first, ...others]: readonly Rebuild[]): Rebuild | undefined {
  if (!first) return undefined;
  const all = [first, ...others];
  return {
    ...first,
    startedOn: new Date(Math.min(...all.map(({ startedOn }) => startedOn.getTime()))),
    finishedOn: new Date(Math.max(...all.map(({ finishedOn }) => finishedOn.getTime()))),
    platforms: all.flatMap(({ platforms }) => platforms),
    failure: all.find(({ failure }) => failure !== undefined)?.failure,
  };
}

import type { BuildParameters } from '@tidegate/attest';
import { annotationPairs, formatPlatform } from '@tidegate/core';
import { levelsOf } from './annotation-flags.ts';
import { shownCacheEntry } from './cache-entry.ts';
import { usesSecret } from './mentions.ts';
import type { BuildOptions } from './options.ts';

/**
 * Every parameter of the caller that can affect the result of the build (SLSA v1, externalParameters). No other record
 * shows that an image was built with another image's cache, or with the host's network. Secrets are listed by name,
 * never by value, and only if the Dockerfile contains the name: any other name may be a fragment of a value that was
 * not quoted.
 */
export function buildParameters(options: BuildOptions, dockerfile: string): BuildParameters {
  const { sourceDateEpoch, shmSize, target } = options;
  return {
    context: options.shownContext ?? options.context,
    file: options.shownFile ?? options.file ?? 'Dockerfile',
    target: target || undefined,
    platforms: options.platforms.map(formatPlatform),
    buildArgs: Object.fromEntries(options.buildArgs),
    labels: Object.fromEntries(options.labels),
    annotations: Object.fromEntries(annotationPairs(options.annotations, levelsOf(options))),
    contexts: Object.fromEntries(options.buildContexts),
    secrets: options.secrets.map(({ id }) => id).filter((id) => usesSecret(dockerfile, id)),
    ssh: options.ssh.map((entry) => entry.split('=', 1)[0] ?? ''),
    cacheFrom: options.cacheFrom.map(shownCacheEntry),
    cacheTo: options.cacheTo.map(shownCacheEntry),
    noCache: options.noCache,
    pull: options.pull,
    network: options.network,
    ulimit: options.ulimit,
    shmSize: shmSize || undefined,
    sourceDateEpoch,
    rewriteTimestamp: options.rewriteTimestamp,
  };
}

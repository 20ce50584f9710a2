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
  const { sourceDateEpoch, shmSize, target, noCacheFilters = [], addHosts = [], allow = [], cgroupParent } = options;
  return {
    context: options.shownContext ?? options.context,
    file: options.shownFile ?? options.file ?? 'Dockerfile',
    target: target || undefined,
    platforms: options.platforms.map(formatPlatform),
    buildArgs: Object.fromEntries(options.buildArgs),
    labels: Object.fromEntries(options.labels),
    annotations: Object.fromEntries(annotationPairs(options.annotations, levelsOf(options))),
    contexts: Object.fromEntries(options.buildContexts.map((pair) => shownContext(pair, options))),
    secrets: options.secrets.map(({ id }) => id).filter((id) => usesSecret(dockerfile, id)),
    ssh: options.ssh.map((entry) => entry.split('=', 1)[0] ?? ''),
    cacheFrom: options.cacheFrom.map(shownCacheEntry),
    cacheTo: options.cacheTo.map(shownCacheEntry),
    noCache: options.noCache,
    noCacheFilters: listed(noCacheFilters),
    pull: options.pull,
    network: options.network,
    allow: listed(allow),
    addHosts: listed(addHosts),
    mirrors: options.mirrors,
    ulimit: options.ulimit,
    shmSize: shmSize || undefined,
    cgroupParent: cgroupParent || undefined,
    compression: shownCompression(options),
    outputs: listed((options.outputs ?? []).map(({ target, type }) => `${target} as ${type}`)),
    sourceDateEpoch,
    rewriteTimestamp: options.rewriteTimestamp,
  };
}

/** The folder into which an artifact was unpacked says nothing: its digest does. */
function shownContext([name, source]: readonly [string, string], { artifact }: BuildOptions): [string, string] {
  return [name, artifact?.name === name ? artifact.digest : source];
}

/** `zstd`, `gzip level 9`, `estargz forced`. */
function shownCompression({ compression }: BuildOptions): string | undefined {
  if (compression === undefined) return undefined;
  const { type, level, isForced } = compression;
  return [type, ...(level === undefined ? [] : [`level ${level}`]), ...(isForced ? ['forced'] : [])].join(' ');
}

/** An option that was not given is left out, as BuildKit does not know it either. */
const listed = (values: readonly string[]) => (values.length > 0 ? values : undefined);

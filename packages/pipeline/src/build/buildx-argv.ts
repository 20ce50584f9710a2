import { formatPlatform } from '@tidegate/core';
import { annotationFlags, indexFlags } from './annotation-flags.ts';
import { csvField } from './csv-field.ts';
import type { BuildOptions } from './options.ts';

export interface BuildxCall {
  readonly argv: readonly string[];
  /** Environment of the child: values of secrets, credentials for caches, SOURCE_DATE_EPOCH. */
  readonly env: Readonly<Record<string, string>>;
}

const flag = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [name, value]);
const pairs = (entries: BuildOptions['labels']): string[] => entries.map(([key, value]) => `${key}=${value}`);

/**
 * The `buildx build` call that creates the layout. It uses the folder form of the OCI exporter, without attestation
 * manifests: an index then lists real platforms only, and provenance comes from the metadata file.
 */
export function buildxCall(
  options: BuildOptions,
  at: {
    readonly builder: string;
    readonly output: string;
    /** Files of a stage in place of the image. */
    readonly type?: 'local' | 'tar';
    readonly metadata: string;
    /** Namespace of the ids of cache mounts. */
    readonly cacheMounts?: string | undefined;
  },
): BuildxCall {
  // Reports use the lines and layers of `max`; the published provenance is equivalent to `min` (origin.ts).
  const env: Record<string, string> = {
    ...options.environment,
    BUILDX_METADATA_PROVENANCE: 'max',
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    // Otherwise buildx runs git in the context, with the git settings of that repository. Provenance has the commit of
    // the run.
    BUILDX_GIT_INFO: 'false',
    BUILDX_GIT_LABELS: 'false',
  };
  const secrets = options.secrets.map((secret, index) => {
    if (secret.kind === 'file') return `id=${csvField(secret.id)},${csvField(`src=${secret.path}`)}`;
    const variable = `TIDEGATE_SECRET_${index}`;
    env[variable] = secret.value;
    return `id=${csvField(secret.id)},env=${variable}`;
  });
  const rewrite = options.rewriteTimestamp ? ',rewrite-timestamp=true' : '';
  const layout = `type=oci,${csvField(`dest=${at.output}`)},tar=false,oci-mediatypes=true${compressionOf(options)}${rewrite}`;
  if (options.sourceDateEpoch !== undefined) env.SOURCE_DATE_EPOCH = String(options.sourceDateEpoch);
  const argv = [
    'build',
    ...['--builder', at.builder],
    ...['--progress', 'plain'],
    ...['--output', at.type === undefined ? layout : `type=${at.type},${csvField(`dest=${at.output}`)}`],
    '--provenance=false',
    '--sbom=false',
    ...['--metadata-file', at.metadata],
    ...(options.file ? ['--file', options.file] : []),
    ...(options.target ? ['--target', options.target] : []),
    ...(options.platforms.length ? ['--platform', options.platforms.map(formatPlatform).join(',')] : []),
    ...flag('--build-arg', pairs(withNamespace(options.buildArgs, at.cacheMounts))),
    ...flag('--secret', secrets),
    ...flag('--ssh', options.ssh),
    ...flag('--build-context', pairs(options.buildContexts)),
    ...flag('--label', pairs(options.labels)),
    ...indexFlags(options),
    ...flag('--annotation', pairs(annotationFlags(options))),
    ...flag('--cache-from', options.cacheFrom),
    ...flag('--cache-to', options.cacheTo),
    ...(options.noCache ? ['--no-cache'] : []),
    ...flag('--no-cache-filter', options.noCacheFilters ?? []),
    ...(options.pull ? ['--pull'] : []),
    ...(options.network === 'default' ? [] : ['--network', options.network]),
    ...flag('--allow', [
      ...new Set([...(options.network === 'host' ? ['network.host'] : []), ...(options.allow ?? [])]),
    ]),
    ...flag('--add-host', options.addHosts ?? []),
    ...flag('--ulimit', options.ulimit),
    ...(options.shmSize ? ['--shm-size', options.shmSize] : []),
    ...(options.cgroupParent ? ['--cgroup-parent', options.cgroupParent] : []),
    // Everything after `--` is a path or URL, even if it starts with a dash.
    '--',
    options.context,
  ];
  return { argv, env };
}

/** moby/buildkit, util/compression/parse.go. */
function compressionOf({ compression }: BuildOptions): string {
  if (compression === undefined) return '';
  const { type, level, isForced } = compression;
  return `,compression=${type}${level === undefined ? '' : `,compression-level=${level}`}${isForced ? ',force-compression=true' : ''}`;
}

/** Build argument of the Dockerfile frontend. A namespace set by the user is nested in ours. */
const NAMESPACE = 'BUILDKIT_CACHE_MOUNT_NS';

/**
 * The namespace has no slash. BuildKit then includes it in the cache key of a RUN with a cache mount of the default id,
 * so that layers made by such a RUN are not shared between namespaces either (ops/exec.go, checkShouldClearCacheOpts).
 */
function withNamespace(buildArgs: BuildOptions['buildArgs'], namespace: string | undefined): BuildOptions['buildArgs'] {
  if (namespace === undefined) return buildArgs;
  const own = buildArgs.findLast(([name]) => name === NAMESPACE)?.[1];
  const value = own === undefined ? namespace : `${namespace}.${own}`;
  return [...buildArgs.filter(([name]) => name !== NAMESPACE), [NAMESPACE, value]];
}

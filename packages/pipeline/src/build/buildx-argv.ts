import { formatPlatform } from '@tidegate/core';
import { annotationFlags, indexFlags } from './annotation-flags.ts';
import { csvField } from './csv-field.ts';
import type { BuildOptions } from './options.ts';

export interface BuildxCall {
  readonly argv: readonly string[];
  /** Set in the child's environment: values of secrets, what caches are reached with, SOURCE_DATE_EPOCH. */
  readonly env: Readonly<Record<string, string>>;
}

const flag = (name: string, values: readonly string[]): string[] => values.flatMap((value) => [name, value]);
const pairs = (entries: BuildOptions['labels']): string[] => entries.map(([key, value]) => `${key}=${value}`);

/**
 * The one `buildx build` that makes the layout. Output is the OCI exporter's folder form, without attestation
 * manifests: an index then lists real platforms only, and the provenance comes through the metadata file.
 */
export function buildxCall(
  options: BuildOptions,
  at: {
    readonly builder: string;
    readonly output: string;
    readonly metadata: string;
    /** Namespace of the ids of cache mounts. */
    readonly cacheMounts?: string | undefined;
  },
): BuildxCall {
  // Of `max` the lines and layers are kept for reports; what is published is as in `min` (origin.ts).
  const env: Record<string, string> = {
    ...options.environment,
    BUILDX_METADATA_PROVENANCE: 'max',
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    // buildx would run git in the context, with the settings of that repository. Provenance has the commit of the run.
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
  if (options.sourceDateEpoch !== undefined) env.SOURCE_DATE_EPOCH = String(options.sourceDateEpoch);
  const argv = [
    'build',
    ...['--builder', at.builder],
    ...['--progress', 'plain'],
    ...['--output', `type=oci,${csvField(`dest=${at.output}`)},tar=false,oci-mediatypes=true${rewrite}`],
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
    ...(options.pull ? ['--pull'] : []),
    ...(options.network === 'default' ? [] : ['--network', options.network]),
    ...(options.network === 'host' ? ['--allow', 'network.host'] : []),
    ...flag('--ulimit', options.ulimit),
    ...(options.shmSize ? ['--shm-size', options.shmSize] : []),
    // Everything after `--` is a path or URL, whatever it begins with.
    '--',
    options.context,
  ];
  return { argv, env };
}

/** The Dockerfile frontend's own argument for it; a namespace of the user's lies within ours. */
const NAMESPACE = 'BUILDKIT_CACHE_MOUNT_NS';

/**
 * Without a slash: BuildKit then has the namespace in the key of a RUN with a cache mount of the default id, so that the
 * layer it made is another namespace's neither (ops/exec.go, checkShouldClearCacheOpts).
 */
function withNamespace(buildArgs: BuildOptions['buildArgs'], namespace: string | undefined): BuildOptions['buildArgs'] {
  if (namespace === undefined) return buildArgs;
  const own = buildArgs.findLast(([name]) => name === NAMESPACE)?.[1];
  const value = own === undefined ? namespace : `${namespace}.${own}`;
  return [...buildArgs.filter(([name]) => name !== NAMESPACE), [NAMESPACE, value]];
}

import { isRecord } from '../text/json.ts';
import { clipped } from '../text/wording.ts';
import { problem, type TargetProblem } from './problem.ts';
import type { CacheAttributes, Pairs, TargetBuild } from './target-build.ts';
import { isAddress, pathInRepository } from './target-paths.ts';

/** The part of a build that a field sets. */
export interface Part extends Partial<Omit<TargetBuild, 'name' | 'images' | 'file'>> {
  readonly tags?: readonly string[];
  readonly dockerfile?: string;
}

export interface FieldOptions {
  /** Ids of the secrets that the workflow passes to the build. */
  readonly secrets: readonly string[];
}

/** @throws TargetProblem for a value that cannot be used */
type Field = (value: unknown, options: FieldOptions) => Part;

const nothing: Part = {};
const refused =
  (reason: string, next: string): Field =>
  () => {
    throw problem(reason, next);
  };

/**
 * Every field that `buildx bake --print` writes (bake/bake.go, Target). A field that is missing here fails: a newer
 * buildx may print one that changes the image.
 */
export const FIELDS: Readonly<Record<string, Field>> = {
  description: () => nothing,
  tags: (value) => ({ tags: lines('tags', value) }),
  context: (value) => ({ context: line('context', value) }),
  dockerfile: (value) => ({ dockerfile: line('dockerfile', value) }),
  'dockerfile-inline': refused('it has a dockerfile-inline', 'write it to a file, and name it in `dockerfile`.'),
  contexts: (value) => contexts(pairs('contexts', value)),
  target: (value) => ({ stage: line('target', value) }),
  platforms: (value) => ({ platforms: lines('platforms', value) }),
  args: (value) => ({ buildArgs: escapedPairs('args', value) }),
  labels: (value) => ({ labels: escapedPairs('labels', value) }),
  annotations: (value) => ({
    annotations: texts('annotations', value).map((one) => pair('annotations', unescaped(one))),
  }),
  'cache-from': (value) => ({ cacheFrom: caches('cache-from', value, ['gha', 'registry']) }),
  'cache-to': (value) => ({ cacheTo: caches('cache-to', value, ['gha', 'registry', 'inline']) }),
  'no-cache': (value) => ({ noCache: flag('no-cache', value) }),
  'no-cache-filter': (value) => ({ noCacheFilters: lines('no-cache-filter', value) }),
  pull: (value) => ({ pull: flag('pull', value) }),
  network: (value) => ({ network: network(line('network', value)) }),
  entitlements: (value) => ({ allow: lines('entitlements', value) }),
  'extra-hosts': (value) => ({ addHosts: escapedPairs('extra-hosts', value).flatMap(hostLines) }),
  ulimits: (value) => ({ ulimits: lines('ulimits', value) }),
  'shm-size': (value) => ({ shmSize: line('shm-size', value) }),
  secret: secrets,
  output: outputs,
  attest: () => ({ notices: ['its attest is replaced: every image gets signed provenance and an SBOM'] }),
  ssh: refused(
    'it needs an SSH agent (ssh), which no hosted runner has',
    'use a secret, or call the workflow for this image alone with its input ssh.',
  ),
  call: (value) => {
    if (line('call', value) === 'build') return nothing;
    throw problem(`it does not build (call = ${JSON.stringify(value)})`, 'leave it out of `targets`.');
  },
  resources: refused('it limits resources of RUN steps (resources)', 'remove them, or use a runner of another size.'),
  policy: refused('it has a policy of BuildKit (policy)', 'remove it, and use the policy file of Tidegate.'),
};

/** Credentials in a cache entry: the matrix is a job output, which everybody who sees the run can read. */
const SECRET_ATTRIBUTES = ['token', 'ghtoken', 'access_key_id', 'secret_access_key', 'session_token'];
/** Exporters that only say how a local build ends. */
const REPLACED_OUTPUTS = ['registry', 'image', 'docker'];
const NETWORKS = ['default', 'none', 'host'];

function contexts(given: Pairs): Part {
  const localContexts: string[] = [];
  const buildContexts = given.map(([name, source]): readonly [string, string] => {
    if (source.startsWith('target:')) {
      throw problem(
        `its context ${name} is the result of another target (${source})`,
        'make both stages of one Dockerfile, or publish the other image first and use docker-image://NAME@sha256:….',
      );
    }
    if (source.startsWith('docker-image://')) return [name, source];
    if (!source.startsWith('cwd://') && isAddress(source)) {
      throw problem(
        `its context ${name} is neither a folder of the repository nor an image (${source})`,
        'use a submodule, or docker-image://NAME@sha256:….',
      );
    }
    const path = pathInRepository(`context ${name}`, source);
    localContexts.push(path);
    return [name, path];
  });
  return { buildContexts, localContexts };
}

/** Compose joins several addresses with commas. The input takes an IPv6 address in brackets. */
function hostLines([host, addresses]: readonly [string, string]): readonly string[] {
  return addresses.split(',').map((address) => {
    const shown = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
    return oneLine('extra-hosts', `${host}:${shown}`);
  });
}

function network(mode: string): string {
  if (NETWORKS.includes(mode)) return mode;
  throw problem(`its network ${JSON.stringify(mode)} is not ${NETWORKS.join(', ')}`, 'use one of these.');
}

function secrets(value: unknown, options: FieldOptions): Part {
  const ids = records('secret', value).map(({ id }) => line('secret', id));
  const missing = ids.filter((id) => !options.secrets.includes(id));
  if (missing.length === 0) return nothing;
  throw problem(
    `it needs the build secret ${missing.join(', ')}, and variables and files of this job do not reach the build`,
    'pass ID=VALUE in the secret build-secrets of the workflow, and name the ID in the input bake-secrets.',
  );
}

function outputs(value: unknown): Part {
  const types = records('output', value).map(({ type }) => line('output', type));
  const other = types.find((type) => !REPLACED_OUTPUTS.includes(type));
  if (other !== undefined) {
    throw problem(
      `its output is not an image in a registry (type=${other})`,
      'leave it out of `targets`, and build it with the input `outputs` of a step of your own.',
    );
  }
  return {
    notices: [`its output ${types.join(', ')} is replaced: the image is published when every check has passed`],
  };
}

function caches(field: string, value: unknown, types: readonly string[]): readonly CacheAttributes[] {
  return records(field, value).map((entry) => {
    const attributes = Object.fromEntries(Object.entries(entry).map(([key, text]) => [key, line(field, text)]));
    const { type = '' } = attributes;
    if (!types.includes(type)) {
      throw problem(
        `its ${field} type=${type} is not one of ${types.join(', ')}`,
        'remove it, and set the input cache of the workflow.',
      );
    }
    const secret = SECRET_ATTRIBUTES.find((name) => Object.hasOwn(attributes, name));
    if (secret !== undefined) {
      throw problem(
        `its ${field} contains a credential (${secret})`,
        'remove it, and use the secrets of the workflow.',
      );
    }
    return attributes;
  });
}

function flag(field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw unexpected(field);
}

function text(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw unexpected(field);
}

function texts(field: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((one) => text(field, one));
  throw unexpected(field);
}

function line(field: string, value: unknown): string {
  return oneLine(field, text(field, value));
}

function lines(field: string, value: unknown): readonly string[] {
  return texts(field, value).map((one) => oneLine(field, one));
}

/** The inputs of the workflow have one entry per line: a second line would be an entry that nobody wrote. */
function oneLine(field: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (!/[\x00-\x1f\x7f\u2028\u2029]/.test(value) && value.trim() === value) return value;
  throw problem(
    `its ${field} ${clipped(JSON.stringify(value))} has a line break, another control character, or blanks around it`,
    'remove them.',
  );
}

function records(field: string, value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw unexpected(field);
}

/** A `null` is not set, as in buildx. */
function pairs(field: string, value: unknown): Pairs {
  if (!isRecord(value)) throw unexpected(field);
  return Object.entries(value)
    .filter(([, one]) => one !== null)
    .map(([key, one]) => [oneLine(field, key), text(field, one)]);
}

function escapedPairs(field: string, value: unknown): Pairs {
  return pairs(field, value).map(([key, one]) => [key, unescaped(one)]);
}

function pair(field: string, given: string): readonly [string, string] {
  const equals = given.indexOf('=');
  if (equals < 0) throw problem(`its ${field} ${JSON.stringify(given)} is not KEY=VALUE`, 'write KEY=VALUE.');
  return [given.slice(0, equals), given.slice(equals + 1)];
}

/** buildx escapes what would be a template in HCL (bake/bake.go, MarshalJSON). */
function unescaped(value: string): string {
  return value.replaceAll('$${', '${').replaceAll('%%{', '%{');
}

function unexpected(field: string): TargetProblem {
  return problem(`buildx printed its ${field} in an unexpected form`, 'use the pinned buildx.');
}

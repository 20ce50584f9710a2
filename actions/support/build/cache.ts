import { createHash } from 'node:crypto';
import { badInput, formatPlatform, type GitState, messageOf, type Platform, TidegateError } from '@tidegate/core';
import { type BuildOptions, type CacheEntry, formatCacheEntry, parseCacheEntries } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { mayNotWrite } from './cache-writers.ts';

export interface CacheInputs {
  readonly 'cache-from': readonly string[];
  readonly 'cache-to': readonly string[];
}

type Direction = keyof CacheInputs;
type Variables = Readonly<Record<string, string>>;

/** One type of cache: the directions BuildKit supports and the attributes it requires. */
interface Kind {
  readonly directions: readonly Direction[];
  /** Attributes without which BuildKit at most logs the failure, and continues without the cache. */
  readonly required?: (direction: Direction) => readonly string[];
  /** Attributes that BuildKit would take from its own environment, with their variables here. */
  readonly fromVariables?: Variables;
  /** The attribute that keeps the caches of two images apart. */
  readonly scope?: string;
}

const BOTH: readonly Direction[] = ['cache-from', 'cache-to'];

/** https://docs.docker.com/build/cache/backends and, for variables, cache/remotecache in BuildKit. */
const KINDS: Readonly<Record<string, Kind>> = {
  registry: { directions: BOTH, required: () => ['ref'] },
  local: { directions: BOTH, required: (direction) => [direction === 'cache-from' ? 'src' : 'dest'] },
  inline: { directions: ['cache-to'] },
  gha: { directions: BOTH, scope: 'scope' },
  s3: {
    directions: BOTH,
    required: () => ['bucket', 'region'],
    fromVariables: { bucket: 'AWS_BUCKET', region: 'AWS_REGION' },
    scope: 'name',
  },
  azblob: {
    directions: BOTH,
    required: () => ['account_url'],
    fromVariables: { account_url: 'BUILDKIT_AZURE_STORAGE_ACCOUNT_URL' },
    scope: 'name',
  },
};

/** Credentials: attributes that give access to a cache. */
const SECRET_ATTRIBUTES = ['token', 'ghtoken', 'access_key_id', 'secret_access_key', 'session_token'];

/** Distinguishes the caches of two images of one repository. */
export interface CacheSubject {
  /** The image's repository, if known; otherwise the Dockerfile and stage that are built. */
  readonly image: string;
  readonly platforms: readonly Platform[];
}

/**
 * Cache entries for buildx: with a default scope of image and platform, with the variables that they need, and without
 * the destinations that this run may not write.
 * @throws TidegateError `bad-input` for an entry that cannot be parsed or has no effect.
 */
export function buildCache(
  inputs: CacheInputs,
  git: GitState,
  subject: CacheSubject,
  job: Job,
): Pick<BuildOptions, 'cacheFrom' | 'cacheTo' | 'environment'> {
  const service = job.cacheService();
  const read = (direction: Direction) =>
    inputs[direction].flatMap((text) =>
      entriesOf(text, direction).map((entry) =>
        completed(entry, direction, scopeOf(subject), { ...job.env, ...service }, job),
      ),
    );
  const [from, to] = [read('cache-from'), read('cache-to')];
  const kept = to.filter((entry) => {
    const why = mayNotWrite(entry, git, entry.attributes.token ?? service.ACTIONS_RUNTIME_TOKEN ?? '');
    if (why !== undefined)
      job.log.notice(`Input cache-to: type=${entry.type} is not written in this run, because ${why}.`);
    return why === undefined;
  });
  const types = new Set([...from, ...kept].map(({ type }) => type));
  const ofGitHub = types.has('gha') ? service : undefined;
  const ofS3 = types.has('s3') ? variables(job.env, /^AWS_/) : undefined;
  return {
    cacheFrom: from.map(formatCacheEntry),
    cacheTo: kept.map(formatCacheEntry),
    environment: { ...ofGitHub, ...ofS3 },
  };
}

function variables(env: Variables, wanted: RegExp): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted.test(name)));
}

function entriesOf(text: string, direction: Direction): readonly CacheEntry[] {
  try {
    return parseCacheEntries(text);
  } catch (error) {
    throw new TidegateError(
      'cache-entry-invalid',
      `Input ${direction}: an entry cannot be parsed, because ${messageOf(error)}.`,
      {
        next: 'Write type=TYPE,KEY=VALUE in buildx syntax, for example type=gha,mode=max.',
      },
    );
  }
}

function completed(entry: CacheEntry, direction: Direction, scope: string, env: Variables, job: Job): CacheEntry {
  for (const name of SECRET_ATTRIBUTES) job.log.mask(entry.attributes[name] ?? '');
  const shown = `type=${entry.type}`;
  const kind = Object.hasOwn(KINDS, entry.type) ? KINDS[entry.type] : undefined;
  if (!kind?.directions.includes(direction)) {
    const types = Object.keys(KINDS).filter((type) => KINDS[type]?.directions.includes(direction));
    throw badInput(
      'cache-entry-invalid',
      direction,
      shown,
      `one of the types ${types.join(', ')}`,
      NEXT_TYPE[entry.type] ?? 'Correct the type.',
    );
  }
  const { fromVariables = {}, required, scope: scopeAttribute } = kind;
  const found = Object.entries(fromVariables).flatMap(([name, variable]) => {
    const value = env[variable];
    return value ? [[name, value] as [string, string]] : [];
  });
  if (scopeAttribute !== undefined) found.push([scopeAttribute, scope]);
  const attributes: Readonly<Record<string, string>> = { ...Object.fromEntries(found), ...entry.attributes };
  for (const name of required?.(direction) ?? []) {
    if (attributes[name]) continue;
    const variable = fromVariables[name];
    const or = variable === undefined ? '' : `, or set ${variable} in the env of this step`;
    throw badInput('cache-entry-invalid', direction, shown, `an entry with ${name}`, `Add ${name}=…${or}.`);
  }
  if (entry.type === 'gha') assertReachable(attributes, direction, env);
  return { type: entry.type, attributes };
}

const NEXT_TYPE: Readonly<Record<string, string>> = {
  inline: 'To read an inline cache, name its image by digest: type=registry,ref=IMAGE@sha256:….',
};

/** buildx silently drops an entry without these (build/opt.go, isActive). */
function assertReachable(attributes: Variables, direction: Direction, env: Variables): void {
  const hasToken = attributes.token || env.ACTIONS_RUNTIME_TOKEN;
  const hasUrl = attributes.url || attributes.url_v2 || env.ACTIONS_RESULTS_URL || env.ACTIONS_CACHE_URL;
  if (hasToken && hasUrl) return;
  throw new TidegateError(
    'cache-unavailable',
    `Input ${direction}: type=gha has no effect here, because ${hasToken ? 'ACTIONS_RESULTS_URL' : 'ACTIONS_RUNTIME_TOKEN'} is not set.`,
    { next: 'Use it in a GitHub Actions job, where the runner sets the variable; elsewhere use another type.' },
  );
}

/** BuildKit keys one index by scope or name: two images with the same scope would overwrite each other's index. */
function scopeOf({ image, platforms }: CacheSubject): string {
  const hash = createHash('sha256').update(image).digest('hex').slice(0, 8);
  const readable = image
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(-40);
  const built = platforms.map((platform) => formatPlatform(platform).replaceAll('/', '-'));
  return [readable, hash, ...(built.length > 0 ? built : ['default'])].join('-');
}

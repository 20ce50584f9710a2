import { createHash } from 'node:crypto';
import {
  badInput,
  CACHE_TAG,
  formatPlatform,
  formatReference,
  formatRepository,
  type GitState,
  hasKind,
  type Platform,
  parseImage,
  type Reference,
  type Repository,
} from '@tidegate/core';
import { type CacheEntry, parseCacheEntries } from '@tidegate/pipeline';
import type { CacheInputs } from './cache.ts';
import { cacheScope } from './cache-scope.ts';

export interface CacheChoiceInputs extends CacheInputs {
  readonly cache: 'off' | 'gha' | 'registry';
  readonly 'cache-image': string;
  readonly context: string;
  /** Of the image, among several of one job. */
  readonly name: string;
}

interface CachedBuild {
  /** The repositories that the image is published to, if known. */
  readonly destinations: readonly string[];
  readonly platforms: readonly Platform[];
  /** Only such a run writes the cache: no other run decides what a release is built from. */
  readonly isPublished: boolean;
}

interface Entries {
  readonly from: readonly string[];
  readonly to: string;
}

/**
 * The entries of the input `cache`, or those of `cache-from` and `cache-to` if it is off.
 * @throws TidegateError `bad-input` for inputs that contradict each other, or a repository that is missing or the image's
 */
export function chosenCache(inputs: CacheChoiceInputs, git: GitState, build: CachedBuild): CacheInputs {
  const { cache } = inputs;
  if (inputs['cache-image'] !== '' && cache !== 'registry') {
    const next = 'Remove cache-image, or set cache: registry.';
    throw badInput('input-conflict', 'cache-image', inputs['cache-image'], `no value, because cache is ${cache}`, next);
  }
  if (cache === 'off') {
    for (const direction of ['cache-from', 'cache-to'] as const) assertNotOwn(direction, inputs[direction], build);
    return inputs;
  }
  for (const other of ['cache-from', 'cache-to'] as const) {
    if (inputs[other].length === 0) continue;
    const expected = `off, because ${other} is set and names its caches itself`;
    throw badInput('input-conflict', 'cache', cache, expected, `Remove cache or ${other}.`);
  }
  const { from, to } = ENTRIES[cache](inputs, git, build);
  return { 'cache-from': from, 'cache-to': build.isPublished ? [to] : [] };
}

const ENTRIES: Readonly<
  Record<
    Exclude<CacheChoiceInputs['cache'], 'off'>,
    (inputs: CacheChoiceInputs, git: GitState, build: CachedBuild) => Entries
  >
> = {
  // GitHub keeps the caches of refs apart, and the default scope those of images and platforms.
  gha: () => ({ from: ['type=gha'], to: 'type=gha,mode=max' }),
  registry: (inputs, git, build) => {
    const { written, read } = scopesOf(git, inputs.context);
    const repository = repositoryOf(inputs, build);
    const ref = (runs: string) => `type=registry,ref=${repository}:${tagOf(inputs.name, build.platforms, runs)}`;
    // An image manifest: some registries (ECR) reject BuildKit's other form, an index of layers.
    return { from: read.map(ref), to: `${ref(written)},mode=max,image-manifest=true,oci-mediatypes=true` };
  },
};

const OWN_REPOSITORY = 'Name a repository that only the publishing workflow may write, such as ghcr.io/acme/app-cache.';

/**
 * Like `cache-image`, and a cache that is written to a tag of the image would also replace the image, before any check.
 * A digest cannot be replaced.
 */
function assertNotOwn(direction: 'cache-from' | 'cache-to', lines: readonly string[], build: CachedBuild): void {
  for (const { type, attributes } of lines.flatMap(entriesOf)) {
    const reference = type === 'registry' ? referenceOf(attributes.ref ?? '') : undefined;
    if (!reference || reference.digest !== undefined || !isOwn(reference, build)) continue;
    const expected = `a repository other than that of the image, because ${OWN_WHY}`;
    throw badInput('input-conflict', direction, formatReference(reference), expected, OWN_REPOSITORY);
  }
}

/** Of lines that are not valid, buildCache names the error. */
function entriesOf(line: string): readonly CacheEntry[] {
  try {
    return parseCacheEntries(line);
  } catch {
    return [];
  }
}

function referenceOf(ref: string): Reference | undefined {
  try {
    return parseImage(ref).reference;
  } catch (error) {
    if (hasKind(error, 'bad-input')) return undefined;
    throw error;
  }
}

function isOwn(reference: Repository, { destinations }: CachedBuild): boolean {
  const own = formatRepository(reference);
  return destinations.some((one) => formatRepository(parseImage(one, 'destination').reference) === own);
}

const OWN_WHY = 'everybody who may push images there could choose the layers of a release';

/**
 * Not a repository of the image: BuildKit trusts the layers of a cache, so everybody who may push there could choose
 * the layers of the next release, which this run would sign as its own.
 */
function repositoryOf({ 'cache-image': text }: CacheChoiceInputs, build: CachedBuild): string {
  if (text === '') {
    const expected = 'a repository other than that of the image, because cache is registry';
    throw badInput('input-missing', 'cache-image', '', expected, OWN_REPOSITORY);
  }
  const { reference } = parseImage(text, 'cache-image');
  if (reference.tag !== undefined || reference.digest !== undefined) {
    const next = 'Remove the tag: each platform has its own.';
    throw badInput('image-name-invalid', 'cache-image', text, 'a repository without a tag or digest', next);
  }
  if (isOwn(reference, build)) {
    const expected = `a repository other than that of the image, because ${OWN_WHY}`;
    throw badInput('input-conflict', 'cache-image', text, expected, OWN_REPOSITORY);
  }
  return formatReference(reference);
}

/**
 * A registry has no scopes, so tags serve as scopes: only a branch itself reads what it has written, and all runs read
 * what the default branch and git tags have written.
 */
function scopesOf(git: GitState, context: string): { readonly written: string; readonly read: readonly string[] } {
  const { runs } = cacheScope(git, context);
  if (runs === 'publish' || runs === 'other') return { written: 'publish', read: ['publish'] };
  return { written: runs, read: runs.startsWith('branch-') ? [runs, 'publish'] : [runs] };
}

/** In characters, of a tag (distribution-spec). */
const LONGEST = 128;

function tagOf(name: string, platforms: readonly Platform[], runs: string): string {
  const built = platforms.map((platform) => formatPlatform(platform).replaceAll('/', '-')).join('-');
  // Names of the reusable workflow end with the platform.
  const which = name.endsWith(built) ? name : [name, built].filter(Boolean).join('-');
  const tag = [CACHE_TAG, which, runs === 'publish' ? '' : runs].filter(Boolean).join('-');
  if (tag.length <= LONGEST) return tag;
  const hash = createHash('sha256').update(tag).digest('hex').slice(0, 16);
  return `${tag.slice(0, LONGEST - hash.length - 1)}-${hash}`;
}

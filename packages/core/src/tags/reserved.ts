/** Prefixes used by the rules of a run: a branch with such a name would replace a release. */
export interface ReservedBy {
  /** Of the rules `semver`: `v` in `v1.2`. */
  readonly versionPrefixes: readonly string[];
  /** Of the rules `schedule`: `nightly` in `nightly-20261124`. */
  readonly schedulePrefixes: readonly string[];
  /** Of the rules `tag`: `tag-` in `tag-release-7`. */
  readonly tagPrefixes: readonly string[];
  /** Suffixes of the rules for versions: `-alpine` in `1.2-alpine`. */
  readonly versionSuffixes: readonly string[];
  /** Tags that rules set whatever the ref is called: `edge`, `nightly`, `stable` of `raw=stable`. */
  readonly names: readonly string[];
  /** Tags of the default branch, in runs of other refs. Their case counts: `Main` is another branch's own name. */
  readonly branchTags: readonly string[];
  /** Whole tags that a rule with expressions can set: `x-1-2` of `pattern=x-{{major}}-{{minor}}`. */
  readonly patterns: readonly TagPattern[];
}

interface TagPattern {
  readonly expression: RegExp;
  /** The rule's line. */
  readonly rule: string;
}

/** distribution-spec, "Pulling manifests". A longer name is not the tag of another rule. */
const LONGEST_TAG = 128;

/**
 * Prefix for a git tag's name that a branch might have as well. A git tag's image tag either looks like a version or
 * has this prefix, and a branch's has neither: so they never share a tag, whichever is created later.
 */
export const GIT_TAG_PREFIX = 'tag-';

/** Tags of build caches in an image's own repository (input `cache: registry`) begin with it. */
export const CACHE_TAG = 'buildcache';

/** Whether a build cache may be there: an image with this tag would be replaced by a cache, or replace one. */
export function isCacheTag(tag: string): boolean {
  return /^buildcache(-|$)/i.test(tag);
}

/**
 * Why a branch's or git tag's name may not become this tag, as half a sentence after "… is not used as a tag, because
 * it"; undefined if it may. Anybody who can push a branch can choose its name. Registries distinguish upper and lower
 * case, but people do not, so case is ignored here.
 * @param kind a git tag may be a version, which is its purpose; a branch never is
 */
export function whyReserved(tag: string, kind: 'branch' | 'tag', by: ReservedBy): string | undefined {
  const after = (prefix: string) =>
    tag.toLowerCase().startsWith(prefix.toLowerCase()) ? tag.slice(prefix.length) : undefined;
  const afterVersionPrefix = ['', ...by.versionPrefixes]
    .flatMap((prefix) => after(prefix) ?? [])
    .flatMap((rest) => ['', ...by.versionSuffixes].flatMap((suffix) => before(suffix, rest) ?? []));
  if (tag.toLowerCase() === 'latest') return 'is reserved for the rule latest';
  if (by.names.some((name) => name.toLowerCase() === tag.toLowerCase())) return 'is the tag of another rule';
  if (by.branchTags.includes(tag)) return 'is a tag of the default branch';
  if (/^sha-[0-9a-f]{7,64}$/i.test(tag)) return 'looks like the tag of a commit (rule sha)';
  if (isReferrersTag(tag)) return 'looks like the tag under which registries keep signatures and SBOMs';
  if (isCacheTag(tag)) return 'is where build caches are kept (input cache)';
  if (/^pr-[0-9]+$/i.test(tag)) return 'looks like the tag of a pull request (rule pr)';
  if (by.schedulePrefixes.some((prefix) => /^[0-9]{8}$/.test(after(`${prefix}-`) ?? ''))) {
    return 'looks like the tag of a day (rule schedule)';
  }
  // The rule semver moves `1`.
  if (afterVersionPrefix.some((rest) => /^[0-9]+$/.test(rest))) return 'looks like a major version (rule semver)';
  if (kind === 'tag') return undefined;
  if (afterVersionPrefix.some(readsLikeVersion)) {
    return 'looks like a version, and versions come from git tags (rule semver)';
  }
  if (by.tagPrefixes.some((prefix) => after(prefix) !== undefined)) {
    return 'begins like the tag of a git tag (rule tag)';
  }
  const pattern = tag.length > LONGEST_TAG ? undefined : by.patterns.find(({ expression }) => expression.test(tag));
  return pattern && `looks like a tag of the rule ${pattern.rule}`;
}

function before(suffix: string, text: string): string | undefined {
  return text.toLowerCase().endsWith(suffix.toLowerCase()) ? text.slice(0, text.length - suffix.length) : undefined;
}

/**
 * Whether people read it as a version, whatever its grammar: `v1`, `1.2`, `V1.2.3`, `1.2.3.4`, `1.2.3rc1`,
 * `1.2-alpine`. Excludes lines of versions (`1.x`, `1.2.x`) and branches named after an issue (`123-fix-login`).
 */
export function readsLikeVersion(text: string): boolean {
  const parts = text.replace(/^v/i, '').split('.');
  const [major = '', minor = '0'] = parts;
  const unusual = parts.find((part) => !isNumber(part));
  return isNumber(major) && /^[0-9]/.test(minor) && unusual?.toLowerCase() !== 'x';
}

function isNumber(part: string): boolean {
  return /^[0-9]+$/.test(part);
}

/**
 * distribution-spec, "Referrers Tag Schema", and cosign's `.sig`, `.att` and `.sbom`: a push there replaces evidence.
 */
export function isReferrersTag(tag: string): boolean {
  return /^sha(256|512)-[0-9a-f]{32,128}(\.[a-z]+)?$/i.test(tag);
}

import { parseVersion } from './version.ts';

/** What the rules of a run use themselves: a branch of such a name would take a release's place. */
export interface ReservedBy {
  /** Of the rules `semver`: `v` in `v1.2`. */
  readonly versionPrefixes: readonly string[];
  /** Of the rules `schedule`: `nightly` in `nightly-20261124`. */
  readonly schedulePrefixes: readonly string[];
}

/**
 * Why a branch's or git tag's name may not become this tag, as half a sentence after "… is not used as a tag, because
 * it"; undefined where it may. Anybody who may push a branch may choose its name.
 * @param kind a git tag may be a version, which is what it is for; a branch never is
 */
export function whyReserved(tag: string, kind: 'branch' | 'tag', by: ReservedBy): string | undefined {
  if (tag.toLowerCase() === 'latest') return 'is the name that only the rule latest sets';
  if (/^sha-[0-9a-f]{7,64}$/i.test(tag)) return 'reads like the tag of a commit (rule sha)';
  if (isReferrersTag(tag)) return 'reads like the tag under which registries keep signatures and SBOMs';
  if (/^pr-[0-9]+$/i.test(tag)) return 'reads like the tag of a pull request (rule pr)';
  if (
    by.schedulePrefixes.some(
      (prefix) => tag.startsWith(`${prefix}-`) && /^[0-9]{8}$/.test(tag.slice(prefix.length + 1)),
    )
  ) {
    return 'reads like the tag of a day (rule schedule)';
  }
  // `1` is moved by the rule semver, whoever else is called so.
  if (/^[0-9]+$/.test(tag)) return 'reads like a major version (rule semver)';
  if (kind === 'tag') return undefined;
  const isVersion = ['', 'v', ...by.versionPrefixes].some((prefix) => {
    const rest = tag.slice(prefix.length);
    // `v1` as well as what parseVersion takes; `_` stands for the `+` that no tag can hold.
    return tag.startsWith(prefix) && (/^[0-9]+$/.test(rest) || parseVersion(rest.replace('_', '+')) !== undefined);
  });
  return isVersion ? 'reads like a version, and versions come from git tags (rule semver)' : undefined;
}

/** distribution-spec, "Referrers Tag Schema", and cosign's `.sig`, `.att` and `.sbom`: a push there would replace evidence. */
export function isReferrersTag(tag: string): boolean {
  return /^sha(256|512)-[0-9a-f]{32,128}(\.[a-z]+)?$/i.test(tag);
}

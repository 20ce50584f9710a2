import type { NameRow } from './row.fixture.ts';

/** Branches whose names would replace a release, evidence, or the tag of another rule. */
export const RESERVED_BRANCH_ROWS: readonly NameRow[] = [
  {
    about: 'a branch called latest',
    ref: 'heads/latest',
    publishBranches: '**',
    tags: [],
    reason:
      'latest is not used as a tag for branch latest, because it is reserved for the rule latest; the rule branch,prefix=branch- publishes it as branch-latest.',
  },
  {
    about: 'a branch called like a version',
    ref: 'heads/1.2.3',
    publishBranches: '**',
    tags: [],
    reason:
      '1.2.3 is not used as a tag for branch 1.2.3, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-1.2.3.',
  },
  {
    about: 'a branch called like a major version',
    ref: 'heads/1',
    publishBranches: '**',
    tags: [],
    reason: '1 is not used as a tag for branch 1, because it looks like a major version (rule semver)',
  },
  {
    about: 'a branch called like a minor version',
    ref: 'heads/v1.2',
    publishBranches: '**',
    tags: [],
    reason: 'v1.2 is not used as a tag for branch v1.2, because it looks like a version',
  },
  {
    about: 'a branch called like a commit',
    ref: 'heads/sha-0123456789ab',
    publishBranches: '**',
    tags: [],
    reason: 'because it looks like the tag of a commit (rule sha)',
  },
  {
    about: 'a branch called like a pull request',
    ref: 'heads/pr-7',
    publishBranches: '**',
    tags: [],
    reason: 'because it looks like the tag of a pull request (rule pr)',
  },
  {
    about: 'a branch called like the evidence of an image',
    ref: `heads/sha256-${'0'.repeat(64)}`,
    publishBranches: '**',
    tags: [],
    reason: 'because it looks like the tag under which registries keep signatures and SBOMs',
  },
  {
    about: 'a branch called like a night',
    ref: 'heads/nightly-20261124',
    publishBranches: '**',
    tags: [],
    reason: 'because it looks like the tag of a day (rule schedule)',
  },
  {
    about: 'a branch called like a version with a capital V',
    ref: 'heads/V1.2.3',
    publishBranches: '**',
    tags: [],
    reason:
      'V1.2.3 is not used as a tag for branch V1.2.3, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-V1.2.3.',
  },
  {
    about: 'a branch called like a version of four parts',
    ref: 'heads/1.2.3.4',
    publishBranches: '**',
    tags: [],
    reason:
      '1.2.3.4 is not used as a tag for branch 1.2.3.4, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-1.2.3.4.',
  },
  {
    about: 'a branch called like a release candidate',
    ref: 'heads/1.2.3-rc.1',
    publishBranches: '**',
    tags: [],
    reason:
      '1.2.3-rc.1 is not used as a tag for branch 1.2.3-rc.1, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-1.2.3-rc.1.',
  },
  {
    about: 'a branch called like a release candidate of Python',
    ref: 'heads/1.2.3rc1',
    publishBranches: '**',
    tags: [],
    reason:
      '1.2.3rc1 is not used as a tag for branch 1.2.3rc1, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-1.2.3rc1.',
  },
  {
    about: 'a branch called like a major version with v',
    ref: 'heads/v1',
    publishBranches: '**',
    tags: [],
    reason:
      'v1 is not used as a tag for branch v1, because it looks like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-v1.',
  },
  {
    about: 'a branch called like the tag of a git tag',
    ref: 'heads/tag-release-7',
    publishBranches: '**',
    tags: [],
    reason:
      'tag-release-7 is not used as a tag for branch tag-release-7, because it begins like the tag of a git tag (rule tag); the rule branch,prefix=branch- publishes it as branch-tag-release-7.',
  },
];

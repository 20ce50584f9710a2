/**
 * Names that people really have, and what the plan makes of each: image, tags, label `version`, and the sentence that
 * gives the reason. One table for the unit test and for the bundled action (test/e2e/plan-names.e2e.ts).
 */

export interface NameRow {
  /** What is special about it. */
  readonly about: string;
  /** Default `acme/app`. */
  readonly repository?: string;
  /** Default `ghcr.io/` and the repository, as `ghcr.io/${{ github.repository }}` gives it. */
  readonly image?: string;
  /** `heads/main`, `tags/v1.2.3`, `pull/7/merge`. Default `heads/main`. */
  readonly ref?: string;
  /** Default `push`. */
  readonly event?: 'push' | 'schedule' | 'workflow_dispatch' | 'release' | 'pull_request' | 'workflow_run';
  /** Lines of the input `tags`. */
  readonly rules?: readonly string[];
  readonly latest?: 'true' | 'false';
  readonly publishBranches?: string;
  /** The repository's other git tags. `unknown`: a shallow checkout, and no token to ask with. Default none. */
  readonly others?: readonly string[] | 'unknown';
  /** What GitHub says of the git tag's release. */
  readonly release?: 'pre-release' | 'stable';
  /** Where the ref points by now, if not at this commit. */
  readonly head?: 'elsewhere' | 'gone' | 'unknown';
  readonly attempt?: number;
  /** The image, where it is not the one given. */
  readonly named?: string;
  /** Tags in their order, as they are planned. */
  readonly tags: readonly string[];
  /** Default: where there are tags. */
  readonly publish?: false;
  /** The label `version`; none where undefined. */
  readonly version?: string;
  /** A sentence that the log has, about a tag that is set or not, or about the run. */
  readonly reason: string;
  /** It is not even planned: the error begins so. */
  readonly refused?: true;
}

/** Digits of hashes are part of what people deploy: they never change. */
export const NAME_ROWS: readonly NameRow[] = [
  // Owners and repositories
  { about: 'an ordinary name', tags: ['main'], version: 'main', reason: 'This run is of branch main.' },
  {
    about: 'an owner with capitals',
    repository: 'Acme/App',
    named: 'ghcr.io/acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: ghcr.io/Acme/App is used as ghcr.io/acme/app, because registries accept lower case only.',
  },
  {
    about: 'capitals in the repository only',
    repository: 'acme/MyApp',
    named: 'ghcr.io/acme/myapp',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: ghcr.io/acme/MyApp is used as ghcr.io/acme/myapp, because registries accept lower case only.',
  },
  {
    about: 'an Enterprise Managed User',
    repository: 'ada_acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'an Enterprise Managed User with capitals and a dash',
    repository: 'Ada-L_acme/app',
    named: 'ghcr.io/ada-l_acme/app',
    tags: ['main'],
    version: 'main',
    reason:
      'Input image: ghcr.io/Ada-L_acme/app is used as ghcr.io/ada-l_acme/app, because registries accept lower case only.',
  },
  {
    about: 'an owner of Forgejo with a dot',
    repository: 'ada.lovelace/app',
    image: 'forge.example/ada.lovelace/app',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'a repository with dots, dashes and underscores',
    repository: 'acme/my.app_x-y',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'a repository with two dashes',
    repository: 'acme/a--b',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'a repository that no registry takes',
    repository: 'acme/.github',
    tags: [],
    refused: true,
    reason:
      'in the part ".github", single dots, one or two underscores, or dashes may stand only between letters and digits',
  },
  {
    about: 'a repository that ends in a dash',
    repository: 'acme/app-',
    tags: [],
    refused: true,
    reason: 'in the part "app-"',
  },
  {
    about: 'a repository that no registry takes, with an image of another name',
    repository: 'acme/.github',
    image: 'ghcr.io/acme/defaults',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'a name of Docker Hub with capitals',
    image: 'Acme/App',
    named: 'docker.io/acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: Acme/App is used as docker.io/acme/app, because registries accept lower case only.',
  },
  {
    about: 'an image with a tag',
    image: 'ghcr.io/acme/app:1',
    tags: [],
    refused: true,
    reason: 'expected a repository without a tag or digest',
  },

  // Branches
  {
    about: 'a branch with a slash',
    ref: 'heads/feat/x',
    publishBranches: '**',
    tags: ['feat-x-79b4cc554b80'],
    version: 'feat-x-79b4cc554b80',
    reason: 'This run is of branch feat/x, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch with a dash where the other has a slash',
    ref: 'heads/feat-x',
    publishBranches: '**',
    tags: ['feat-x'],
    version: 'feat-x',
    reason: 'This run is of branch feat-x.',
  },
  {
    about: 'a branch in Japanese',
    ref: 'heads/feature/新機能',
    publishBranches: 'feature/*',
    tags: ['feature-9ac6e2777c84'],
    version: 'feature-9ac6e2777c84',
    reason: 'This run is of branch feature/新機能, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'another branch in Japanese',
    ref: 'heads/feature/修正',
    publishBranches: 'feature/*',
    tags: ['feature-fa68ac782f25'],
    version: 'feature-fa68ac782f25',
    reason: 'This run is of branch feature/修正, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch without one letter that a tag may hold',
    ref: 'heads/修正',
    publishBranches: '**',
    tags: ['ref-a05e98af3a82'],
    version: 'ref-a05e98af3a82',
    reason: 'This run is of branch 修正, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch of an emoji',
    ref: 'heads/🚀',
    publishBranches: '**',
    tags: ['ref-ebbc0b2870eb'],
    version: 'ref-ebbc0b2870eb',
    reason: 'This run is of branch 🚀, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch in upper case',
    ref: 'heads/Main',
    publishBranches: '**',
    tags: ['Main'],
    version: 'Main',
    reason: 'This run is of branch Main.',
  },
  {
    about: 'a branch of 200 characters',
    ref: `heads/${'x'.repeat(200)}`,
    publishBranches: '**',
    tags: [`${'x'.repeat(115)}-aa20c23e3201`],
    version: `${'x'.repeat(115)}-aa20c23e3201`,
    reason: 'with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch that is named like the tag of another',
    ref: 'heads/feat-x-79b4cc554b80',
    publishBranches: '**',
    tags: ['feat-x-79b4cc554b80-406e374873b2'],
    version: 'feat-x-79b4cc554b80-406e374873b2',
    reason: 'with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a branch of shell metacharacters',
    ref: 'heads/$(id)&&a;b',
    publishBranches: '**',
    tags: ['id-a-b-1e35a97e4463'],
    version: 'id-a-b-1e35a97e4463',
    reason: 'This run is of branch $(id)&&a;b, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a maintenance branch',
    ref: 'heads/1.x',
    publishBranches: '**',
    tags: ['1.x'],
    version: '1.x',
    reason: 'This run is of branch 1.x.',
  },
  {
    about: 'a branch called latest',
    ref: 'heads/latest',
    publishBranches: '**',
    tags: [],
    reason:
      'latest is not used as a tag for branch latest, because it is the name that only the rule latest sets; the rule branch,prefix=branch- publishes it as branch-latest.',
  },
  {
    about: 'a branch called like a version',
    ref: 'heads/1.2.3',
    publishBranches: '**',
    tags: [],
    reason:
      '1.2.3 is not used as a tag for branch 1.2.3, because it reads like a version, and versions come from git tags (rule semver); the rule branch,prefix=branch- publishes it as branch-1.2.3.',
  },
  {
    about: 'a branch called like a major version',
    ref: 'heads/1',
    publishBranches: '**',
    tags: [],
    reason: '1 is not used as a tag for branch 1, because it reads like a major version (rule semver)',
  },
  {
    about: 'a branch called like a minor version',
    ref: 'heads/v1.2',
    publishBranches: '**',
    tags: [],
    reason: 'v1.2 is not used as a tag for branch v1.2, because it reads like a version',
  },
  {
    about: 'a branch called like a commit',
    ref: 'heads/sha-0123456789ab',
    publishBranches: '**',
    tags: [],
    reason: 'because it reads like the tag of a commit (rule sha)',
  },
  {
    about: 'a branch called like a pull request',
    ref: 'heads/pr-7',
    publishBranches: '**',
    tags: [],
    reason: 'because it reads like the tag of a pull request (rule pr)',
  },
  {
    about: 'a branch called like the evidence of an image',
    ref: `heads/sha256-${'0'.repeat(64)}`,
    publishBranches: '**',
    tags: [],
    reason: 'because it reads like the tag under which registries keep signatures and SBOMs',
  },
  {
    about: 'a branch called like a night',
    ref: 'heads/nightly-20261124',
    publishBranches: '**',
    tags: [],
    reason: 'because it reads like the tag of a day (rule schedule)',
  },
  {
    about: 'a branch of a version line, with a prefix',
    ref: 'heads/1.2',
    publishBranches: '**',
    rules: ['branch,prefix=branch-'],
    tags: ['branch-1.2'],
    version: 'branch-1.2',
    reason: 'This run is of branch 1.2.',
  },
  {
    about: 'a release branch, matched',
    ref: 'heads/release/1.2',
    publishBranches: 'release/*',
    rules: ['branch,match=release/(.*),prefix=release-'],
    tags: ['release-1.2'],
    version: 'release-1.2',
    reason: 'This run is of branch release/1.2.',
  },
  {
    about: 'a branch that does not publish',
    ref: 'heads/dev',
    tags: ['dev'],
    publish: false,
    version: 'dev',
    reason: 'Not published: branch dev is not one that publishes (main).',
  },

  // Versions
  {
    about: 'a version',
    ref: 'tags/v1.2.3',
    others: ['v1.2.2', 'v1.1.9'],
    tags: ['1.2.3', '1.2', '1', 'latest'],
    version: '1.2.3',
    reason: '1.2.3 is the newest stable version of 1.2.',
  },
  {
    about: 'a version without v',
    ref: 'tags/1.2.3',
    tags: ['1.2.3', '1.2', '1', 'latest'],
    version: '1.2.3',
    reason: 'Git tag 1.2.3 is version 1.2.3.',
  },
  {
    about: 'a version with v in its tags',
    ref: 'tags/v1.2.3',
    rules: ['semver=v', 'latest'],
    tags: ['v1.2.3', 'v1.2', 'v1', 'latest'],
    version: 'v1.2.3',
    reason: '1.2.3 is the newest stable version.',
  },
  {
    about: 'a version below 1',
    ref: 'tags/v0.4.1',
    tags: ['0.4.1', '0.4', 'latest'],
    version: '0.4.1',
    reason: '0.4.1 is the newest stable version of 0.4.',
  },
  {
    about: 'a version of two parts',
    ref: 'tags/v0.29',
    others: ['v0.28'],
    tags: ['0.29', 'latest'],
    version: '0.29',
    reason: 'Git tag v0.29 is version 0.29.',
  },
  {
    about: 'a version of two parts that another of three follows',
    ref: 'tags/v0.29',
    others: ['v0.29.1'],
    tags: [],
    version: '0.29',
    reason: '0.29 stays where it is: v0.29.1 is newer than 0.29.',
  },
  {
    about: 'a pre-release',
    ref: 'tags/v1.2.3-rc.1',
    tags: ['1.2.3-rc.1'],
    version: '1.2.3-rc.1',
    reason: 'latest stays where it is: 1.2.3-rc.1 is a pre-release or has build metadata.',
  },
  {
    about: 'a version with build metadata',
    ref: 'tags/v1.2.3+build.5',
    tags: ['1.2.3_build.5'],
    version: '1.2.3_build.5',
    reason: '1.2 stays where it is: 1.2.3_build.5 is a pre-release or has build metadata.',
  },
  {
    about: 'a fix for an older line',
    ref: 'tags/v1.2.4',
    others: ['v1.2.3', 'v1.3.0', 'v2.0.0'],
    tags: ['1.2.4', '1.2'],
    version: '1.2.4',
    reason: '1 stays where it is: v1.3.0 is newer than 1.2.4.',
  },
  {
    about: 'a version beside a newer pre-release',
    ref: 'tags/v1.2.3',
    others: ['v2.0.0-rc.1'],
    tags: ['1.2.3', '1.2', '1', 'latest'],
    version: '1.2.3',
    reason: '1.2.3 is the newest stable version.',
  },
  {
    about: 'a version whose other tags nobody knows',
    ref: 'tags/v1.2.3',
    others: 'unknown',
    tags: ['1.2.3'],
    version: '1.2.3',
    reason: 'latest stays where it is: the other git tags are not known, because ',
  },
  {
    about: 'a version whose release is a pre-release on GitHub',
    ref: 'tags/v1.2.3',
    release: 'pre-release',
    tags: ['1.2.3'],
    version: '1.2.3',
    reason: 'latest stays where it is: GitHub marks the release of v1.2.3 as a pre-release.',
  },
  {
    about: 'the event of such a release',
    event: 'release',
    ref: 'tags/v1.2.3',
    release: 'pre-release',
    tags: ['1.2.3'],
    version: '1.2.3',
    reason: '1.2 stays where it is: GitHub marks the release of v1.2.3 as a pre-release.',
  },
  {
    about: 'the event of a release',
    event: 'release',
    ref: 'tags/v1.2.3',
    release: 'stable',
    tags: ['1.2.3', '1.2', '1', 'latest'],
    version: '1.2.3',
    reason: 'Published: release of git tag v1.2.3.',
  },
  {
    about: 'a version that must not move latest',
    ref: 'tags/v1.2.3',
    latest: 'false',
    tags: ['1.2.3', '1.2', '1'],
    version: '1.2.3',
    reason: 'latest stays where it is: latest=false.',
  },

  // Git tags of monorepos, and such as are no versions
  {
    about: 'a component of a monorepo',
    ref: 'tags/app/v1.2.3',
    rules: ['semver,match=app/v(.*)', 'latest'],
    others: ['web/v9.0.0', 'v7.0.0', 'app/v1.2.2'],
    tags: ['1.2.3', '1.2', '1', 'latest'],
    version: '1.2.3',
    reason: 'Git tag app/v1.2.3 is version 1.2.3.',
  },
  {
    about: 'a component of a monorepo behind a newer version of its own',
    ref: 'tags/app/v1.2.3',
    rules: ['semver,match=app/v(.*)', 'latest'],
    others: ['app/v2.0.0'],
    tags: ['1.2.3', '1.2', '1'],
    version: '1.2.3',
    reason: 'latest stays where it is: app/v2.0.0 is newer than 1.2.3.',
  },
  {
    about: 'another component of a monorepo',
    ref: 'tags/web/v1.2.3',
    rules: ['semver,match=app/v(.*)', 'latest'],
    tags: [],
    reason: 'The rule semver,match=app/v(.*) gives no tag: git tag web/v1.2.3 does not match app/v(.*).',
  },
  {
    about: 'a scoped package',
    ref: 'tags/@acme/app@1.2.3',
    rules: ['semver,match=@acme/app@(.*)'],
    tags: ['1.2.3', '1.2', '1'],
    version: '1.2.3',
    reason: 'Git tag @acme/app@1.2.3 is version 1.2.3.',
  },
  {
    about: 'a component with a dash, as release-please writes it',
    ref: 'tags/app-v1.2.3',
    rules: ['semver,match=app-v(.*)'],
    tags: ['1.2.3', '1.2', '1'],
    version: '1.2.3',
    reason: 'Git tag app-v1.2.3 is version 1.2.3.',
  },
  {
    about: 'a git tag of a monorepo without a rule for it',
    ref: 'tags/app/v1.2.3',
    tags: ['app-v1.2.3-e16b00ee416b'],
    version: 'app-v1.2.3-e16b00ee416b',
    reason: 'This run is of git tag app/v1.2.3, with a hash that keeps it apart from similar names.',
  },
  {
    about: 'a git tag that is no version',
    ref: 'tags/release-7',
    tags: ['release-7'],
    version: 'release-7',
    reason: 'This run is of git tag release-7.',
  },
  {
    about: 'a git tag that is no version, where only versions count',
    ref: 'tags/release-7',
    rules: ['semver', 'latest'],
    tags: [],
    reason: 'The rule semver gives no tag: git tag release-7 is not a version.',
  },
  {
    about: 'a git tag called latest',
    ref: 'tags/latest',
    tags: [],
    reason: 'latest is not used as a tag for git tag latest, because it is the name that only the rule latest sets',
  },
  {
    about: 'a version with zeros in front',
    ref: 'tags/v01.2.3',
    tags: ['v01.2.3'],
    version: 'v01.2.3',
    reason: 'This run is of git tag v01.2.3.',
  },

  // Runs that are old, and events that publish nothing
  {
    about: 'a run of main that was started again later',
    head: 'elsewhere',
    attempt: 2,
    tags: [],
    version: 'main',
    reason: 'main stays where it is: branch main is at commit ffffffffffff by now, and this run is of 0123456789ab.',
  },
  {
    about: 'such a run, of rules that name the commit as well',
    head: 'elsewhere',
    rules: ['branch', 'sha'],
    tags: ['sha-0123456789ab'],
    version: 'main',
    reason: 'main stays where it is: branch main is at commit ffffffffffff by now, and this run is of 0123456789ab.',
  },
  {
    about: 'a run of main that was started again, where GitHub does not say where main is',
    head: 'unknown',
    attempt: 2,
    tags: [],
    version: 'main',
    reason:
      'main stays where it is: this is attempt 2 of the run, and whether branch main still is at commit 0123456789ab is not known, because ',
  },
  {
    about: 'a first run, where GitHub does not say where main is',
    head: 'unknown',
    tags: ['main'],
    version: 'main',
    reason: 'Published: push of branch main.',
  },
  {
    about: 'a branch that is gone',
    ref: 'heads/dev',
    publishBranches: 'dev',
    head: 'gone',
    tags: [],
    version: 'dev',
    reason: 'dev stays where it is: branch dev does not exist any more.',
  },
  {
    about: 'a git tag that was moved',
    ref: 'tags/v1.2.3',
    head: 'elsewhere',
    tags: [],
    version: '1.2.3',
    reason:
      '1.2.3 stays where it is: git tag v1.2.3 is at commit ffffffffffff by now, and this run is of 0123456789ab.',
  },
  {
    about: 'a schedule',
    event: 'schedule',
    rules: ['auto', 'sha'],
    tags: ['sha-0123456789ab', 'nightly-DAY', 'main'],
    version: 'nightly-DAY',
    reason: 'Published: schedule of branch main.',
  },
  {
    about: 'a pull request',
    event: 'pull_request',
    ref: 'pull/7/merge',
    tags: ['pr-7'],
    publish: false,
    version: 'pr-7',
    reason: 'Not published: a pull request (pull_request).',
  },
  {
    about: 'an event of another workflow',
    event: 'workflow_run',
    tags: ['main'],
    publish: false,
    version: 'main',
    reason: 'Not published: the event workflow_run does not publish.',
  },
];

/**
 * The headings under which the pages list an action's inputs: the most used group first, and the most used input first
 * in it. The groups are here and not in action.ts, because the bundles would carry them, and the order of a page is not
 * the order in which actions share their declarations.
 */
import type { ActionSpec } from '@tidegate/runner';

export interface InputGroup {
  readonly title: string;
  readonly inputs: readonly string[];
}

const group = (title: string, ...inputs: readonly string[]): InputGroup => ({ title, inputs });

/** For every action that has none of its own below. */
const COMMON: readonly InputGroup[] = [
  group(
    'Image and tags',
    'checked',
    'image',
    'manifests',
    'bake-files',
    'targets',
    'only-changed',
    'bake-vars',
    'bake-secrets',
    'destination',
    'tags',
    'flavor',
    'bake-target',
    'latest',
    'publish',
    'publish-branches',
    'immutable-tags',
    'name',
    'leg',
  ),
  group(
    'Build',
    ...['context', 'file', 'target', 'platforms', 'build-args', 'secrets', 'secret-envs', 'secret-files', 'ssh'],
    ...[
      'build-contexts',
      'context-artifact',
      'context-artifact-id',
      'context-artifact-digest',
      'outputs',
      'labels',
      'annotations',
      'pull',
      'no-cache',
      'no-cache-filters',
      'cache',
      'cache-image',
      'cache-from',
      'cache-to',
      'lfs',
      'submodules',
    ],
  ),
  group(
    'Gate',
    ...['preset', 'policy', 'fail-on', 'only-fixed', 'unknown-severity', 'allow-empty-sbom', 'require'],
    ...['max-scan-age', 'max-db-age', 'lint', 'lint-levels', 'lint-exclude'],
  ),
  group(
    'Signing',
    ...['signing', 'key', 'key-password', 'predicate-type', 'predicate-path', 'public-log', 'signing-config'],
    ...[
      'trusted-root',
      'witness',
      'identity-token',
      'identity-audience',
      'on-outage',
      'outage-patience',
      'verification-key',
      'key-given',
    ],
  ),
  group(
    'Trusted signer of a published image',
    ...['workflow', 'source-repository', 'runner-environment', 'certificate-identity', 'certificate-oidc-issuer'],
  ),
  group(
    'Registry',
    ...[
      'registry-username',
      'registry-password',
      'destination-auths',
      'registry-auths',
      'registry-identities',
      'insecure-registries',
      'token',
    ],
  ),
  group(
    'Reports',
    ...[
      'upload-sarif',
      'comment',
      'tracking-issues',
      'dependency-snapshot',
      'release-assets',
      'github-attestations',
      'docker-attestations',
      'report-dir',
      'output-dir',
    ],
    ...['compare', 'reports-artifact', 'evidence-dir', 'attach', 'attach-after', 'keep-scans', 'reuse-evidence'],
  ),
  group('Tests of the image', 'tests', 'test-command', 'test-exit-code', 'test-health-url', 'test-timeout'),
  group('Runners and approval', 'environment', 'runner', 'build-runner', 'timeout-minutes', 'setup-qemu'),
  group(
    'Advanced',
    ...[
      'network',
      'allow',
      'add-hosts',
      'ulimit',
      'shm-size',
      'cgroup-parent',
      'compression',
      'compression-level',
      'force-compression',
      'retries',
      'reproducible',
      'first-layout',
      'first-digest',
      'first-runner',
      'source-date-epoch',
      'rewrite-timestamp',
      'builder',
      'buildkitd-config',
      'buildkitd-config-inline',
      'buildkit-state',
    ],
    ...['builder-endpoints', 'builder-driver-opts', 'builder-ca', 'builder-cert', 'builder-key'],
    ...['rootless', 'tools', 'tools-mirror', 'db-mirror', 'db-cache', 'db-archive', 'db-archive-sha256', 'layout'],
    ...[
      'output-bundles-dir',
      'expected-digest',
      'expected-layout-digest',
      'baseline',
      'baseline-sha256',
      'policy-document',
      'policy-document-sha256',
    ],
  ),
];

/** Actions that verify published images: `verify-image`, and `pin-manifests` before it writes a digest. */
const OF_VERIFICATION: readonly InputGroup[] = [
  group(
    'Signer',
    ...['workflow', 'source-repository', 'source-ref', 'source-commit', 'source-repository-id', 'verification-key'],
    ...['runner-environment', 'builder', 'certificate-identity', 'certificate-identity-regexp'],
    ...['certificate-oidc-issuer'],
  ),
  group(
    'Evidence and findings',
    ...['require', 'scope', 'preset', 'fail-on', 'only-fixed', 'unknown-severity', 'allow-empty-sbom'],
    ...['max-scan-age', 'max-db-age', 'verdict-policy'],
  ),
  group('Sigstore', 'trusted-root', 'transparency-log', 'signed-timestamp'),
  group('Registry', 'registry-username', 'registry-password', 'insecure-registries', 'token'),
];

/** Actions in which the same names mean something else, or whose readers look for something else first. */
const OWN: Readonly<Record<string, readonly InputGroup[]>> = {
  'verify-image': [
    group('Image', 'image', 'expected-digest', 'layout', 'name'),
    ...OF_VERIFICATION,
    group('Policies for clusters', 'policy-dir'),
  ],
  'pin-manifests': [
    group(
      'Files',
      'files',
      'bases',
      'check',
      'images',
      'image-paths',
      'pull-request',
      'pull-request-branch',
      'deployment',
    ),
    ...OF_VERIFICATION,
  ],
  'lint-source': [
    group('Files and levels', 'files', 'as-built', 'fail-on', 'levels', 'exclude', 'report-dir', 'comment'),
    group('Policy', 'preset', 'policy', 'token', 'policy-document', 'policy-document-sha256'),
    group('Other checkers', 'buildkit-checks', 'hadolint'),
    group('Build', 'context', 'target', 'build-args', 'build-contexts', 'registry-auths'),
    group('Advanced', 'builder', 'buildkit-state', 'rootless', 'tools', 'tools-mirror'),
  ],
  'serve-layout': [group('Registry', 'image', 'tag', 'port', 'lifetime', 'expected-digest', 'layout', 'name')],
  'test-image': [
    group(
      'Tests',
      'tests',
      'command',
      'exit-code',
      'health-url',
      'timeout',
      'platforms',
      'results-dir',
      'expected-digest',
      'layout',
      'name',
    ),
  ],
  'join-layouts': [
    group(
      'Layouts',
      'layouts',
      'layouts-dir',
      'digests',
      'platforms',
      'annotations',
      'test-results-dir',
      'reproduced',
      'evidence',
      'expected-digest',
      'expected-layout-digest',
      'layout',
      'name',
    ),
  ],
};

/** The group that comes first on the page of an action that is for just this. */
const FIRST: Readonly<Record<string, string>> = {
  'build-image': 'Build',
  'generate-sbom': 'Reports',
  'scan-image': 'Gate',
  'sign-image': 'Signing',
  'sign-checked': 'Image and tags',
};

/** Fewer inputs than this need no headings. */
const ENOUGH = 8;

/**
 * The groups of these inputs, empty ones left out; a single group without a title for a few inputs.
 * @param names every input must be in one group
 * @param owner name of the action, or of the workflow, for its own groups and for the error
 */
export function groupsOf(names: readonly string[], owner: string): readonly InputGroup[] {
  const all = OWN[owner] ?? COMMON;
  const known = new Set(all.flatMap(({ inputs }) => inputs));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new Error(
      `${owner} has inputs without a heading: ${missing.join(', ')} → add them to a group in packages/tooling/src/input-groups.ts`,
    );
  }
  const has = new Set(names);
  const groups = all
    .map(({ title, inputs }) => ({ title, inputs: inputs.filter((name) => has.has(name)) }))
    .filter(({ inputs }) => inputs.length > 0)
    .sort((a, b) => Number(b.title === FIRST[owner]) - Number(a.title === FIRST[owner]));
  if (names.length >= ENOUGH) return groups;
  return [{ title: '', inputs: groups.flatMap(({ inputs }) => inputs) }];
}

/** Inputs that no action and no workflow has any more. */
export function unusedNames(actions: readonly ActionSpec[], others: readonly string[]): readonly string[] {
  const common = new Set([...actions.filter(({ name }) => !OWN[name]).flatMap(namesOf), ...others]);
  const left = COMMON.flatMap(({ inputs }) => inputs).filter((name) => !common.has(name));
  for (const [owner, groups] of Object.entries(OWN)) {
    const own = actions.find(({ name }) => name === owner);
    const has = new Set(own ? namesOf(own) : []);
    left.push(...groups.flatMap(({ inputs }) => inputs).filter((name) => !has.has(name)));
  }
  return left;
}

const namesOf = (action: ActionSpec) => Object.keys(action.inputs);

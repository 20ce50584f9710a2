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
  group('Image and tags', 'image', 'destination', 'tags', 'latest', 'publish-branches', 'immutable-tags', 'name'),
  group(
    'Build',
    ...['context', 'file', 'target', 'platforms', 'build-args', 'secrets', 'secret-envs', 'secret-files', 'ssh'],
    ...['build-contexts', 'labels', 'annotations', 'pull', 'no-cache', 'cache-from', 'cache-to', 'lfs', 'submodules'],
  ),
  group(
    'Gate',
    ...['preset', 'policy', 'fail-on', 'only-fixed', 'unknown-severity', 'allow-empty-sbom', 'require'],
    ...['max-scan-age', 'max-db-age', 'lint', 'lint-levels', 'lint-exclude'],
  ),
  group(
    'Signing',
    ...['signing', 'key', 'key-password', 'public-log', 'signing-config'],
    ...['trusted-root', 'witness', 'identity-token', 'on-outage', 'outage-patience', 'verification-key', 'key-given'],
  ),
  group(
    'Trusted signer of a published image',
    ...['workflow', 'source-repository', 'runner-environment', 'certificate-identity', 'certificate-oidc-issuer'],
  ),
  group('Registry', 'registry-username', 'registry-password', 'registry-auths', 'insecure-registries', 'token'),
  group(
    'Reports',
    ...['upload-sarif', 'comment', 'dependency-snapshot', 'release-assets', 'report-dir', 'output-dir'],
    ...['reports-artifact', 'attach', 'attach-after'],
  ),
  group('Runners and approval', 'environment', 'runner', 'build-runner', 'timeout-minutes', 'setup-qemu'),
  group(
    'Advanced',
    ...['network', 'ulimit', 'shm-size', 'source-date-epoch', 'rewrite-timestamp', 'builder', 'buildkit-state'],
    ...['rootless', 'tools', 'tools-mirror', 'db-mirror', 'db-cache', 'db-archive', 'db-archive-sha256', 'layout'],
    ...['expected-digest', 'baseline', 'baseline-sha256', 'policy-document', 'policy-document-sha256'],
  ),
];

/** Actions in which the same names mean something else, or whose readers look for something else first. */
const OWN: Readonly<Record<string, readonly InputGroup[]>> = {
  'verify-image': [
    group('Image', 'image', 'expected-digest', 'layout', 'name'),
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
    group('Policies for clusters', 'policy-dir'),
  ],
  'lint-source': [
    group('Files and levels', 'files', 'as-built', 'fail-on', 'levels', 'exclude', 'report-dir'),
    group('Policy', 'preset', 'policy', 'token', 'policy-document', 'policy-document-sha256'),
    group('Other checkers', 'buildkit-checks', 'hadolint'),
    group('Build', 'context', 'target', 'build-args', 'build-contexts', 'registry-auths'),
    group('Advanced', 'builder', 'buildkit-state', 'rootless', 'tools', 'tools-mirror'),
  ],
  'join-layouts': [group('Layouts', 'layouts', 'layouts-dir', 'digests', 'platforms', 'annotations', 'layout', 'name')],
};

/** The group that comes first on the page of an action that is for just this. */
const FIRST: Readonly<Record<string, string>> = {
  'build-image': 'Build',
  'generate-sbom': 'Reports',
  'scan-image': 'Gate',
  'sign-image': 'Signing',
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

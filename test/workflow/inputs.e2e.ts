/** The inputs of the reusable workflow, held against those of the actions that it calls. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { parseWorkflow, readWorkflow, repositoryRoot, type Workflow } from '@tidegate/testkit';

interface Called {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
}
/** A step that calls an action of ours. */
interface Call {
  /** `build build-image`: the job and the action. */
  readonly place: string;
  readonly own: readonly string[];
  readonly given: Readonly<Record<string, unknown>>;
}

const path = join(repositoryRoot, '.github/workflows/commit-to-registry.yml');
let workflow: Workflow;
let source: string;
let offered: Required<Called>;
let calls: readonly Call[];

beforeAll(async () => {
  [workflow, source] = [await readWorkflow(path), await readFile(path, 'utf8')];
  const { inputs = {}, secrets = {} } = (workflow.on as { readonly workflow_call: Called }).workflow_call;
  offered = { inputs, secrets };
  const steps = Object.entries(workflow.jobs).flatMap(([id, job]) => (job.steps ?? []).map((step) => ({ id, step })));
  calls = await Promise.all(
    steps.flatMap(({ id, step }) => {
      const action = /^\$\/actions\/([a-z-]+)$/.exec(step.uses ?? '')?.[1];
      return action ? [callOf(id, action, step.with ?? {})] : [];
    }),
  );
});

async function callOf(id: string, action: string, given: Call['given']): Promise<Call> {
  const file = await readFile(join(repositoryRoot, 'actions', action, 'action.yml'), 'utf8');
  const own = Object.keys((parseWorkflow(file) as unknown as Called).inputs ?? {});
  return { place: `${id} ${action}`, own, given };
}

const isOffered = (name: string) => name in offered.inputs || name in offered.secrets;

/** Inputs of an action that the workflow has too and does not pass on, with the reason. */
const NOT_PASSED: Readonly<Record<string, readonly string[]>> = {
  // No bake files, which buildx would read.
  'plan plan': ['tools', 'tools-mirror'],
  // The policy document decides; hadolint and BuildKit's checks, which need tools and a BuildKit, are off here.
  'plan lint-source': [
    ...['builder', 'buildkit-state', 'policy', 'preset', 'registry-auths', 'rootless', 'tools', 'tools-mirror'],
  ],
  // The sources were checked in plan. The job that runs the Dockerfile may request no identity token.
  'build build-image': ['lint-exclude', 'lint-levels', 'policy', 'preset', 'registry-identities'],
  // Nor anything that the first build may have changed: `buildkit-state` keeps unpacked base images.
  'rebuild build-image': ['buildkit-state', 'lint-exclude', 'lint-levels', 'policy', 'preset', 'registry-identities'],
  // The folder is named by `layout`.
  'test test-image': ['name'],
  // Folders are named by `layout`.
  'scan join-layouts': ['name'],
  'scan generate-sbom': ['name'],
  // The policy document decides; tags are the business of `baseline`, and the others are for an image that is published.
  'scan scan-image': [
    ...[
      'allow-empty-sbom',
      'destination-auths',
      'fail-on',
      'flavor',
      'image',
      'insecure-registries',
      'latest',
      'max-db-age',
      'name',
      'on-outage',
    ],
    ...['only-fixed', 'outage-patience', 'policy', 'preset', 'public-log', 'registry-identities', 'registry-password'],
    ...['registry-username'],
    ...['signing', 'signing-config', 'tags', 'trusted-root', 'unknown-severity', 'witness'],
  ],
  // The tags are exact; tools are for keys in a service, which the workflow does not take.
  'baseline read-baseline': ['flavor', 'latest', 'tools', 'tools-mirror'],
  // The evidence has the platforms and annotations.
  'publish join-layouts': ['annotations', 'name', 'platforms'],
  // Tools are for keys in a service, which the workflow does not take.
  'publish sign-image': ['name', 'tools', 'tools-mirror'],
  // The policy document decides, and the tags are exact.
  'publish push-image': [
    ...[
      'allow-empty-sbom',
      'fail-on',
      'flavor',
      'latest',
      'max-db-age',
      'max-scan-age',
      'name',
      'only-fixed',
      'policy',
    ],
    ...['preset', 'require', 'unknown-severity'],
  ],
};

test('each input and secret of the workflow reaches every action that has one of that name', () => {
  const missing = calls.map(({ place, own, given }) => [
    place,
    own.filter((name) => isOffered(name) && !(name in given)).toSorted(),
  ]);
  expect(Object.fromEntries(missing.filter(([, left]) => left?.length))).toEqual(NOT_PASSED);
  const unused = (kind: keyof Called) =>
    Object.keys(offered[kind]).filter((name) => !new RegExp(`${kind}\\.${name}(?![\\w-])`).test(source));
  expect([unused('inputs'), unused('secrets')]).toEqual([[], []]);
});

const SET_BY_JOBS = 'the jobs of the workflow hand it on themselves';
const OF_PUBLISHED = 'for an image that is already published, and the workflow scans the one that it has built';
const PERMISSION =
  'needs a write permission in this job: GitHub starts no called workflow that requests more than its caller has, ' +
  'so every caller would have to grant it. The reports are in the artifact, which a job of the caller can upload';
const ONE_IMAGE = 'the workflow builds one image from a Dockerfile; a caller with a bake file calls it for each target';
const OWN_TOKEN = 'each job has its own token, with the permissions of that job';
const OWN_IDENTITY = "signatures are made with the job's own identity, or a key";

/** Inputs of the called actions that the workflow does not offer, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  // A file, folder or digest of another job, or the same input under another name.
  'as-built': SET_BY_JOBS,
  baseline: SET_BY_JOBS,
  'baseline-sha256': SET_BY_JOBS,
  destination: SET_BY_JOBS,
  digests: SET_BY_JOBS,
  evidence: SET_BY_JOBS,
  'evidence-dir': SET_BY_JOBS,
  'expected-digest': SET_BY_JOBS,
  'expected-layout-digest': SET_BY_JOBS,
  'first-digest': SET_BY_JOBS,
  'first-layout': SET_BY_JOBS,
  'first-runner': SET_BY_JOBS,
  'key-given': SET_BY_JOBS,
  layout: SET_BY_JOBS,
  layouts: SET_BY_JOBS,
  'layouts-dir': SET_BY_JOBS,
  'output-dir': SET_BY_JOBS,
  'policy-document': SET_BY_JOBS,
  'policy-document-sha256': SET_BY_JOBS,
  'report-dir': SET_BY_JOBS,
  'reports-artifact': SET_BY_JOBS,
  reproduced: SET_BY_JOBS,
  'results-dir': SET_BY_JOBS,
  'test-results-dir': SET_BY_JOBS,
  'verification-key': 'the publish job verifies with the key that it signs with',
  checked: SET_BY_JOBS,
  'identity-audience': 'the jobs set it, so that no server of a caller gets a token for public Sigstore',
  'context-artifact': 'offered as `context-artifact-id`: the job downloads it',
  command: 'offered as `test-command`',
  'exit-code': 'offered as `test-exit-code`',
  'health-url': 'offered as `test-health-url`',
  timeout: 'offered as `test-timeout`',
  exclude: 'offered as `lint-exclude`',
  files: 'offered as `file`: the Dockerfile that is built is the one that is checked',
  key: 'offered as the secret `signing-key`',
  'key-password': 'offered as the secret `signing-key-password`',
  levels: 'offered as `lint-levels`',
  secrets: 'offered as the secret `build-secrets`',
  // Inputs that the split of trust, or GitHub, does not allow.
  comment: PERMISSION,
  compare: 'the job that scans has no login for the registry; `baseline` reads the live image',
  'dependency-snapshot': PERMISSION,
  'github-attestations': PERMISSION,
  'release-assets': PERMISSION,
  'upload-sarif': PERMISSION,
  'buildkit-checks': 'the job that checks the sources starts no BuildKit; the build prints the same warnings',
  hadolint: 'the job that checks the sources downloads no tools',
  'identity-token': OWN_IDENTITY,
  'secret-envs': 'a caller cannot set variables in the jobs of a called workflow; `build-secrets` takes values',
  token: OWN_TOKEN,
  outputs: 'the jobs hand on the image only; a job of the caller exports files with `build-image`',
  'output-bundles-dir': 'see `outputs`',
  'predicate-path': 'the publish job has no file of the caller, and runs no code that could make one',
  'predicate-type': 'see `predicate-path`',
  'bake-target': ONE_IMAGE,
  'bake-files': ONE_IMAGE,
  'bake-secrets': ONE_IMAGE,
  'bake-vars': ONE_IMAGE,
  'only-changed': ONE_IMAGE,
  targets: ONE_IMAGE,
  'keep-scans': 'the workflow keeps the default number; nightly scans, which add to it, are another workflow',
  // Of `scan-image` for published images.
  attach: OF_PUBLISHED,
  'attach-after': OF_PUBLISHED,
  'certificate-identity': OF_PUBLISHED,
  'certificate-oidc-issuer': OF_PUBLISHED,
  manifests: OF_PUBLISHED,
  'runner-environment': OF_PUBLISHED,
  'source-repository': OF_PUBLISHED,
  'tracking-issues': OF_PUBLISHED,
  workflow: OF_PUBLISHED,
};

test('the workflow offers each input of its actions, or a reason is given here', () => {
  const names = new Set(calls.flatMap(({ own }) => own.filter((name) => !isOffered(name))));
  expect([...names].toSorted()).toEqual(Object.keys(LEFT_OUT).toSorted());
});

test('the page of the workflow names each of them, or it is offered under another name', async () => {
  const page = await readFile(join(repositoryRoot, 'docs/reference/reusable-workflow.md'), 'utf8');
  const [, section = ''] = /\n## Inputs of the actions that it does not have\n([\s\S]*?)\n## /.exec(page) ?? [];
  const left = Object.keys(LEFT_OUT).filter((name) => !LEFT_OUT[name]?.startsWith('offered as'));
  expect(left.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});

test('an input that jobs hand on is given by each of them', () => {
  const handed = Object.keys(LEFT_OUT).filter((name) => LEFT_OUT[name] === SET_BY_JOBS);
  const given = new Set(calls.flatMap((call) => Object.keys(call.given)));
  expect(handed.filter((name) => !given.has(name))).toEqual([]);
});

/** Promises of release.yml that no run on one machine can show: permissions, order, and the inputs of each job. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { readWorkflow, repositoryRoot, type Workflow } from '@tidegate/testkit';

let workflow: Workflow;
beforeAll(async () => {
  workflow = await readWorkflow(join(repositoryRoot, '.github/workflows/release.yml'));
});

const job = (id: string) => workflow.jobs[id] ?? {};
const actionsOf = (id: string) => (job(id).steps ?? []).flatMap((step) => step.uses?.replace(/@.*/, '') ?? []);
const scriptsOf = (id: string) => (job(id).steps ?? []).flatMap((step) => step.run?.trim() ?? []);

test('starts on a tag of a version alone', () => {
  expect(workflow.on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } });
});

test('gives each job what it needs and no more', () => {
  const granted = Object.entries(workflow.jobs).map(([id, { permissions }]) => [id, permissions]);
  expect(Object.fromEntries(granted)).toEqual({
    verify: { contents: 'read' },
    pack: { contents: 'read' },
    attest: { 'id-token': 'write', attestations: 'write' },
    draft: { contents: 'write' },
    publish: { contents: 'write' },
    move: { contents: 'write' },
  });
});

test('runs its steps in order, and publishes last', () => {
  const order = Object.entries(workflow.jobs).map(([id, { needs }]) => [id, [needs ?? []].flat()]);
  expect(Object.fromEntries(order)).toEqual({
    verify: [],
    pack: ['verify'],
    attest: ['pack'],
    draft: ['verify', 'pack', 'attest'],
    publish: ['verify', 'pack', 'attest', 'draft'],
    move: ['verify', 'pack', 'attest', 'draft', 'publish'],
  });
  // A condition could let one run after a job that failed.
  expect(Object.values(workflow.jobs).filter((each) => each.if !== undefined)).toEqual([]);
  const steps = Object.values(workflow.jobs).flatMap((each) => each.steps ?? []);
  expect(steps.filter((step) => step.if !== undefined || step['continue-on-error'] !== undefined)).toEqual([]);
});

test('publishes and moves the major tag with a maintainer’s consent', () => {
  const asks = Object.entries(workflow.jobs).filter(([, each]) => each.environment !== undefined);
  expect(asks.map(([id, each]) => [id, each.environment])).toEqual([
    ['publish', 'release'],
    ['move', 'release'],
  ]);
});

test('packs on a machine that ran no test and installs nothing, from nothing but the commit', () => {
  expect(actionsOf('pack')).toEqual(['actions/checkout', 'actions/upload-artifact']);
  expect(scriptsOf('pack')).toEqual([
    'node packages/tooling/bin/pack.mjs "$GITHUB_SHA" "$RUNNER_TEMP/release"',
    'node packages/tooling/bin/notes.mjs "$GITHUB_SHA" > "$RUNNER_TEMP/release/notes.md"',
  ]);
  expect(job('pack').steps?.[0]?.with).toEqual({ 'persist-credentials': false });
  expect(JSON.stringify(job('pack'))).not.toContain('needs.');
  // Only the tests' job says anything that could be passed on.
  expect(job('verify').outputs).toBeUndefined();
  expect(actionsOf('verify')).toEqual(['actions/checkout', 'actions/setup-node']);
});

test.each([
  ['pack.mjs', 2],
  ['notes.mjs', 1],
])('packs with Node and git alone: %s', async (script, least) => {
  const source = await readFile(join(repositoryRoot, 'packages/tooling/bin', script), 'utf8');
  const imports = [...source.matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)/g)].map(([, one, other]) => one ?? other);
  expect(imports.length).toBeGreaterThan(least);
  expect(imports.filter((from) => !from?.startsWith('node:'))).toEqual([]);
  expect([...source.matchAll(/exec\w*\('([^']+)'/g)].map(([, program]) => program)).toEqual(['git']);
});

test('attests and drafts the very files that were packed', () => {
  for (const id of ['attest', 'draft']) {
    const fetched = job(id).steps?.find((step) => step.uses?.startsWith('actions/download-artifact@'));
    expect(fetched?.with).toEqual({ 'artifact-ids': `\${{ needs.pack.outputs.artifact-id }}`, path: 'release' });
  }
  const attested = job('attest').steps?.find((step) => step.uses?.startsWith('actions/attest@'));
  expect(attested?.with).toEqual({ 'subject-checksums': 'release/checksums.txt' });
  expect(scriptsOf('draft').join()).toMatch(/ release\/tidegate\.tar release\/checksums\.txt$/);
});

test('has the notes of CHANGELOG.md, and begins with the question whether there are any', () => {
  expect(scriptsOf('draft').join()).toContain(' --notes-file release/notes.md ');
  expect(scriptsOf('verify')[0]).toContain('\nnode packages/tooling/bin/notes.mjs "$GITHUB_SHA"');
});

test('lets out only what the tag still names', () => {
  const [script = ''] = scriptsOf('publish');
  expect(script.split('\n')).toEqual([
    'test "$(gh api "repos/$GH_REPO/commits/tags/$TAG" --jq .sha)" = "$GITHUB_SHA"',
    'gh release edit "$TAG" --draft=false',
  ]);
});

test('releases one at a time, and cuts none off', () => {
  expect(workflow.concurrency).toEqual({ group: 'release', 'cancel-in-progress': false });
});

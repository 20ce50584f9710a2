/** publish.yml is the last job of commit-to-registry.yml by itself: read from the YAML of both. */
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { readWorkflow, repositoryRoot, type Workflow, type WorkflowJob } from '@tidegate/testkit';

type Declared = Readonly<Record<string, { readonly description?: string; readonly default?: unknown }>>;
interface Called {
  readonly inputs: Declared;
  readonly secrets: Declared;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
}

let whole: Workflow;
let later: Workflow;
beforeAll(async () => {
  const read = (file: string) => readWorkflow(join(repositoryRoot, '.github/workflows', file));
  [whole, later] = [await read('commit-to-registry.yml'), await read('publish.yml')];
});

const calledOf = (workflow: Workflow) => (workflow.on as { readonly workflow_call: Called }).workflow_call;
const publishOf = (workflow: Workflow): WorkflowJob => workflow.jobs.publish ?? {};
const CHECKED = 'fromJSON(inputs.checked).';

/** The last job with what `checked` says in place of the outputs of earlier jobs. */
function asLater(job: unknown): unknown {
  const text = JSON.stringify(job).replace(/needs\.(plan|build|scan)\.outputs\./g, CHECKED);
  return JSON.parse(text);
}

/** Without the fallbacks that make a missing value an error. */
const withoutFallbacks = (job: unknown): unknown =>
  JSON.parse(
    JSON.stringify(job)
      .replace(/\((fromJSON\(inputs\.checked\)\.layout-digest) \|\| 'missing'\)/g, '$1')
      .replaceAll(" || 'missing' }}", ' }}')
      // The proof is there only where jobs of the caller run in between.
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it
      .replace('"checked":"${{ inputs.checked }}",', ''),
  );

test('it has the one job, with the same steps, permissions and limits, and nothing is passed on less', () => {
  const { needs: _needs, if: _if, ...job } = publishOf(whole);
  const { if: _condition, ...own } = publishOf(later);
  expect(Object.keys(later.jobs)).toEqual(['publish']);
  expect(withoutFallbacks(own)).toEqual(withoutFallbacks(asLater(job)));
});

test('it signs only with the proof of what it was given, and by the mode that was given', () => {
  const sign = publishOf(later).steps?.find(({ id }) => id === 'sign');
  expect(sign?.with).toMatchObject({ checked: `\${{ inputs.checked }}`, signing: `\${{ ${CHECKED}signing }}` });
});

test('the hand-over is signed by its own action, from outputs of jobs, in a job without a secret', () => {
  const { steps = [], ...job } = whole.jobs['hand-over'] ?? {};
  expect(steps.map(({ uses }) => uses)).toEqual(['$/actions/sign-checked']);
  expect(steps[0]?.with?.checked).toBe(`\${{ needs.scan.outputs.checked }}`);
  expect(JSON.stringify([job, steps])).not.toContain('secrets.');
  const plan = whole.jobs.plan?.steps?.find((step) => step.id === 'plan')?.with;
  const isKeyless = `!inputs.publish && (secrets.signing-key || secrets.SIGNING_KEY) == '' && 'keyless' || ''`;
  expect(plan?.signing).toBe(`\${{ inputs.signing || (${isKeyless}) }}`);
});

test('no server of the caller gets a token that public Sigstore accepts', () => {
  const takes = [whole, later].flatMap(({ jobs }) =>
    Object.entries(jobs).flatMap(([id, { steps = [] }]) =>
      steps.flatMap(({ with: inputs = {} }) =>
        'signing-config' in inputs && id !== 'plan' ? [`${id}: ${inputs['identity-audience']}`] : [],
      ),
    ),
  );
  expect(takes).toEqual(['baseline', 'hand-over', 'publish', 'publish'].map((id) => `${id}: signing-config`));
});

test('it publishes only what was planned and passed, and what no stranger can cause', () => {
  const parts = (publishOf(later).if ?? '').split('&&').map((part) => part.replace(/\s+/g, ' ').trim());
  expect(parts).toEqual([
    "${{ fromJSON(inputs.checked).publish == 'true'",
    "fromJSON(inputs.checked).verdict == 'pass'",
    `contains(fromJSON('["push", "schedule", "workflow_dispatch", "release"]'), github.event_name) }}`,
  ]);
});

test('a value that `checked` lacks fails the step that needs it', () => {
  const steps = publishOf(later).steps ?? [];
  const values = steps.flatMap(({ with: inputs = {} }) =>
    Object.entries(inputs)
      .filter(([name]) => /digest$|sha256$/.test(name))
      .map(([, value]) => String(value)),
  );
  expect(values.length).toBe(7);
  for (const value of values) expect(value).toMatch(/\|\| 'missing'/);
});

test('everything in `checked` is an output of a job or step, and is used', () => {
  const text = String(whole.jobs.scan?.outputs?.checked);
  const keys = [...text.matchAll(/"([a-z0-9-]+)":/g)].map(([, key]) => key);
  const used = [...JSON.stringify(publishOf(later)).matchAll(/fromJSON\(inputs\.checked\)\.([a-z0-9-]+)/g)];
  expect(keys.toSorted()).toEqual([...new Set(used.map(([, key]) => key))].toSorted());
  const values = [...text.matchAll(/toJSON\(([^)]*)\)/g)].map(([, value]) => value);
  expect(values.length).toBe(keys.length);
  for (const value of values)
    expect(value).toMatch(/^(needs\.(plan|build)|steps\.(sbom|scan|hand-over))\.outputs\.[a-z0-9-]+$/);
});

test('its inputs and secrets are those of the job, under the same names with the same defaults', () => {
  const text = JSON.stringify(publishOf(whole));
  const used = (kind: string) =>
    [
      ...new Set([...text.matchAll(new RegExp(`${kind}\\.([A-Za-z_-]+)`, 'g'))].map(([, name = '']) => name)),
    ].toSorted();
  const { inputs, secrets } = calledOf(later);
  const { checked: _checked, ...others } = inputs;
  expect(Object.keys(others).toSorted()).toEqual(used('inputs').filter((name) => name !== 'publish'));
  expect(Object.keys(secrets).toSorted()).toEqual(used('secrets'));
  const there = calledOf(whole).inputs;
  for (const [name, { default: value }] of Object.entries(others)) {
    expect([name, value]).toEqual([name, there[name]?.default]);
  }
});

test('it says what it published: nothing if its job did not run, and the image that was checked', () => {
  const valuesOf = (workflow: Workflow) =>
    Object.fromEntries(Object.entries(calledOf(workflow).outputs).map(([name, { value }]) => [name, value]));
  const published = `\${{ jobs.publish.outputs.published || 'false' }}`;
  expect(valuesOf(later)).toEqual({ published, digest: `\${{ ${CHECKED}digest }}` });
  expect(valuesOf(whole)).toMatchObject({
    published,
    digest: `\${{ jobs.scan.outputs.digest }}`,
    verdict: `\${{ jobs.scan.outputs.verdict }}`,
    tags: `\${{ jobs.plan.outputs.tags }}`,
  });
});

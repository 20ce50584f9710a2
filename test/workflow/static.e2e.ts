/** What the workflows promise and no run on one machine can show: permissions, conditions, order. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  parseWorkflow,
  readWorkflow,
  repositoryRoot,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from '@tidegate/testkit';

const folder = join(repositoryRoot, '.github/workflows');
const sources = new Map<string, string>();
const workflows = new Map<string, Workflow>();

beforeAll(async () => {
  for (const file of (await readdir(folder)).toSorted()) {
    sources.set(file, await readFile(join(folder, file), 'utf8'));
    workflows.set(file, await readWorkflow(join(folder, file)));
  }
  if (!workflows.has('commit-to-registry.yml')) throw new Error(`no workflows in ${folder}`);
});

interface Place {
  readonly place: string;
  readonly job: WorkflowJob;
  readonly step: WorkflowStep;
}

const jobs = () =>
  [...workflows].flatMap(([file, workflow]) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ place: `${file} ${id}`, job })),
  );
const steps = (): readonly Place[] =>
  jobs().flatMap(({ place, job }) => (job.steps ?? []).map((step) => ({ place: `${place}: ${step.name}`, job, step })));
const placesWhere = (wrong: (place: Place) => boolean) =>
  steps()
    .filter(wrong)
    .map(({ place }) => place);

const isCheckout = (step: WorkflowStep) => step.uses?.startsWith('actions/checkout@') ?? false;
const grants = (job: WorkflowJob) => Object.entries(typeof job.permissions === 'object' ? job.permissions : {});
const mayWrite = (job: WorkflowJob) => grants(job).some(([, level]) => level === 'write');

describe('every workflow', () => {
  test('grants nothing that a job does not ask for', () => {
    for (const [file, workflow] of workflows) expect([file, workflow.permissions]).toEqual([file, {}]);
    expect(jobs().filter(({ job }) => typeof job.permissions !== 'object')).toEqual([]);
  });

  test('ends each job after a time', () => {
    const limits = jobs().map(({ job }) => job['timeout-minutes'] ?? 0);
    expect(limits.filter((limit) => !(Number(limit) > 0) && limit !== `\${{ inputs.timeout-minutes }}`)).toEqual([]);
  });

  test.each(['pull_request_target', 'workflow_run', 'issue_comment'])('never starts on %s', (event) => {
    for (const workflow of workflows.values()) expect(workflow.on).not.toHaveProperty(event);
  });

  test('never puts an expression into a script', () => {
    expect(placesWhere(({ step }) => step.run?.includes(`\${{`) ?? false)).toEqual([]);
  });

  test('never passes on secrets that it does not name', () => {
    expect([...sources.values()].filter((source) => /^\s*secrets:\s*inherit|toJSON\(secrets/im.test(source))).toEqual(
      [],
    );
  });

  test('leaves no token behind in a checkout', () => {
    expect(placesWhere(({ step }) => isCheckout(step) && step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  test('restores no cache: what a pull request can write must not come back', () => {
    expect(placesWhere(({ step }) => step.uses?.startsWith('actions/cache') ?? false)).toEqual([]);
    const sets = (step: WorkflowStep) => step.uses?.startsWith('actions/setup-') ?? false;
    expect(placesWhere(({ step }) => sets(step) && step.with?.['package-manager-cache'] !== false)).toEqual([]);
  });

  test('checks nothing out in a job that may write', () => {
    expect(placesWhere(({ job, step }) => mayWrite(job) && isCheckout(step))).toEqual([]);
  });
});

describe('commit-to-registry.yml', () => {
  const jobsById = () => workflows.get('commit-to-registry.yml')?.jobs ?? {};
  const job = (id: string) => jobsById()[id] ?? {};

  test('gives each job what it needs and no more', () => {
    const granted = Object.entries(jobsById()).map(([id, { permissions }]) => [id, permissions]);
    expect(Object.fromEntries(granted)).toEqual({
      plan: { contents: 'read' },
      build: { contents: 'read' },
      baseline: { 'id-token': 'write', packages: 'read', contents: 'read' },
      scan: {},
      publish: { 'id-token': 'write', packages: 'write', contents: 'read' },
    });
  });

  test('publishes after plan, build and scan', () => {
    const order = Object.entries(jobsById()).map(([id, { needs }]) => [id, [needs ?? []].flat()]);
    expect(Object.fromEntries(order)).toEqual({
      plan: [],
      build: ['plan'],
      baseline: ['plan'],
      scan: ['plan', 'build', 'baseline'],
      publish: ['plan', 'scan'],
    });
  });

  const conditionsOf = (id: string) => {
    const [, condition = ''] = /^\$\{\{(.*)\}\}$/s.exec((job(id).if ?? '').trim()) ?? [];
    return condition.split('&&').map((part) => part.trim().replace(/\s+/g, ' '));
  };

  test('publishes only what the plan publishes, the gate passed, and no stranger can cause', () => {
    expect(conditionsOf('publish')).toEqual([
      '!cancelled()',
      "needs.scan.result == 'success'",
      "needs.plan.outputs.publish == 'true'",
      "needs.scan.outputs.verdict == 'pass'",
      `contains(fromJSON('["push", "schedule", "workflow_dispatch", "release"]'), github.event_name)`,
    ]);
    // always() and its like would publish after a failed job, so the two jobs that may follow one that was skipped ask
    // for the success of the others by name. Steps that keep reports run after a failed step.
    const always = /\b(always|failure|cancelled|success)\(\)/;
    const after = Object.entries(jobsById()).filter(([, each]) => always.test(each.if ?? ''));
    expect(after.map(([id]) => id)).toEqual(['scan', 'publish']);
    expect(conditionsOf('scan')).toEqual([
      '!cancelled()',
      "needs.build.result == 'success'",
      `contains(fromJSON('["success", "skipped"]'), needs.baseline.result)`,
    ]);
    expect(job('baseline').if).toBe("needs.plan.outputs.compares == 'true'");
    const kept = Object.values(jobsById()).flatMap(({ steps = [] }) =>
      steps.filter((step) => always.test(step.if ?? '')),
    );
    expect(kept.map((step) => step.uses?.replace(/@.*/, ''))).toEqual(Array(2).fill('actions/upload-artifact'));
  });

  test('runs no script anywhere', () => {
    expect(Object.values(jobsById()).flatMap(({ steps = [] }) => steps.filter((step) => step.run))).toEqual([]);
  });

  test('publishes with its own actions and what fetches the layout, nothing else', () => {
    const uses = (job('publish').steps ?? []).map((step) => step.uses?.replace(/@.*/, ''));
    const fetches = Array(2).fill('actions/download-artifact');
    expect(uses).toEqual([...fetches, '$/actions/sign-image', '$/actions/push-image']);
  });

  test('reads the live image with its own action, and runs nothing else where the key is', () => {
    const uses = (job('baseline').steps ?? []).map((step) => step.uses?.replace(/@.*/, ''));
    expect(uses).toEqual(['$/actions/read-baseline', 'actions/upload-artifact']);
  });

  test('calls its own actions at its own commit', () => {
    const own = [...(sources.get('commit-to-registry.yml') ?? '').matchAll(/uses: (\S*actions\/[a-z]+-?[a-z]*)$/gm)];
    expect(own.length).toBeGreaterThan(6);
    for (const [, uses = ''] of own) {
      expect(uses).toMatch(/^\$\/actions\//);
      expect(existsSync(join(repositoryRoot, uses.slice(2), 'action.ts'))).toBe(true);
    }
  });

  test('publishes one image at a time, whatever ref it comes from, and drops no publication that waits', () => {
    expect(job('publish').concurrency).toEqual({
      group: `tidegate-publish-\${{ needs.plan.outputs.image }}`,
      'cancel-in-progress': false,
      queue: 'max',
    });
  });

  test('runs variants of one image side by side, and cancels only what a pull request replaces', () => {
    const { group, ...rest } = workflows.get('commit-to-registry.yml')?.concurrency ?? { group: '' };
    for (const part of ['github.ref', 'inputs.image', 'inputs.name', 'inputs.target']) expect(group).toContain(part);
    expect(rest).toEqual({ 'cancel-in-progress': `\${{ startsWith(github.event_name, 'pull_request') }}` });
  });

  test('cancels no run of a push: its group is its own', () => {
    const group = workflows.get('commit-to-registry.yml')?.concurrency?.group ?? '';
    expect(group.endsWith(`-\${{ startsWith(github.event_name, 'pull_request') || github.run_id }}`)).toBe(true);
  });

  /** Inputs of an action that the workflow has too and does not pass on, with the reason. */
  const NOT_PASSED: Readonly<Record<string, readonly string[]>> = {
    // The policy document decides; hadolint and BuildKit's checks, which need tools, are off here.
    'plan lint-source': ['policy', 'preset', 'registry-auths', 'tools', 'tools-mirror'],
    // The sources were checked in plan.
    'build build-image': ['lint-exclude', 'lint-levels', 'policy', 'preset'],
    // Folders are named by `layout`.
    'scan join-layouts': ['name'],
    'scan generate-sbom': ['name'],
    // The policy document decides; tags are the business of `baseline`, and the others are for an image that is published.
    'scan scan-image': [
      ...['fail-on', 'image', 'latest', 'max-db-age', 'name', 'only-fixed', 'policy', 'preset', 'public-log'],
      ...['registry-password', 'registry-username', 'signing', 'signing-config', 'tags', 'trusted-root'],
      'unknown-severity',
    ],
    // The tags are exact; tools are for keys in a service, which the workflow does not take.
    'baseline read-baseline': ['latest', 'tools', 'tools-mirror'],
    // Tools are for keys in a service, which the workflow does not take.
    'publish sign-image': ['name', 'tools', 'tools-mirror'],
    'publish push-image': [
      'fail-on',
      'latest',
      'max-db-age',
      'name',
      'only-fixed',
      'policy',
      'preset',
      'unknown-severity',
    ],
  };

  test('passes each of its inputs and secrets to every action that has one of that name', async () => {
    const { on } = workflows.get('commit-to-registry.yml') ?? {};
    const { inputs = {}, secrets = {} } = (on as { readonly workflow_call: Called }).workflow_call;
    const missing: Record<string, readonly string[]> = {};
    for (const [id, { steps = [] }] of Object.entries(jobsById())) {
      for (const step of steps) {
        const action = /^\$\/actions\/([a-z-]+)$/.exec(step.uses ?? '')?.[1];
        if (!action) continue;
        const file = await readFile(join(repositoryRoot, 'actions', action, 'action.yml'), 'utf8');
        const own = Object.keys((parseWorkflow(file) as unknown as Called).inputs ?? {});
        const left = own.filter((name) => (name in inputs || name in secrets) && !(name in (step.with ?? {})));
        if (left.length > 0) missing[`${id} ${action}`] = left.toSorted();
      }
    }
    expect(missing).toEqual(NOT_PASSED);
    const text = sources.get('commit-to-registry.yml') ?? '';
    expect(Object.keys(inputs).filter((name) => !new RegExp(`inputs\\.${name}(?![\\w-])`).test(text))).toEqual([]);
    expect(Object.keys(secrets).filter((name) => !new RegExp(`secrets\\.${name}(?![\\w-])`).test(text))).toEqual([]);
  });

  test('gives the paths of the build as they are to the step that checks and to the one that builds', () => {
    const withOf = (id: string, action: string) =>
      (job(id).steps ?? []).find(({ uses }) => uses === `$/actions/${action}`)?.with ?? {};
    const [checked, built] = [withOf('plan', 'lint-source'), withOf('build', 'build-image')];
    const names = ['context', 'target', 'build-args'];
    for (const name of names) expect([checked[name], built[name]]).toEqual(Array(2).fill(`\${{ inputs.${name} }}`));
    expect([checked.files, built.file]).toEqual(Array(2).fill(`\${{ inputs.file }}`));
    expect(checked['as-built']).toBe(true);
    expect(built['build-contexts']).toBeUndefined();
  });

  interface Called {
    readonly inputs?: Readonly<Record<string, unknown>>;
    readonly secrets?: Readonly<Record<string, unknown>>;
  }

  test('takes approvals, a time limit, LFS and submodules from the caller', () => {
    expect([job('publish').environment, job('build')['timeout-minutes']]).toEqual([
      `\${{ inputs.environment }}`,
      `\${{ inputs.timeout-minutes }}`,
    ]);
    const [checkout] = job('build').steps ?? [];
    expect(checkout?.with).toEqual({
      'persist-credentials': false,
      lfs: `\${{ inputs.lfs }}`,
      submodules: `\${{ inputs.submodules }}`,
    });
  });

  test('keeps the layouts of platforms for a day, and what publish needs for five', () => {
    const kept = Object.values(jobsById())
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('actions/upload-artifact@'))
      .map((step) => [step.with?.name, step.with?.['retention-days']]);
    expect(Object.fromEntries(kept)).toEqual({
      [`\${{ steps.plan.outputs.artifact }}-plan`]: 5,
      [`\${{ needs.plan.outputs.artifact }}-baseline`]: 5,
      [`\${{ matrix.artifact }}`]: 1,
      [`\${{ needs.plan.outputs.artifact }}-reports`]: undefined,
      [`\${{ needs.plan.outputs.artifact }}`]: 5,
    });
  });

  test('tells plan whether there is a key, and not the key', () => {
    const given = job('plan').steps?.find((step) => step.id === 'plan')?.with?.['key-given'];
    const isGiven = `(secrets.signing-key || secrets.SIGNING_KEY) != '' && 'true'`;
    expect(given).toBe(`\${{ ${isGiven} || (inputs.environment != '' && 'unknown' || 'false') }}`);
  });

  test.each([
    ['build-secrets', ['build: secrets']],
    ['registry-auths', ['build: registry-auths']],
    ['registry-password', ['baseline: registry-password', 'publish: registry-password']],
    ['signing-key', ['baseline: key', 'publish: key']],
    ['signing-key-password', ['baseline: key-password', 'publish: key-password']],
  ])('uses the secret %s, or its name for secrets: inherit, where it is needed and nowhere else', (secret, places) => {
    const inherited = secret.toUpperCase().replaceAll('-', '_');
    const used = Object.entries(jobsById()).flatMap(([id, { steps = [] }]) =>
      steps.flatMap((step) =>
        Object.entries({ ...step.with, ...step.env })
          .filter(([, value]) => value === `\${{ secrets.${secret} || secrets.${inherited} }}`)
          .map(([input]) => `${id}: ${input}`),
      ),
    );
    expect(used).toEqual(places);
    const mentions = Object.entries(jobsById()).flatMap(([id, { steps = [] }]) =>
      steps.flatMap((step) =>
        Object.entries({ ...step.with, ...step.env })
          .filter(([, value]) => new RegExp(`secrets\\.(${secret}|${inherited})(?![\\w-])`).test(String(value)))
          .map(([input]) => `${id}: ${input}`),
      ),
    );
    expect(mentions.filter((place) => place !== 'plan: key-given')).toEqual(places);
  });

  test('gives the outputs of each platform names that no other leg writes, and joins them in order', () => {
    const indexes = Array.from({ length: 10 }, (_, index) => index);
    const own = (index: number, output: string) => `\${{ matrix.index == ${index} && steps.${output} || '' }}`;
    expect(job('build').outputs).toEqual(
      Object.fromEntries(
        indexes.flatMap((i) => [
          [`digest-${i}`, own(i, 'build.outputs.digest')],
          [`artifact-id-${i}`, own(i, 'hand-over.outputs.artifact-id')],
        ]),
      ),
    );
    const { steps = [] } = job('scan');
    const join = steps.find((step) => step.id === 'join');
    expect(String(join?.with?.digests).trim().split('\n')).toEqual(
      indexes.map((i) => `\${{ needs.build.outputs.digest-${i} }}`),
    );
    const fetched = steps.flatMap((step) => String(step.with?.['artifact-ids'] ?? '').match(/build\S+-\d/g) ?? []);
    expect(fetched).toEqual(indexes.map((i) => `build.outputs.artifact-id-${i}`));
  });

  test('fetches artifacts by the ids that job outputs name, never by a name that another job could use', () => {
    const fetches = Object.values(jobsById())
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('actions/download-artifact@'));
    expect(fetches.length).toBe(6);
    for (const { with: inputs = {} } of fetches) {
      expect(Object.keys(inputs)).toEqual(expect.not.arrayContaining(['name', 'pattern']));
      const ids = String(inputs['artifact-ids'])
        .split(/\}\}[,\s]*/)
        .filter(Boolean);
      for (const id of ids) expect(id).toMatch(/^\$\{\{ needs\.\w+\.outputs\.(plan-)?artifact-id(-\d)? $/);
    }
  });

  test('fetches nothing into the workspace, which on a self-hosted runner holds what the job before left', () => {
    const paths = Object.values(jobsById())
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('actions/download-artifact@'))
      .map((step) => String(step.with?.path));
    for (const path of paths) expect(path).toMatch(/^\$\{\{ runner\.temp \}\}\//);
  });
});

test("README's one-step example is the file of the examples", async () => {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const block = /\*\*One step\*\*.*\n\n```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const example = await readWorkflow(join(repositoryRoot, 'examples/workflows/one-step.yml'));
  expect(parseWorkflow(block)).toEqual(example);
  expect(example.jobs.image?.permissions).toMatchObject({ 'id-token': 'write' });
});

describe('dependency updates', () => {
  test('wait a week', async () => {
    const source = await readFile(join(repositoryRoot, '.github/dependabot.yml'), 'utf8');
    const ecosystems = source.match(/package-ecosystem:/g) ?? [];
    expect(ecosystems.length).toBe(4);
    expect(source.match(/default-days: 7\n/g)?.length).toBe(ecosystems.length);
  });
});

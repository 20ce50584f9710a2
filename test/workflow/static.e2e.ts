/** Promises of the workflows that no run on one machine can show: permissions, conditions, order. */
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
      rebuild: { contents: 'read' },
      test: { contents: 'read' },
      baseline: { 'id-token': 'write', packages: 'read', contents: 'read' },
      scan: {},
      'hand-over': { 'id-token': 'write' },
      publish: { 'id-token': 'write', packages: 'write', contents: 'read' },
    });
  });

  test('publishes after plan, build, tests and scan', () => {
    const order = Object.entries(jobsById()).map(([id, { needs }]) => [id, [needs ?? []].flat()]);
    expect(Object.fromEntries(order)).toEqual({
      plan: [],
      build: ['plan'],
      rebuild: ['plan', 'build'],
      test: ['plan', 'build'],
      baseline: ['plan'],
      scan: ['plan', 'build', 'rebuild', 'test', 'baseline'],
      'hand-over': ['plan', 'build', 'scan'],
      publish: ['plan', 'build', 'scan'],
    });
  });

  const conditionsOf = (id: string) => {
    const [, condition = ''] = /^\$\{\{(.*)\}\}$/s.exec((job(id).if ?? '').trim()) ?? [];
    return condition.split('&&').map((part) => part.trim().replace(/\s+/g, ' '));
  };

  test('publishes only what the plan publishes, the gate passed, and no stranger can cause', () => {
    expect(conditionsOf('publish')).toEqual([
      '!cancelled()',
      'inputs.publish',
      "needs.scan.result == 'success'",
      "needs.plan.outputs.publish == 'true'",
      "needs.scan.outputs.verdict == 'pass'",
      `contains(fromJSON('["push", "schedule", "workflow_dispatch", "release"]'), github.event_name)`,
    ]);
    // always() and its like would publish after a failed job, so the jobs that may follow one that was skipped ask
    // for the success of the others by name. Steps that keep reports run after a failed step.
    const always = /\b(always|failure|cancelled|success)\(\)/;
    const after = Object.entries(jobsById()).filter(([, each]) => always.test(each.if ?? ''));
    expect(after.map(([id]) => id)).toEqual(['scan', 'hand-over', 'publish']);
    expect(conditionsOf('hand-over').toSorted()).toEqual(
      [...conditionsOf('publish'), "needs.plan.outputs.signing == 'keyless'"]
        .map((part) => (part === 'inputs.publish' ? '!inputs.publish' : part))
        .toSorted(),
    );
    expect(conditionsOf('scan')).toEqual([
      '!cancelled()',
      "needs.build.result == 'success'",
      `contains(fromJSON('["success", "skipped"]'), needs.rebuild.result)`,
      `contains(fromJSON('["success", "skipped"]'), needs.test.result)`,
      `contains(fromJSON('["success", "skipped"]'), needs.baseline.result)`,
    ]);
    expect(job('rebuild').if).toBe("contains(inputs.reproducible, 'check')");
    expect(job('test').if).toBe("inputs.tests != '' || inputs.test-command != '' || inputs.test-health-url != ''");
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
    const fetches = Array(3).fill('actions/download-artifact');
    expect(uses).toEqual([...fetches, '$/actions/join-layouts', '$/actions/sign-image', '$/actions/push-image']);
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

  test('gives the paths of the build as they are to the step that checks and to the one that builds', () => {
    const withOf = (id: string, action: string) =>
      (job(id).steps ?? []).find(({ uses }) => uses === `$/actions/${action}`)?.with ?? {};
    const [checked, built] = [withOf('plan', 'lint-source'), withOf('build', 'build-image')];
    const names = ['context', 'target', 'build-args'];
    expect(built['build-contexts']).toBe(`\${{ inputs.build-contexts }}`);
    expect(String(checked['build-contexts']).trimEnd().split('\n')).toEqual([
      built['build-contexts'],
      `\${{ inputs.context-artifact-id != '' && 'artifact=artifact' || '' }}`,
    ]);
    for (const name of names) expect([checked[name], built[name]]).toEqual(Array(2).fill(`\${{ inputs.${name} }}`));
    expect([checked.files, built.file]).toEqual(Array(2).fill(`\${{ inputs.file }}`));
    expect(checked['as-built']).toBe(true);
  });

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

  test('keeps what publish needs for five days, so that an approval can wait: layers, evidence and the policy', () => {
    const kept = Object.values(jobsById())
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('actions/upload-artifact@'))
      .map((step) => [step.with?.name, step.with?.['retention-days']]);
    expect(Object.fromEntries(kept)).toEqual({
      '${{ steps.plan.outputs.artifact }}-plan': 5,
      '${{ needs.plan.outputs.artifact }}-baseline': 5,
      '${{ matrix.artifact }}': 5,
      '${{ matrix.artifact }}-tests': 5,
      '${{ needs.plan.outputs.artifact }}-reports': undefined,
      '${{ needs.plan.outputs.artifact }}': 5,
    });
  });

  test('tells plan whether there is a key, and not the key', () => {
    const given = job('plan').steps?.find((step) => step.id === 'plan')?.with?.['key-given'];
    const isGiven = `(secrets.signing-key || secrets.SIGNING_KEY) != '' && 'true'`;
    expect(given).toBe(`\${{ ${isGiven} || ((inputs.environment != '' || !inputs.publish) && 'unknown' || 'false') }}`);
  });

  test.each([
    ['build-secrets', ['build: secrets', 'rebuild: secrets']],
    ['builder-ca', ['build: builder-ca', 'rebuild: builder-ca']],
    ['builder-cert', ['build: builder-cert', 'rebuild: builder-cert']],
    ['builder-key', ['build: builder-key', 'rebuild: builder-key']],
    ['registry-auths', ['build: registry-auths', 'rebuild: registry-auths']],
    ['registry-password', ['baseline: registry-password', 'publish: registry-password']],
    ['destination-auths', ['baseline: destination-auths', 'publish: destination-auths']],
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
    // Whether there is a key, not the key.
    expect(mentions.filter((place) => !['plan: key-given', 'plan: signing'].includes(place))).toEqual(places);
  });

  test('gives the outputs of each platform names that no other leg writes, and joins them in order', () => {
    const indexes = Array.from({ length: 20 }, (_, index) => index);
    const own = (index: number, output: string) => `\${{ matrix.index == ${index} && steps.${output} || '' }}`;
    expect(job('build').outputs).toEqual(
      Object.fromEntries(
        indexes.flatMap((i) => [
          [`digest-${i}`, own(i, 'build.outputs.digest')],
          [`artifact-id-${i}`, own(i, 'hand-over.outputs.artifact-id')],
          [`runner-${i}`, own(i, 'build.outputs.runner')],
        ]),
      ),
    );
    const { steps = [] } = job('scan');
    const join = steps.find((step) => step.id === 'join');
    expect(String(join?.with?.digests).trim().split('\n')).toEqual(
      indexes.map((i) => `\${{ needs.build.outputs.digest-${i} }}`),
    );
    expect(job('rebuild').outputs).toEqual(
      Object.fromEntries(indexes.map((i) => [`reproduced-${i}`, own(i, 'rebuild.outputs.reproduced')])),
    );
    expect(String(join?.with?.reproduced).trim().split('\n')).toEqual(
      indexes.map((i) => `\${{ needs.rebuild.outputs.reproduced-${i} }}`),
    );
    for (const id of ['scan', 'publish']) {
      const fetched = (job(id).steps ?? []).flatMap(
        (step) => String(step.with?.['artifact-ids'] ?? '').match(/build\S+-\d+/g) ?? [],
      );
      expect(fetched).toEqual(indexes.map((i) => `build.outputs.artifact-id-${i}`));
    }
    const handed = String(job('scan').outputs?.['layout-artifact-ids']).match(/outputs\.artifact-id(-\d+)?(?= )/g);
    expect(handed).toEqual(['outputs.artifact-id', ...indexes.map((i) => `outputs.artifact-id-${i}`)]);
  });

  test('tests each platform where it was built, by the digest of its own leg, and hands over the results only', () => {
    const { outputs = {}, 'runs-on': runner, strategy, steps = [] } = job('test');
    expect([runner, strategy]).toEqual([job('build')['runs-on'], job('build').strategy]);
    const ids = Object.entries(job('build').outputs ?? {}).filter(([name]) => name.startsWith('artifact-id-'));
    expect(Object.entries(outputs)).toEqual(ids);
    const own = (name: string) => `\${{ needs.build.outputs[format('${name}-{0}', matrix.index)] }}`;
    const withOf = (action: string) => steps.find(({ uses }) => uses?.startsWith(action))?.with ?? {};
    expect(withOf('actions/download-artifact@')['artifact-ids']).toBe(own('artifact-id'));
    expect(withOf('$/actions/test-image')['expected-digest']).toBe(own('digest'));
    expect(withOf('actions/upload-artifact@').path).toBe(withOf('$/actions/test-image')['results-dir']);
  });

  test('keeps what each build and each test hands over in a folder of its own until it is joined', () => {
    const { steps = [] } = jobsById().scan ?? {};
    const fetches = steps.filter((step) => step.uses?.startsWith('actions/download-artifact@'));
    expect(fetches.length).toBe(4);
    for (const { with: inputs = {} } of fetches) expect(inputs).not.toHaveProperty('merge-multiple');
  });

  test('fetches artifacts by the ids that job outputs name, never by a name that another job could use', () => {
    const fetches = Object.values(jobsById())
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('actions/download-artifact@'));
    expect(fetches.length).toBe(13);
    for (const { with: inputs = {} } of fetches) {
      expect(Object.keys(inputs)).toEqual(expect.not.arrayContaining(['name', 'pattern']));
      const ids = String(inputs['artifact-ids'])
        .split(/\}\}[,\s]*/)
        .filter(Boolean);
      const named =
        /^\$\{\{ needs\.\w+\.outputs(\.(plan-)?artifact-id(-\d+)?|\[format\('artifact-id-\{0\}', matrix\.index\)\]) $/;
      // The caller's own is compared with its digest.
      const isContext = (id: string) => id === `\${{ inputs.context-artifact-id ` && inputs['skip-decompress'] === true;
      for (const id of ids.filter((one) => !isContext(one))) expect(id).toMatch(named);
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

test('the example of single steps signs and pushes on the events that publish, and on no other', async () => {
  const example = await readWorkflow(join(repositoryRoot, 'examples/workflows/steps.yml'));
  const steps = example.jobs.image?.steps ?? [];
  const conditions = steps.map(({ uses = '', if: condition = '' }) => [
    /actions\/([a-z-]+)@v1$/.exec(uses)?.[1],
    condition,
  ]);
  expect(conditions.filter(([action, condition]) => condition !== '' || action === 'sign-image')).toEqual([
    ['sign-image', "steps.plan.outputs.publish == 'true'"],
    ['push-image', "steps.plan.outputs.publish == 'true'"],
  ]);
  const images = steps
    .filter(({ uses = '' }) => /actions\/(plan|push-image)@/.test(uses))
    .map((step) => step.with?.image);
  expect(images).toEqual(Array(2).fill(`ghcr.io/\${{ github.repository }}`));
  expect(steps.find(({ uses = '' }) => uses.includes('/plan@'))?.id).toBe('plan');
});

describe('dependency updates', () => {
  test('wait a week', async () => {
    const source = await readFile(join(repositoryRoot, '.github/dependabot.yml'), 'utf8');
    const ecosystems = source.match(/package-ecosystem:/g) ?? [];
    expect(ecosystems.length).toBe(4);
    expect(source.match(/default-days: 7\n/g)?.length).toBe(ecosystems.length);
  });
});

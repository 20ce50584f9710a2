import { expect, test } from '@jest/globals';
import { parseWorkflow } from '../github/workflow.ts';
import type { WorkflowRun } from './act.ts';
import { giveJobTokens, jobTokens, withJobsDone, withKeptTree } from './jobs.ts';

const SOURCE = `
jobs:
  plan:
    runs-on: x
    permissions: { contents: read }
    outputs:
      tags: \${{ steps.plan.outputs.tags }}
      none: \${{ steps.plan.outputs.none }}
    steps:
      - uses: actions/checkout@v7
      - id: plan
        uses: acme/suite/actions/plan@v1
        with: { image: app }
  build:
    needs: plan
    runs-on: x
    permissions: { contents: write }
    strategy: { matrix: { a: [1] } }
    outputs:
      digest: "\${{ matrix.a == 1 && steps.build.outputs.digest || '' }}"
      other: "\${{ matrix.a == 2 && steps.build.outputs.digest || env.LEFT_TO_OTHER_LEGS_other }}"
    steps: [{ uses: acme/suite/actions/build-image@v1 }]
  scan:
    needs: [plan, build]
    runs-on: x
    permissions: {}
    steps: [{ uses: acme/suite/actions/scan-image@v1, with: { token: own } }]
`;
const stepsIn = (text: string, job: string) => parseWorkflow(text).jobs[job]?.steps ?? [];

// docs.github.com/actions/concepts/security/github_token: "a unique GITHUB_TOKEN secret" for each job.
test('each job has a token of its own, which may do what the job may', () => {
  const text = giveJobTokens(SOURCE, new Set(['plan', 'scan-image']));
  expect(stepsIn(text, 'plan')[1]?.with).toEqual({ token: 'token-of-plan', image: 'app' });
  expect(stepsIn(text, 'build')[0]?.with).toBeUndefined();
  expect(stepsIn(text, 'scan')[0]?.with).toEqual({ token: 'own' });
  expect(jobTokens(SOURCE)).toEqual([
    { token: 'token-of-plan', contents: 'read' },
    { token: 'token-of-build', contents: 'read' },
    { token: 'token-of-scan', contents: 'none' },
  ]);
});

// docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs, "Re-running failed jobs in a
// workflow".
test('a job that is done keeps its outputs and its place, and does nothing', () => {
  const job = { id: 'plan', matrix: {}, steps: [{ id: 'plan', outputs: { tags: '1.2\nlatest' } }] };
  const leg = (a: number, digest: string) => ({
    id: 'build',
    matrix: { a },
    steps: [{ id: 'build', outputs: { digest } }],
  });
  const run = { jobs: [job, leg(2, 'two'), leg(1, 'one')] } as unknown as WorkflowRun;
  const text = withJobsDone(SOURCE, run, ['plan', 'build']);
  expect(parseWorkflow(text).jobs.plan).toEqual({
    'runs-on': 'ubuntu-latest',
    outputs: { tags: '1.2\nlatest', none: '' },
    steps: [{ name: 'Done in an earlier attempt', run: 'true' }],
  });
  expect(parseWorkflow(text).jobs.build).toMatchObject({ needs: 'plan', outputs: { digest: 'one', other: 'two' } });
  expect(parseWorkflow(text).jobs.build?.strategy).toBeUndefined();
  expect(stepsIn(text, 'scan')).toEqual(stepsIn(SOURCE, 'scan'));
});

test('only jobs without a checkout find the tree that was left', () => {
  const text = withKeptTree(SOURCE, '/left');
  expect(stepsIn(text, 'plan')).toEqual(stepsIn(SOURCE, 'plan'));
  expect(stepsIn(text, 'scan')[0]?.env).toEqual({ TREE: '/left' });
});

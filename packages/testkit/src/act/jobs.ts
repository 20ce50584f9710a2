/**
 * Behaviour of GitHub's jobs that act lacks, as changes to the workflow for act (JSON is YAML): a token for each job,
 * jobs that an earlier attempt has completed, and the work tree that a self-hosted runner keeps.
 */
import { parse } from 'yaml';
import type { ApiToken } from '../github/repository.ts';
import { parseWorkflow, type WorkflowJob } from '../github/workflow.ts';
import type { WorkflowRun } from './act.ts';

type Jobs = Record<string, Record<string, unknown> & { steps: Record<string, unknown>[] }>;

function changed(source: string, change: (jobs: Jobs) => void): string {
  const workflow = parse(source);
  change(workflow.jobs);
  return JSON.stringify(workflow, null, 2);
}

/** The output of a step, also if it is that of one leg of a matrix, as suite.ts writes it for act, too. */
const OUTPUT =
  /\$\{\{ (?:matrix\.(\w+) == (\w+) && )?steps\.([\w-]+)\.outputs\.([\w-]+)(?: \|\| (?:''|env\.\w+))? \}\}/g;

const tokenOf = (job: string) => `token-of-${job}`;

/**
 * GitHub creates a token for each job, with the permissions of that job. act has one token for all.
 * @param takesToken names of the suite's actions that have an input `token`
 */
export function giveJobTokens(source: string, takesToken: ReadonlySet<string>): string {
  return changed(source, (jobs) => {
    for (const [id, { steps }] of Object.entries(jobs)) {
      for (const step of steps) {
        const action = /\/actions\/([a-z-]+)@/.exec(String(step.uses))?.[1];
        if (action && takesToken.has(action)) step.with = { token: tokenOf(id), ...(step.with as object) };
      }
    }
  });
}

/** The rights of each job's token in a private repository, by the job's `permissions`. */
export function jobTokens(source: string): readonly ApiToken[] {
  const mayRead = ({ permissions }: WorkflowJob) =>
    typeof permissions === 'object' && (permissions.contents === 'read' || permissions.contents === 'write');
  return Object.entries(parseWorkflow(source).jobs).map(([id, job]) => ({
    token: tokenOf(id),
    contents: mayRead(job) ? 'read' : 'none',
  }));
}

/**
 * The workflow with completed jobs: each has the outputs that it had in `run`, and does nothing. This is how GitHub
 * re-runs the failed jobs of a run ("Re-running failed jobs": the outputs of those that succeeded are kept). A matrix
 * becomes one job with the outputs of all its legs.
 */
export function withJobsDone(source: string, run: WorkflowRun, ids: readonly string[]): string {
  return changed(source, (jobs) => {
    for (const id of ids) {
      const { outputs = {} } = parseWorkflow(source).jobs[id] ?? {};
      const legs = run.jobs.filter((job) => job.id === id);
      const textOf = (expression: string) =>
        expression.replace(OUTPUT, (_, key: string | undefined, value, step, output) => {
          const leg = key === undefined ? legs[0] : legs.find(({ matrix }) => String(matrix[key]) === value);
          return leg?.steps.find((one) => one.id === step)?.outputs[output] ?? '';
        });
      jobs[id] = {
        'runs-on': 'ubuntu-latest',
        ...(jobs[id]?.needs ? { needs: jobs[id].needs } : {}),
        // Without it, a job that needs a skipped job would be skipped, too.
        ...(jobs[id]?.if ? { if: jobs[id].if } : {}),
        ...(legs.length > 0
          ? { outputs: Object.fromEntries(Object.entries(outputs).map(([key, to]) => [key, textOf(to)])) }
          : {}),
        steps: [{ name: 'Done in an earlier attempt', run: 'true' }],
      };
    }
  });
}

/**
 * A self-hosted runner keeps its work tree: a job without a checkout finds the files of the previous job
 * (actions/runner, PipelineDirectoryManager.cs).
 * @param tree folder that such jobs find in their workspace
 */
export function withKeptTree(source: string, tree: string): string {
  return changed(source, (jobs) => {
    for (const job of Object.values(jobs)) {
      if (job.steps.some(({ uses }) => String(uses).startsWith('actions/checkout@'))) continue;
      job.steps.unshift({ name: 'What the job before left', env: { TREE: tree }, run: 'cp -R "$TREE/." .' });
    }
  });
}

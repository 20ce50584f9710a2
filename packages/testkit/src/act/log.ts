/** The events in act's `--json` log: jobs, their steps, results, outputs. */

type Conclusion = 'success' | 'failure' | 'skipped';

export interface StepRun {
  /** The step's `id:`, otherwise its number from 0. */
  readonly id: string;
  readonly name: string;
  /** `failure` if any of its stages (pre, main, post) failed; undefined if it never ended. */
  readonly conclusion: Conclusion | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Its output, and act's errors about it, masked by act. */
  readonly log: string;
}

export interface JobRun {
  /** Key in the workflow's `jobs:`. */
  readonly id: string;
  /** With the workflows that called it and the leg of the matrix: `image/commit-to-registry.yml/build-2`. */
  readonly name: string;
  readonly matrix: Readonly<Record<string, unknown>>;
  readonly conclusion: 'success' | 'failure' | undefined;
  readonly steps: readonly StepRun[];
}

interface Line {
  readonly job?: string;
  readonly jobID?: string;
  readonly matrix?: Record<string, unknown>;
  readonly stepID?: readonly string[];
  readonly step?: string;
  readonly stepResult?: Conclusion;
  readonly jobResult?: 'success' | 'failure';
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly raw_output?: boolean;
  readonly level?: string;
  readonly msg?: string;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenStep = Open<StepRun> & { outputs: Record<string, string> };
type OpenJob = Open<JobRun> & { steps: OpenStep[]; byId: Map<string, OpenStep> };

export function readActLog(log: string): readonly JobRun[] {
  const jobs = new Map<string, OpenJob>();
  for (const text of log.split('\n')) {
    if (!text.startsWith('{')) continue;
    const line: Line = JSON.parse(text);
    if (line.job === undefined || line.jobID === undefined) continue;
    // act pads names to the same width.
    const name = line.job.trimEnd();
    const job = getOrAdd(jobs, name, () => newJob(name, line));
    if (line.jobResult) job.conclusion = line.jobResult;
    const stepId = line.stepID?.join('/');
    if (stepId === undefined) continue;
    const step = getOrAdd(job.byId, stepId, () => newStep(job, stepId, line.step ?? ''));
    if (line.stepResult && step.conclusion !== 'failure') step.conclusion = line.stepResult;
    if (line.command === 'set-output' && line.name !== undefined) step.outputs[line.name] = line.arg ?? '';
    if (line.command === 'summary') step.summary += line.content ?? '';
    if (line.raw_output || line.command || line.level === 'error') step.log += withNewline(line.msg ?? '');
  }
  // A job that called a workflow has no steps and no end in the log.
  return [...jobs.values()].filter((job) => job.steps.length > 0).map(({ byId: _, ...job }) => job);
}

function newJob(name: string, line: Line): OpenJob {
  return { id: line.jobID ?? '', name, matrix: line.matrix ?? {}, conclusion: undefined, steps: [], byId: new Map() };
}

function newStep(job: OpenJob, id: string, name: string): OpenStep {
  const step: OpenStep = { id, name, conclusion: undefined, outputs: {}, summary: '', log: '' };
  job.steps.push(step);
  return step;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

const withNewline = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

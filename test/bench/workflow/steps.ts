import { readFile } from 'node:fs/promises';

/** A step's process. */
export interface Step {
  /** `upload-artifact`, or an action of the suite. */
  readonly action: string;
  readonly job: string;
  readonly seconds: number;
}

interface Note {
  readonly began: number;
  readonly ended: number;
  readonly program?: string;
  readonly job?: string;
}

/** @param file as note-times.mjs wrote it */
export async function readSteps(file: string): Promise<readonly Step[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.flatMap((line) => {
    const { began, ended, program = '', job = '' }: Note = JSON.parse(line);
    const action = actionOf(program);
    return action === undefined ? [] : [{ action, job, seconds: (ended - began) / 1000 }];
  });
}

/** @returns undefined if the program is not that of a step. */
function actionOf(program: string): string | undefined {
  return (
    /\/dist\/([a-z-]+)\/index\.js$/.exec(program)?.[1] ??
    /((?:up|down)load-artifact)[^/]*\/main\.mjs$/.exec(program)?.[1]
  );
}

/** Where the seconds of a run of the workflow went. */
export interface Phases {
  readonly whole: number;
  readonly uploads: number;
  readonly downloads: number;
  readonly join: number;
  /** By job and action, such as `scan: generate-sbom`. */
  readonly work: Readonly<Record<string, number>>;
  /** No step's process ran: act starts jobs and steps, copies the actions and checks out. */
  readonly act: number;
}

export function phasesOf(steps: readonly Step[], whole: number): Phases {
  const secondsOf = (action: string) =>
    steps.filter((step) => step.action === action).reduce((sum, { seconds }) => sum + seconds, 0);
  const [uploads, downloads, join] = ['upload-artifact', 'download-artifact', 'join-layouts'].map(secondsOf);
  const work: Record<string, number> = {};
  for (const { action, job, seconds } of steps) {
    if (action === 'join-layouts' || action.endsWith('-artifact')) continue;
    work[`${job}: ${action}`] = (work[`${job}: ${action}`] ?? 0) + seconds;
  }
  const all = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return { whole, uploads: uploads ?? 0, downloads: downloads ?? 0, join: join ?? 0, work, act: whole - all };
}

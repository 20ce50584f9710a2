import { describe, expect, test } from '@jest/globals';
import { readActLog } from './log.ts';

const lines = (...all: object[]) => all.map((line) => JSON.stringify(line)).join('\n');
const at = { job: 'image/w.yml/build-1 ', jobID: 'build', matrix: { index: 0 } };
const step = { ...at, stepID: ['build'], step: 'Build' };

describe("act's log", () => {
  test('tells a job with the leg of its matrix, its steps, what they said and how they ended', () => {
    const log = lines(
      { level: 'warning', msg: 'no docker' },
      { ...step, stage: 'Main', msg: 'hello\n', raw_output: true },
      { ...step, command: 'set-output', name: 'digest', arg: 'sha256:00', msg: 'set-output' },
      { ...step, command: 'summary', content: '# One\n', msg: 'summary' },
      { ...step, stage: 'Main', stepResult: 'success', msg: 'ok' },
      { ...at, jobResult: 'success', msg: 'done' },
    );
    expect(readActLog(log)).toEqual([
      {
        ...{ id: 'build', name: 'image/w.yml/build-1', matrix: { index: 0 }, conclusion: 'success' },
        steps: [
          {
            ...{ id: 'build', name: 'Build', conclusion: 'success' },
            ...{ outputs: { digest: 'sha256:00' }, summary: '# One\n', log: 'hello\nset-output\nsummary\n' },
          },
        ],
      },
    ]);
  });

  test('a step whose post stage failed has failed', () => {
    const log = lines(
      { ...step, stage: 'Main', stepResult: 'success' },
      { ...step, stage: 'Post', stepResult: 'failure' },
    );
    expect(readActLog(log)[0]?.steps[0]?.conclusion).toBe('failure');
  });

  test('a job that never ended has no conclusion', () => {
    expect(readActLog(lines({ ...step, msg: 'on' }))[0]?.conclusion).toBeUndefined();
  });

  test('a job that called a workflow is represented by the jobs it called', () => {
    expect(readActLog(lines({ job: 'ship.yml/image', jobID: 'image', msg: 'matched' }))).toEqual([]);
  });
});

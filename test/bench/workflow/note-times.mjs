/**
 * Loaded into each step of a workflow (`node --import`): notes in BENCH_STEPS, a line of JSON each, when its process
 * began and ended, its program and its job. JavaScript: to read TypeScript first would be part of what is measured.
 */
import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const file = process.env.BENCH_STEPS;
if (file !== undefined) {
  process.on('exit', () => {
    const [, program] = process.argv;
    const began = performance.timeOrigin;
    const step = { began, ended: began + performance.now(), program, job: process.env.GITHUB_JOB };
    appendFileSync(file, `${JSON.stringify(step)}\n`);
  });
}

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failedSuites, type Tally, tallyOf, tallyOfBoth } from './jest-report.ts';

export interface Stage {
  readonly name: string;
  /** Its purpose, in a few words. */
  readonly about: string;
  run(): Promise<Tally>;
}

/** A check that counts as one test: it passes if the program exits with 0. */
export function check(name: string, about: string, root: string, argv: readonly string[]): Stage {
  return {
    name,
    about,
    async run() {
      const code = await node(root, argv, {});
      return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
    },
  };
}

/** For tests that start real tools: with more failed suites, the cause is not the load of the machine. */
export const FEW_SUITES = 8;

/**
 * Jest with a configuration; a suite that fails to start counts as a failed test, and so does a run without tests.
 * @param mostAgain if at most so many suites failed, they run once more, one at a time: tests with time limits that run
 * beside others can fail by the load of the machine. Those that pass then are named, so that nobody overlooks them
 */
export function jest(name: string, about: string, root: string, config: string, mostAgain = 0): Stage {
  return {
    name,
    about,
    async run() {
      const first = await runJest(root, config, []);
      const suites = failedSuites(first.report, root);
      if (suites.size === 0 || suites.size > mostAgain) {
        sayFailed(suites);
        return tallyOf(first.report, first.code);
      }
      console.log(`\nOnce more, one at a time: ${[...suites.keys()].join(', ')}`);
      const second = await runJest(root, config, ['--runInBand', '--runTestsByPath', ...suites.keys()]);
      const still = failedSuites(second.report, root);
      for (const [suite, tests] of suites) {
        if (!still.has(suite)) console.log(`Passed only in the second run: ${suite}: ${tests.join('; ')}`);
      }
      sayFailed(still);
      return tallyOfBoth(first.report, second.report, second.code);
    },
  };
}

/** At the end of a stage, where a reader of a long log looks first. */
function sayFailed(suites: ReadonlyMap<string, readonly string[]>): void {
  for (const [suite, tests] of suites) {
    for (const test of tests.length > 0 ? tests : ['does not load']) console.log(`Failed: ${suite}: ${test}`);
  }
}

interface JestRun {
  /** Empty if jest left none. */
  readonly report: string;
  readonly code: number;
}

async function runJest(root: string, config: string, more: readonly string[]): Promise<JestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-jest-'));
  try {
    const file = join(folder, 'report.json');
    const output = ['--json', '--outputFile', file, '--reporters', 'default'];
    const argv = ['node_modules/jest/bin/jest.js', '--config', config, ...output, ...more];
    const code = await node(root, argv, {
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
    });
    return { report: await readFile(file, 'utf8').catch(() => ''), code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function node(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    // stdout of jest --json would be the report: all readable output goes to stderr, and both are shown.
    const child = spawn(process.execPath, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

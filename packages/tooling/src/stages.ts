import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export interface Stage {
  readonly name: string;
  /** What it shows, in a few words. */
  readonly about: string;
  run(): Promise<Tally>;
}

/** A check that is one test: it passes when the program ends with 0. */
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

/** Jest with a configuration; a suite that could not start counts as a failed test, and so does a run without any. */
export function jest(name: string, about: string, root: string, config: string): Stage {
  return {
    name,
    about,
    async run() {
      const folder = await mkdtemp(join(tmpdir(), 'tidegate-jest-'));
      try {
        const report = join(folder, 'report.json');
        const argv = [
          'node_modules/jest/bin/jest.js',
          '--config',
          config,
          '--json',
          '--outputFile',
          report,
          '--reporters',
          'default',
        ];
        const code = await node(root, argv, {
          NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        });
        return tallyOf(await readFile(report, 'utf8').catch(() => ''), code);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What jest's JSON report counts. Anything that is not sure to be a success is at least one failure. */
export function tallyOf(report: string, code: number): Tally {
  if (report === '') return { passed: 0, failed: 1 };
  const counts = JSON.parse(report) as Partial<
    Record<'numPassedTests' | 'numFailedTests' | 'numRuntimeErrorTestSuites', number>
  >;
  const passed = counts.numPassedTests ?? 0;
  const failed = (counts.numFailedTests ?? 0) + (counts.numRuntimeErrorTestSuites ?? 0);
  const silent = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}

function node(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    // stdout of jest --json would be the report: everything readable goes to stderr, and both are shown.
    const child = spawn(process.execPath, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

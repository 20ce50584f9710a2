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

/** Jest with a configuration; a suite that fails to start counts as a failed test, and so does a run without tests. */
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

/** The counts of jest's JSON report. Anything that is not a clear success counts as at least one failure. */
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

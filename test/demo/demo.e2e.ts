/** The demo as a reader of the README starts it. It checks its own promises: here, that it ends well, and leaves nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { processesNaming, repositoryRoot } from '@tidegate/testkit';

/** Tools, base images and the compiler's cache may all have to be made first. */
const FIRST_RUN = 30 * 60_000;
/** Other suites run beside it. */
const WARM = 3 * 60_000;

let temp: string;
beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'demo-e2e-'));
});
afterEach(() => rm(temp, { recursive: true, force: true }));

interface Run {
  readonly exit: number | null;
  readonly printed: string;
}

/** @param onText sees all that was printed so far, each time more is */
function runDemo(onText: (printed: string, child: ChildProcess) => void = () => {}): Promise<Run> {
  const child = spawn(process.execPath, ['packages/tooling/bin/bootstrap.mjs', 'test/demo/demo.ts'], {
    cwd: repositoryRoot,
    env: { ...process.env, TMPDIR: temp, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      onText(printed, child);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, printed }));
  });
}

describe('npm run demo', () => {
  test(
    'a release goes through, a vulnerable one is refused, and nothing is left behind',
    async () => {
      const { exit, printed } = await runDemo();
      expect({ exit, printed }).toMatchObject({
        exit: 0,
        printed: expect.stringMatching(/\nDone in .+ was refused\.\n$/),
      });
      expect(printed).toMatch(/✓ cosign verify --(trusted-root|key)/);
      expect(printed).toMatch(/4 tags as before, and no manifest of the refused image\./);
      expect(await readdir(temp)).toEqual([]);
    },
    FIRST_RUN,
  );

  test(
    'a second run makes no tool again: it takes less than a minute on an idle machine',
    async () => {
      const { exit, printed } = await runDemo();
      expect(exit).toBe(0);
      expect(printed).not.toMatch(/Building \S+ with go|Installing the npm packages/);
    },
    WARM,
  );

  test(
    'Ctrl-C in the middle of a build ends all it started, and leaves nothing',
    async () => {
      let stopped = false;
      const { exit, printed } = await runDemo((text, child) => {
        if (stopped || !text.includes('\n[5/9]') || !text.includes('… the root action')) return;
        stopped = true;
        child.kill('SIGINT');
      });
      expect({ exit, printed }).toMatchObject({ exit: 130, printed: expect.stringContaining('Stopped.') });
      expect(await readdir(temp)).toEqual([]);
      expect(await processesNaming(temp, 'environ')).toEqual([]);
    },
    WARM,
  );
});

/** `tidegate report` in a real terminal of a desktop: the page opens in the browser. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { node24 } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { cloneOf, type Laptop, npxFolder } from './terminal.ts';
import { type Session, startTmux } from './tmux.ts';

const suite = await theSuite();
const NPX = 'npx --yes github:tidegate/tidegate#v1';
const DESKTOP = {
  ...{ DISPLAY: ':7', XDG_CURRENT_DESKTOP: 'GNOME', XDG_RUNTIME_DIR: '/run/user/1000', BROWSER: 'firefox' },
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
};
const SECRET = 'only-for-registries';

let job: Job;
let laptop: Laptop;
let session: Session;
let recorded: string;
const browser = (script: string) =>
  writeFile(join(laptop.home, 'bin/xdg-open'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

beforeAll(async () => {
  job = await newJob(suite, { app: 'sound' });
  laptop = await cloneOf(job, suite);
  recorded = join(laptop.home, 'recorded');
  const bin = await npxFolder(laptop, suite, []);
  const judged = ['ship', `${suite.registries.olareg}/cli/page`, '--no-publish', '--tools', suite.tools];
  const database = ['--db-mirror', suite.databases.fresh, '--db-cache', join(suite.folder, 'db-cache')];
  expect(await laptop.run([...judged, ...database])).toMatchObject({ exitCode: 0 });
  session = await startTmux(laptop.home, laptop.clone, {
    PATH: [bin, dirname(node24()), process.env.PATH ?? ''].join(delimiter),
    ...{ HOME: laptop.home, LANG: 'C.UTF-8', ...DESKTOP },
    ...{ TIDEGATE_REGISTRY_PASSWORD: SECRET, GITHUB_TOKEN: SECRET, AWS_SECRET_ACCESS_KEY: SECRET, GH_TOKEN: SECRET },
  });
}, 600_000);
afterAll(async () => {
  await session?.[Symbol.asyncDispose]();
  if (job) await leave(job);
});
beforeEach(async () => {
  await rm(recorded, { force: true });
  await browser(`printf '%s\\n' "$#" "$@" > '${recorded}'; env >> '${recorded}'`);
});

test('the browser gets the page and the desktop, and no credentials', async () => {
  await session.type(`${NPX} report`);
  expect(await session.screen()).toContain('Opened in your browser with xdg-open.');
  const [count, page = '', ...env] = (await readFile(recorded, 'utf8')).split('\n');
  expect(count).toBe('1');
  expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>/i);
  expect(env).toEqual(expect.arrayContaining(Object.entries(DESKTOP).map(([name, value]) => `${name}=${value}`)));
  expect(env.join('\n')).not.toContain(SECRET);
});

test.each([['report --no-open'], ['report --json'], ['report | cat'], ['report # in CI', 'CI=true ']])(
  '%s opens nothing',
  async (command, before = '') => {
    await session.type(`${before}${NPX} ${command}`);
    await expect(readFile(recorded)).rejects.toThrow('ENOENT');
  },
);

test('a browser that does not start is a note', async () => {
  await browser('exit 4');
  await session.type(`clear; ${NPX} report; echo "exit code $?"`);
  const screen = await session.screen();
  expect(screen).toContain('note: the page was not opened: it exited with code 4.');
  expect(screen).toContain('exit code 0');
});

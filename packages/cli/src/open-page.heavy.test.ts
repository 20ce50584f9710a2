import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OPEN } from './flags/flags.ts';
import { parseFlags } from './flags/parse.ts';
import type { Io } from './io.ts';
import { openers, openPage, opensPage } from './open-page.ts';
import { createTerminal } from './terminal/terminal.ts';

let folder: string;
let said: string[];
beforeEach(async () => {
  said = [];
  folder = await mkdtemp(join(tmpdir(), 'cli-open-'));
});
afterEach(() => rm(folder, { recursive: true }));

function io(env: NodeJS.ProcessEnv, isTerminal = true): Io {
  return {
    ...{ env, folder, isTerminal, signal: new AbortController().signal },
    terminal: createTerminal({ write: (text: string) => text !== '' && said.push(text) }, {}),
    print: () => {},
    stdin: async () => '',
    confirm: async () => false,
  };
}

describe('a browser is opened', () => {
  const JSON_FLAG = { name: 'json', description: '' };
  const opens = (argv: string[], env: NodeJS.ProcessEnv, isTerminal = true, platform: NodeJS.Platform = 'linux') =>
    opensPage(parseFlags(argv, [OPEN, JSON_FLAG], 'report'), io(env, isTerminal), platform);

  const cases: [yes: boolean, argv: string[], env: NodeJS.ProcessEnv, isTerminal: boolean, platform?: 'darwin'][] = [
    [true, [], { DISPLAY: ':0' }, true],
    [true, [], { WAYLAND_DISPLAY: 'wayland-0' }, true],
    [true, [], { WSL_DISTRO_NAME: 'Debian' }, true],
    [true, [], {}, true, 'darwin'],
    [false, [], {}, true],
    [false, [], { DISPLAY: ':0' }, false],
    [false, [], { DISPLAY: ':0', CI: 'true' }, true],
    [false, [], { DISPLAY: ':0', GITHUB_ACTIONS: 'true' }, true],
    [false, [], { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }, true],
    [false, ['--json'], { DISPLAY: ':0' }, true],
    [false, ['--no-open'], { DISPLAY: ':0' }, true],
    [true, ['--open'], {}, false],
    [true, ['--open', '--json'], {}, false],
    [false, ['--no-open'], { CI: 'true' }, true],
  ];

  test.each(cases.map(([yes, argv, env, isTerminal, platform]) => ({ yes, argv, env, isTerminal, platform })))(
    '$yes: $argv with $env, stdout a terminal: $isTerminal',
    ({ yes, argv, env, isTerminal, platform }) => {
      expect(opens(argv, env, isTerminal, platform)).toBe(yes);
    },
  );

  test('never in CI: --open is an error there', () => {
    expect(() => opens(['--open'], { CI: '1', DISPLAY: ':0' })).toThrow('--open: a CI job has no browser.');
  });
});

test("the program is that of the system, and Windows' own in WSL", () => {
  expect(openers({}, 'linux')).toEqual(['xdg-open']);
  expect(openers({}, 'darwin')).toEqual(['open']);
  expect(openers({ WSL_DISTRO_NAME: 'Debian' }, 'linux')).toEqual(['wslview', 'explorer.exe', 'xdg-open']);
});

describe('the program that opens the page', () => {
  let bin: string;
  beforeEach(async () => {
    bin = join(folder, 'bin');
    await mkdir(bin);
  });
  const program = (name: string, script: string, into = bin) =>
    writeFile(join(into, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const recorded = async () => (await readFile(join(folder, 'recorded'), 'utf8')).trimEnd().split('\n');
  const record = () => `printf '%s\\n' "$PWD" "$#" "$@" > ${folder}/recorded; env >> ${folder}/recorded`;
  const PAGE = '/reports/my report & "x".html';
  const path = (...folders: string[]) => [...folders, '/usr/bin', '/bin'].join(delimiter);

  test('gets the page as its only argument, the desktop of the user, and no credentials', async () => {
    await program('xdg-open', record());
    const desktop = {
      ...{ DISPLAY: ':7', WAYLAND_DISPLAY: 'wayland-1', XAUTHORITY: '/home/ada/.Xauthority', BROWSER: 'firefox' },
      ...{ XDG_RUNTIME_DIR: '/run/user/1000', XDG_CURRENT_DESKTOP: 'GNOME', DESKTOP_SESSION: 'gnome' },
      ...{ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus', HOME: folder, LANG: 'de_DE.UTF-8' },
    };
    const secrets = {
      ...{ TIDEGATE_REGISTRY_PASSWORD: 's3cret', TIDEGATE_KEY_PASSWORD: 's3cret', GITHUB_TOKEN: 's3cret' },
      ...{ AWS_SECRET_ACCESS_KEY: 's3cret', SIGSTORE_ID_TOKEN: 's3cret', DOCKER_AUTH_CONFIG: 's3cret' },
      ...{ GH_TOKEN: 's3cret', CI_REGISTRY_PASSWORD: 's3cret', NODE_OPTIONS: '--title=s3cret' },
    };
    await openPage(PAGE, '/elsewhere', io({ ...desktop, ...secrets, PATH: path(bin) }));
    expect(said).toEqual(['Opened in your browser with xdg-open.\n']);
    const lines = await recorded();
    expect(lines.slice(0, 3)).toEqual(['/', '1', PAGE]);
    expect(lines).toEqual(expect.arrayContaining(Object.entries(desktop).map(([name, value]) => `${name}=${value}`)));
    expect(lines.join('\n')).not.toContain('s3cret');
    // A browser that it starts needs a folder for temporary files that stays.
    expect(lines).toContain(`TMPDIR=${tmpdir()}`);
  });

  test('is not one of the checkout', async () => {
    await program('xdg-open', record());
    await openPage(PAGE, folder, io({ PATH: path(bin) }));
    await expect(recorded()).rejects.toThrow('ENOENT');
  });

  test.each([
    ['fails', 'exit 3', 'it exited with code 3'],
    ['is killed', 'kill -9 $$', 'it was killed by SIGKILL'],
  ])('that %s is a note', async (_, script, why) => {
    await program('xdg-open', script);
    await openPage(PAGE, '/elsewhere', io({ PATH: path(bin) }));
    expect(said).toEqual([`note: the page was not opened: ${why}.\n`]);
  });

  test('that is missing is a note', async () => {
    await openPage(PAGE, '/elsewhere', io({ PATH: bin }));
    expect(said).toEqual(['note: the page was not opened: there is no xdg-open in PATH.\n']);
  });

  test('may run on as the browser itself', async () => {
    await program('xdg-open', `echo $$ > ${folder}/pid; exec sleep 60`);
    await openPage(PAGE, '/elsewhere', io({ PATH: path(bin) }));
    expect(said).toEqual(['Opened in your browser with xdg-open.\n']);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).toContain('sleep');
    process.kill(pid);
  });

  test('is explorer.exe in WSL without wslview, with a path of Windows', async () => {
    await program('wslpath', `[ "$1" = -w ] && printf '%s%s\\n' '\\\\wsl.localhost\\Debian' "$2"`);
    await program('explorer.exe', `${record()}; exit 1`);
    await openPage(PAGE, '/elsewhere', io({ WSL_DISTRO_NAME: 'Debian', PATH: path(bin) }));
    expect(said).toEqual(['Opened in your browser with explorer.exe.\n']);
    expect((await recorded())[2]).toBe(`\\\\wsl.localhost\\Debian${PAGE}`);
  });
});

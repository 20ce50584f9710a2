import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { childContexts, USER_LOGINS, type UserLogin } from './child-context.ts';

const NETWORK = { LC_ALL: 'C.UTF-8', https_proxy: 'http://proxy:3128', SSL_CERT_FILE: '/etc/ssl/own.pem' };
const USER = {
  HOME: '/home/runner',
  XDG_CONFIG_HOME: '/home/runner/.config',
  XDG_CONFIG_DIRS: '/home/runner/dirs',
  DOCKER_CONFIG: '/home/runner/.docker',
  BUILDX_CONFIG: '/home/runner/.buildx',
  SSH_AUTH_SOCK: '/tmp/agent',
};
/** Secrets of the job, and settings that an earlier step may have put into GITHUB_ENV. */
const OTHERS = {
  GITHUB_TOKEN: 'ghs_x',
  INPUT_TOKEN: 'ghs_x',
  ACTIONS_RUNTIME_TOKEN: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  NODE_OPTIONS: '--require /evil.js',
  LD_PRELOAD: '/evil.so',
  GRYPE_CONFIG: '/evil.yaml',
  GRYPE_DB_UPDATE_URL: 'https://evil.example',
  SYFT_EXCLUDE: '**',
  GIT_CONFIG_GLOBAL: '/evil',
  GIT_SSH_COMMAND: '/evil',
  BUILDX_BUILDER: 'evil',
  BUILDKIT_HOST: 'tcp://evil.example',
  GOPATH: '/evil',
};

let base: string;
let workspace: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-children-'));
  workspace = join(base, 'workspace');
  await mkdir(join(workspace, 'bin'), { recursive: true });
  await symlink(join(workspace, 'bin'), join(base, 'link'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const children = (PATH = '/usr/bin') =>
  childContexts({ env: { ...NETWORK, ...USER, ...OTHERS, PATH }, folder: join(base, 'children'), workspace });

describe('a child without a login', () => {
  test('runs in an empty folder of its own', async () => {
    const [one, other] = [await children().create(), await children().create()];
    expect(await readdir(one.cwd)).toEqual([]);
    expect(one.cwd).not.toBe(other.cwd);
  });

  test('has an empty HOME and empty XDG folders of its own, and nothing of the job but locale and network', async () => {
    const { env } = await children().create();
    const { PATH, TMPDIR, ...rest } = env;
    const own = Object.entries(rest).filter(([name]) => name === 'HOME' || name.startsWith('XDG_'));
    expect(own.map(([name]) => name).sort()).toEqual([
      ...['HOME', 'XDG_CACHE_HOME', 'XDG_CONFIG_DIRS', 'XDG_CONFIG_HOME', 'XDG_DATA_DIRS', 'XDG_DATA_HOME'],
      ...['XDG_RUNTIME_DIR', 'XDG_STATE_HOME'],
    ]);
    for (const [name, folder] of own) {
      expect(folder.startsWith(join(base, 'children'))).toBe(true);
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
      expect([name, files]).toEqual([name, []]);
    }
    expect(Object.fromEntries(Object.entries(rest).filter(([name]) => !own.some(([each]) => each === name)))).toEqual(
      NETWORK,
    );
    expect([PATH, await readdir(TMPDIR ?? '')]).toEqual(['/usr/bin', []]);
  });

  test('is given an empty configuration file', async () => {
    const { emptyConfig } = await children().create();
    expect(await readFile(emptyConfig, 'utf8')).toBe('{}\n');
  });

  test('has the settings that the caller sets, whatever the job says', async () => {
    const { env } = await children().create({
      set: { GRYPE_DB_UPDATE_URL: 'https://asked.example', HOME: '/private' },
    });
    expect(env).toMatchObject({ GRYPE_DB_UPDATE_URL: 'https://asked.example', HOME: '/private' });
  });
});

describe('PATH', () => {
  test('loses relative folders and those in the workspace, linked ones too', async () => {
    const path = ['/usr/bin', '.', 'bin', '', join(workspace, 'bin'), workspace, join(base, 'link'), '/bin'].join(':');
    const logins = [undefined, ...(Object.keys(USER_LOGINS) as UserLogin[])];
    for (const login of logins) {
      const { env } = await children(path).create(login ? { login } : {});
      expect([login, env.PATH]).toEqual([login, '/usr/bin:/bin']);
    }
  });
});

describe('a child with a login of the user', () => {
  test.each<[UserLogin, readonly string[]]>([
    ['buildx', ['BUILDX_CONFIG', 'DOCKER_CONFIG', 'SSH_AUTH_SOCK']],
    ['git-fetch', ['SSH_AUTH_SOCK']],
    ['key-service', []],
  ])('%s: sees HOME and the XDG folders, and of other variables %j', async (login, names) => {
    const { env } = await children().create({ login });
    const { PATH, TMPDIR, ...rest } = env;
    const { HOME, XDG_CONFIG_HOME, XDG_CONFIG_DIRS } = USER;
    const also = Object.fromEntries(names.map((name) => [name, USER[name as keyof typeof USER]]));
    expect(rest).toEqual({ ...NETWORK, HOME, XDG_CONFIG_HOME, XDG_CONFIG_DIRS, ...also });
  });

  test.each([['none'], ['']])('where the user has no HOME (%p), has an empty one of its own', async (given) => {
    const { HOME: _, ...others } = USER;
    const env = { ...others, ...(given === 'none' ? {} : { HOME: given }) };
    const contexts = childContexts({ env, folder: join(base, 'children'), workspace });
    for (const login of ['buildx', 'git-fetch', 'key-service', 'credential-helper'] as const) {
      const { HOME = '' } = (await contexts.create({ login })).env;
      expect(await readdir(HOME)).toContain('.config');
      expect(HOME.startsWith(join(base, 'children'))).toBe(true);
    }
  });

  test('runs in an empty folder all the same', async () => {
    expect(await readdir((await children().create({ login: 'buildx' })).cwd)).toEqual([]);
  });
});

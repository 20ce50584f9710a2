import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { buildSecrets } from './secrets.ts';

let workspace = '';
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'build-secrets-'));
});
afterAll(() => rm(workspace, { recursive: true }));

const DOCKERFILE = 'FROM scratch\nRUN --mount=type=secret,id=NPM --mount=type=secret,id=MTIzNDU true\n';

type Pairs = readonly (readonly [string, string])[];
interface Given {
  readonly secrets?: Pairs;
  readonly envs?: Pairs;
  readonly files?: Pairs;
  readonly dockerfile?: string;
}

async function read({ secrets = [], envs = [], files = [], dockerfile = DOCKERFILE }: Given) {
  const masked: string[] = [];
  const notices: string[] = [];
  const log = { mask: (text: string) => masked.push(text), notice: (text: string) => notices.push(text) };
  const job = { log, workspace, env: { VARIABLE: 'from env' } } as unknown as Job;
  const found = await buildSecrets({ secrets, 'secret-envs': envs, 'secret-files': files }, job, dockerfile);
  return { found, masked, notices };
}

async function complaint(given: Given): Promise<string> {
  try {
    await read(given);
  } catch (error) {
    return `${messageOf(error)} ${error instanceof TidegateError ? error.next : ''}`;
  }
  throw new Error('it was accepted');
}

test('values come from lines, variables and files, each masked by itself', async () => {
  const file = join(workspace, 'file');
  await writeFile(file, 'in a file');
  const { found, masked } = await read({
    secrets: [['NPM', 'two\nlines ']],
    envs: [['env', 'VARIABLE ']],
    files: [['file', 'file ']],
  });
  expect(found).toEqual([
    { id: 'NPM', kind: 'value', value: 'two\nlines ' },
    { id: 'env', kind: 'value', value: 'from env' },
    { id: 'file', kind: 'file', path: file },
  ]);
  expect(masked).toEqual(['two\nlines ', 'from env', 'in a file']);
});

describe('a line that may be the end of a value', () => {
  const TAIL = 'c2VjcmV0LXRva2VuLXZhbHVl'.slice(0, 23);
  test.each([
    [TAIL, DOCKERFILE],
    ['MTIzNDU2Nzg5MDE', ''],
  ])('%s= is refused behind another, and not shown', async (id, dockerfile) => {
    const said = await complaint({
      secrets: [
        ['NETRC', 'user ada'],
        [id, ''],
      ],
      dockerfile,
    });
    expect(said).toMatch(/secret 2 has no value and looks like the last line of a base64 text/);
    expect(said).not.toContain(id);
    expect(said).not.toContain('ada');
  });

  test.each([
    ['the first of all', [[TAIL, '']] as Pairs],
    [
      'one that the Dockerfile mounts',
      [
        ['NPM', 'x'],
        ['MTIzNDU', ''],
      ] as Pairs,
    ],
    [
      'a name in one case: in a pull request from a fork no secret has a value',
      [
        ['NPM', ''],
        ['GITHUB_TOKEN', ''],
        ['GITHUBX', ''],
      ] as Pairs,
    ],
  ])('is a secret without a value where it is %s', async (_, secrets) => {
    expect((await read({ secrets })).found).toHaveLength(secrets.length);
  });
});

test('secrets that the Dockerfile does not mount are counted, not named', async () => {
  const { notices } = await read({
    secrets: [
      ['AWS', '[default]'],
      ['aws_secret_access_key', 'x'],
      ['NPM', 'y'],
    ],
  });
  expect(notices).toEqual([expect.stringContaining('no secret with the ID of number 1, 2.')]);
  expect(notices.join()).not.toMatch(/AWS|aws_secret/);
  expect((await read({ secrets: [['NPM', 'y']] })).notices).toEqual([]);
});

test.each<[string, Given]>([
  ['a variable that is not set', { envs: [['hunter2', 'hunter2']] }],
  ['a file that does not exist', { files: [['hunter2', 'hunter2']] }],
  [
    'an ID that is already in use',
    {
      secrets: [
        ['hunter2', 'a'],
        ['hunter2', 'b'],
      ],
    },
  ],
])('%s is an error that shows neither half', async (_, given) => {
  const said = await complaint(given);
  expect(said).toMatch(/^Input secret/);
  expect(said).not.toContain('hunter2');
});

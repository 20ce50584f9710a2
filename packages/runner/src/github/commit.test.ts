import { afterEach, describe, expect, test } from '@jest/globals';
import { committedFile, objectIdOf } from '@tidegate/core';
import { githubCommit } from './commit.ts';
import { type Answer, closeGitHubs, gitHub } from './fake-github.fixture.ts';

afterEach(closeGitHubs);

const COMMIT = 'a'.repeat(40);
const POLICY = '.github/tidegate.yml';
const TEXT = Buffer.from('version: 1\n');
const BLOB = objectIdOf('blob', TEXT, COMMIT);
const [ROOT, FOLDER] = ['b'.repeat(40), 'c'.repeat(40)];
const HERE = '/repos/acme/app/git';

/** Responses of "Get a commit object", "Get a tree" and "Get a blob" (docs.github.com/en/rest/git). */
const ANSWERS: Readonly<Record<string, readonly [number, unknown]>> = {
  [`${HERE}/commits/${COMMIT}`]: [200, { sha: COMMIT, tree: { sha: ROOT } }],
  [`${HERE}/trees/${ROOT}`]: [200, { truncated: false, tree: [{ path: '.github', mode: '040000', sha: FOLDER }] }],
  [`${HERE}/trees/${FOLDER}`]: [200, { truncated: false, tree: [{ path: 'tidegate.yml', mode: '100644', sha: BLOB }] }],
  [`${HERE}/blobs/${BLOB}`]: [200, { encoding: 'base64', content: TEXT.toString('base64') }],
};

async function read(changes: Readonly<Record<string, readonly [number, unknown]>> = {}, path = POLICY) {
  const answers = { ...ANSWERS, ...changes };
  const answer: Answer = (_, asked) => answers[asked] ?? [404, { message: 'Not Found' }];
  const { job, asked } = await gitHub(answer);
  const bytes = await committedFile(githubCommit(job, 'token'), path);
  return { text: bytes && Buffer.from(bytes).toString(), asked: asked.map((one) => one.path) };
}

describe('a file of the commit that the run is for', () => {
  test('is read by way of its commit and trees', async () => {
    expect(await read()).toEqual({ text: 'version: 1\n', asked: Object.keys(ANSWERS) });
  });

  test('is absent where the tree that should hold it was read and does not', async () => {
    expect(await read({}, '.github/other.yml')).toMatchObject({ text: undefined });
    expect(await read({}, 'policy.yml')).toMatchObject({ text: undefined });
  });
});

/** GitHub's response to a token without `contents: read`, and to one that may not see the repository at all. */
const FORBIDDEN = [403, { message: 'Resource not accessible by integration' }] as const;
const NOT_FOUND = [404, { message: 'Not Found' }] as const;

test.each([
  ['a token without contents: read', `${HERE}/commits/${COMMIT}`, FORBIDDEN],
  ['a token that may not see the repository', `${HERE}/commits/${COMMIT}`, NOT_FOUND],
  ['a tree that is not answered', `${HERE}/trees/${ROOT}`, NOT_FOUND],
  ['a folder that is not answered', `${HERE}/trees/${FOLDER}`, FORBIDDEN],
  ['a file that is not answered', `${HERE}/blobs/${BLOB}`, NOT_FOUND],
])('%s is no "no such file": the error names the permission', async (_, path, answer) => {
  const error = await read({ [path]: answer }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ id: 'github-denied', next: expect.stringContaining('contents: read') });
});

test.each<[string, string, unknown]>([
  ['a tree of which GitHub lists a part', `${HERE}/trees/${ROOT}`, { truncated: true, tree: [] }],
  ['a file that is not the one the tree names', `${HERE}/blobs/${BLOB}`, { encoding: 'base64', content: 'bGF4' }],
  ['a file in no known encoding', `${HERE}/blobs/${BLOB}`, { encoding: 'utf-8', content: 'version: 1\n' }],
])('%s is refused', async (_, path, value) => {
  await expect(read({ [path]: [200, value] })).rejects.toThrow('GitHub does not return');
});

test('an error of GitHub is reported as one', async () => {
  await expect(read({ [`${HERE}/commits/${COMMIT}`]: [400, { message: 'Bad' }] })).rejects.toMatchObject({
    id: 'github-unreachable',
  });
});

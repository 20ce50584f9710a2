import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Answer, type Asked, closeGitHubs, gitHub } from './fake-github.fixture.ts';
import { attachToRelease, submitSnapshot } from './publish-sbom.ts';

afterEach(closeGitHubs);

const SNAPSHOTS = '/repos/acme/app/dependency-graph/snapshots';
const RELEASES = '/repos/acme/app/releases';
const detector = { name: 'Syft', version: '1.52.0', url: 'https://github.com/anchore/syft' };
const snapshot = {
  image: 'ghcr.io/acme/app',
  detector,
  manifests: [
    {
      name: 'ghcr.io/acme/app (linux/amd64)',
      file: 'build/Dockerfile',
      packages: [{ purl: 'pkg:npm/a@1' }, { purl: 'pkg:npm/a@1' }, { purl: 'pkg:golang/__proto__@v2' }],
    },
  ],
};

describe('the dependency snapshot', () => {
  test('says of this commit what is in each platform, in the words of the API', async () => {
    const { asked, job } = await gitHub(() => [201, { id: 1, result: 'ACCEPTED' }]);
    const env = { GITHUB_REF: 'refs/heads/main', GITHUB_JOB: 'image', GITHUB_WORKFLOW: 'Release', GITHUB_RUN_ID: '7' };
    expect(await submitSnapshot({ ...job, env: { ...job.env, ...env }, event: {} }, 'a token', snapshot)).toBe(true);
    expect(asked).toEqual([
      expect.objectContaining({
        ...{ method: 'POST', path: SNAPSHOTS, authorization: 'token a token' },
        body: {
          ...{ version: 0, sha: 'a'.repeat(40), ref: 'refs/heads/main', detector, scanned: '2026-11-24T12:00:00.000Z' },
          job: {
            id: '7',
            correlator: 'Release image ghcr.io/acme/app',
            html_url: 'https://github.com/acme/app/actions/runs/7',
          },
          manifests: {
            'ghcr.io/acme/app (linux/amd64)': {
              name: 'ghcr.io/acme/app (linux/amd64)',
              file: { source_location: 'build/Dockerfile' },
              resolved: {
                'pkg:npm/a@1': { package_url: 'pkg:npm/a@1', scope: 'runtime' },
                'pkg:golang/__proto__@v2': { package_url: 'pkg:golang/__proto__@v2', scope: 'runtime' },
              },
            },
          },
        },
      }),
    ]);
  });

  test('of a pull request is of its head: its own GITHUB_SHA is in no branch', async () => {
    const { asked, job } = await gitHub(() => [201, {}]);
    const event = { pull_request: { number: 7, head: { sha: 'b'.repeat(40) } } };
    await submitSnapshot({ ...job, event }, 'a token', snapshot);
    expect(asked[0]?.body.sha).toBe('b'.repeat(40));
  });

  test('that GitHub refuses is a warning which names the permission', async () => {
    const { job, warnings } = await gitHub(() => [403, { message: 'Resource not accessible by integration' }]);
    expect(await submitSnapshot(job, 'a token', snapshot)).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/not submitted.*not accessible.*contents: write/s)]);
  });

  test('without a token is a warning, and no request is sent', async () => {
    const { asked, job, warnings } = await gitHub(() => [201, {}]);
    expect(await submitSnapshot(job, '', snapshot)).toBe(false);
    expect([asked, warnings]).toEqual([[], [expect.stringContaining('no token')]]);
  });
});

describe('the SBOMs of a release', () => {
  const file = { name: 'app_1.2.3_linux-amd64.spdx.json', bytes: Buffer.from('{"spdxVersion":"SPDX-2.3"}') };
  const digest = `sha256:${createHash('sha256').update(file.bytes).digest('hex')}`;
  const release = (url: string, over: object = {}) => ({
    ...{ id: 3, tag_name: 'v1.2.3', draft: false, assets: [] },
    upload_url: `${url}${RELEASES}/3/assets{?name,label}`,
    ...over,
  });
  const answering =
    (...over: readonly object[]): Answer =>
    (method, path, url) => {
      if (path === RELEASES) return [200, over.map((each) => release(url, each))];
      return method === 'DELETE' ? [204, undefined] : [201, { id: 9 }];
    };
  const attached = async (answer: Answer, over: { env?: object; event?: object } = {}) => {
    const { asked, infos, job, warnings } = await gitHub(answer);
    const env = { ...job.env, GITHUB_REF: 'refs/tags/v1.2.3', ...over.env };
    const there = await attachToRelease({ ...job, env, event: { ...over.event } }, 'a token', [file]);
    return { there, infos, warnings, writes: asked.filter(({ method }: Asked) => method !== 'GET') };
  };

  test('are uploaded to the release of the tag', async () => {
    const { there, writes, warnings } = await attached(answering({ tag_name: 'v1.0.0', id: 1 }, {}));
    expect([there, warnings]).toEqual([true, []]);
    expect(writes).toEqual([
      {
        ...{ method: 'POST', path: `${RELEASES}/3/assets`, query: `name=${file.name}`, authorization: 'token a token' },
        body: { spdxVersion: 'SPDX-2.3' },
      },
    ]);
  });

  test('go to the draft where there is one: what is published may be immutable', async () => {
    const { writes } = await attached((method, path, url) => {
      const draft = { id: 4, draft: true, upload_url: `${url}${RELEASES}/4/assets{?name,label}` };
      return answering({}, draft)(method, path, url);
    });
    expect(writes.map(({ path }) => path)).toEqual([`${RELEASES}/4/assets`]);
  });

  test('go to the release that the event is about', async () => {
    const over = { env: { GITHUB_REF: 'refs/heads/main' }, event: { release: { tag_name: 'v1.2.3' } } };
    expect((await attached(answering({}), over)).there).toBe(true);
  });

  test('stay where they are when they are there', async () => {
    const { there, writes } = await attached(answering({ assets: [{ id: 5, name: file.name, digest }] }));
    expect([there, writes]).toEqual([true, []]);
  });

  test('of another content are replaced', async () => {
    const { writes } = await attached(answering({ assets: [{ id: 5, name: file.name, digest: 'sha256:00' }] }));
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `DELETE ${RELEASES}/assets/5`,
      `POST ${RELEASES}/3/assets`,
    ]);
  });

  test('without a release are a warning that says when to draft it', async () => {
    const { there, warnings, writes } = await attached(answering({ tag_name: 'v1.2.4' }));
    expect([there, writes]).toEqual([false, []]);
    expect(warnings).toEqual([expect.stringMatching(/v1\.2\.3.*Draft it before.*contents: write/s)]);
  });

  test('of a release that is immutable are a warning', async () => {
    const { there, warnings } = await attached((method, path, url) =>
      method === 'POST'
        ? [422, { message: 'Cannot upload assets to an immutable release.' }]
        : answering({})(method, path, url),
    );
    expect(there).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('immutable release')]);
  });

  test('are not tried where the run is of no tag', async () => {
    const { there, infos, warnings, writes } = await attached(answering({}), {
      env: { GITHUB_REF: 'refs/heads/main' },
    });
    expect([there, warnings, writes]).toEqual([false, [], []]);
    expect(infos).toEqual([expect.stringContaining('not for a tag')]);
  });

  test.each(['http://127.0.0.2:1/upload', 'https://uploads.github.com.evil.example/x', 'file:///etc', ''])(
    'are not sent to %j, which is not GitHub: the token would go along',
    async (upload_url) => {
      const { there, warnings, writes } = await attached(answering({ upload_url }));
      expect([there, writes]).toEqual([false, []]);
      expect(warnings).toEqual([expect.stringContaining('which is not its own')]);
    },
  );
});

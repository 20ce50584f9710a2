/** Anybody with write access can press "Re-run jobs" on an old run: no tag of its branch moves back to the old commit. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RepositoryApi, startRepositoryApi } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const repository = repositoryView(host, 'old-run');
const image = `${host}/old-run`;
const TOKEN = 'ghs_reader';
const NEWER = 'f'.repeat(40);

let job: Job;
let api: RepositoryApi;
let older: string;
let newer: string;

/** The next attempt of the run, in which GitHub says where main is; or does not, without a token. */
const again = (attempt: number, token = TOKEN) => ({
  token,
  env: { GITHUB_RUN_ATTEMPT: String(attempt), GITHUB_API_URL: api.url.replace(/\/$/, '') },
});

beforeAll(async () => {
  job = await newJob(suite);
  api = await startRepositoryApi({ repository: 'acme/app', branches: { main: job.sha }, tags: {}, releases: [] }, [
    { token: TOKEN, contents: 'read' },
  ]);
  older = (await succeeded(job.run('ship', { image, name: 'older' }, again(1)))).outputs.digest ?? '';
  // The next commit, as far as a registry sees one.
  newer =
    (await succeeded(job.run('ship', { image, name: 'newer', labels: 'commit=newer' }, again(1)))).outputs.digest ?? '';
  api.state.branches = { main: NEWER };
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await leave(job);
});

describe('the run of an older commit, started again', () => {
  test('finds the tag at the newer image', async () => {
    expect(newer).not.toBe(older);
    expect(await repository.digest('main')).toBe(newer);
  });

  test('publishes nothing from the root action, and warns why', async () => {
    const { outputs, annotations, summary } = await succeeded(job.run('ship', { image, name: 'third' }, again(2)));
    const why = `main stays where it is: branch main is at commit ffffffffffff by now, and this run is for ${job.sha.slice(0, 12)}.`;
    expect(outputs.published).toBe('false');
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining(why) }),
    );
    expect(summary).toContain('main stays where it is');
    expect(await repository.digest('main')).toBe(newer);
  });

  test('publishes nothing from the step that pushes, whatever was planned in the first attempt', async () => {
    const planned = 'branch,only=main,decided=1\nraw=edge,decided=1';
    const { outputs } = await succeeded(job.run('push-image', { image, name: 'older', tags: planned }, again(2)));
    expect(outputs.published).toBe('false');
    expect(await repository.digest('main')).toBe(newer);
    expect(await repository.allTags()).not.toContain('edge');
  });

  test('publishes nothing if GitHub cannot be reached', async () => {
    const { outputs, log } = await succeeded(
      job.run('push-image', { image, name: 'older', tags: 'branch' }, again(2, '')),
    );
    expect(outputs.published).toBe('false');
    expect(log.join('\n')).toContain('is not known, because no GitHub token is set');
    expect(await repository.digest('main')).toBe(newer);
  });

  test('still sets the tag of its own commit', async () => {
    const tags = 'branch\nsha';
    const { outputs } = await succeeded(job.run('ship', { image, name: 'fourth', tags }, again(2)));
    expect(outputs.published).toBe('true');
    expect(await repository.digest(`sha-${job.sha.slice(0, 12)}`)).toBe(outputs.digest);
    expect(await repository.digest('main')).toBe(newer);
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTarget } from '@tidegate/pipeline';
import { type Fault, type RegistryAuth, startRegistry } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { askWith } from '../support/client.ts';
import { type ActionName, type Job, leave } from '../support/job.ts';
import { everythingIn } from '../support/left-behind.ts';
import { folder, here, jobFor, stages, suite, TABLE } from './bad-inputs.ts';

describe.each(Object.keys(TABLE) as ActionName[])('%s reports one clear error for', (action) => {
  let job: Job;
  let inputs: Record<string, string>;
  beforeAll(async () => {
    ({ job, inputs } = await jobFor(action));
  });
  afterAll(() => leave(job));

  const cases = TABLE[action].map((bad) => ({
    ...bad,
    name: JSON.stringify({ ...bad.given, ...bad.env }).replaceAll(folder, ''),
  }));
  test.each(cases)('$name', async ({ given, says, env }) => {
    const before = await everythingIn(job);
    const result = await job.run(action, { ...inputs, ...given }, env ? { env } : {});
    expect(expectOneClearError(result)).toMatch(says);
    expect(await everythingIn(job)).toEqual(before);
  });
});

describe('sign-image and a key with a password', () => {
  let job: Job;
  let key: string;
  beforeAll(async () => {
    ({ job } = await stages('scanned'));
    const made = await askWith({ COSIGN_PASSWORD: 'correct horse' }, folder, suite.clients.cosign, 'generate-key-pair');
    expect(made).toMatchObject({ code: 0 });
    key = await readFile(here('cosign.key'), 'utf8');
  });
  afterAll(() => leave(job));

  test.each([
    {
      what: 'a wrong one',
      inputs: { 'key-password': 'battery staple' },
      says: /The password does not decrypt the private key/,
    },
    { what: 'none', inputs: {}, says: /encrypted, but no password was set.*key-password/ },
  ])('reports $what', async ({ inputs, says }) => {
    const before = await everythingIn(job);
    const result = await job.run('sign-image', { ...inputs, key });
    expect(expectOneClearError(result)).toMatch(says);
    expect(result.raw).not.toContain('battery staple');
    expect(await everythingIn(job)).toEqual(before);
  });

  test('opens it with the right one', async () => {
    expect((await job.run('sign-image', { key, 'key-password': 'correct horse' })).exitCode).toBe(0);
  });
});

const REGISTRIES: readonly {
  readonly what: string;
  readonly fault?: Fault;
  readonly auth?: RegistryAuth;
  readonly login?: boolean;
  readonly says: RegExp;
}[] = [
  { what: 'answers 401', fault: { kind: 'answer', status: 401 }, says: /responded with 401.*Log in to/s },
  { what: 'answers 403', fault: { kind: 'answer', status: 403 }, says: /responded with 403.*Log in to/s },
  { what: 'answers 404', fault: { kind: 'answer', status: 404 }, says: /responded with 404.*create a repository/s },
  { what: 'answers 500', fault: { kind: 'answer', status: 500 }, says: /responded with 500.*Try again later/s },
  { what: 'cuts every connection', fault: { kind: 'reset' }, says: /Check that .* is reachable/s },
  {
    what: 'answers a web page',
    fault: { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Welcome</html>' },
    says: / — /,
  },
  {
    what: 'wants another password',
    auth: { kind: 'basic', username: 'octocat', password: 'right' },
    login: true,
    says: /responded with 401.*Log in to/s,
  },
  {
    what: 'wants another password for its token',
    auth: { kind: 'token', username: 'octocat', password: 'right' },
    login: true,
    says: /401.*Log in to/s,
  },
  {
    what: 'wants a login where none is given',
    auth: { kind: 'token', username: 'octocat', password: 'right' },
    says: /Log in to/,
  },
];

/** Files that are left, except for an image that was built completely before the registry failed. */
async function unfinished(job: Job): Promise<readonly string[]> {
  const layout = join(job.temp, 'tidegate', 'image', 'layout');
  const left = await everythingIn(job);
  if (!left.includes('RUNNER_TEMP/tidegate/image/layout')) return left;
  await openTarget(layout);
  return left.filter((path) => !path.startsWith('RUNNER_TEMP/tidegate/image/layout'));
}

describe.each(['push-image', 'ship'] as const)('%s reports one clear error if the registry', (action) => {
  /** Side by side: each waits between its tries, as a client should. */
  const steps = new Map<string, Promise<{ message: string; before: readonly string[]; after: readonly string[] }>>();
  beforeAll(async () => {
    for (const { what, fault, auth, login } of REGISTRIES) {
      steps.set(
        what,
        (async () => {
          const { job, inputs } = await jobFor(action);
          const registry = await startRegistry({
            ...(auth ? { auth } : {}),
            ...(fault ? { onRequest: () => fault } : {}),
          });
          try {
            const before = await unfinished(job);
            const given = login ? { 'registry-username': 'octocat', 'registry-password': 'wrong-password' } : {};
            const result = await job.run(action, { ...inputs, ...given, image: `${registry.host}/acme/app` });
            const message = expectOneClearError(result);
            expect(message).toContain(registry.host);
            expect(result.raw).not.toContain('wrong-password');
            return { message, before, after: await unfinished(job) };
          } finally {
            await registry.close();
            await leave(job);
          }
        })(),
      );
      // Waited for below, by its own test.
      steps.get(what)?.catch(() => {});
    }
  });

  test.each(REGISTRIES)('$what', async ({ what, says }) => {
    const step = await steps.get(what);
    expect(step?.message).toMatch(says);
    expect(step?.after).toEqual(step?.before);
  });
});

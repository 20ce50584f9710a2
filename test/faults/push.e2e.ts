/** One thing goes wrong in a push, at each of a spread of its requests; every push is the bundle's, from the same layout. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, type Fault, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { type Job, leave, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { type Staged, stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const NAME = 'faults/app';
/** How many requests of a push are tried, the first and the last among them. */
const POINTS = 6;

const suite = await theSuite();
let staged: Staged;
beforeAll(async () => {
  staged = await stagesOf(suite)('signed');
});
afterAll(() => leave(staged.job));

/** Where in a push: a fraction of its requests, since their number is only known once one was seen. */
const AT = Array.from({ length: POINTS }, (_, point) => point / (POINTS - 1));

const FAULTS: readonly { readonly what: string; readonly fault: Fault }[] = [
  { what: 'the connection is reset', fault: { kind: 'reset' } },
  { what: 'the answer is lost after all was done', fault: { kind: 'lose-answer' } },
  { what: 'the registry answers 503', fault: { kind: 'answer', status: 503, headers: { 'retry-after': '0' } } },
];

async function push(job: Job, registry: RegistryServer): Promise<BundleResult> {
  return job.run('push-image', inputsFor(registry));
}

// The password is not asked for; that it is to be masked is the first thing a step says.
const inputsFor = (registry: RegistryServer) => ({
  image: `${registry.host}/${NAME}`,
  'verification-key': suite.key.public,
  'registry-username': 'octocat',
  'registry-password': 'not asked for',
});

/** All that a registry shows of the image: tags, and what refers to its digest. */
async function shown(registry: RegistryServer) {
  const repository = repositoryView(registry.host, NAME);
  const tags = await repository.tags();
  const referrers = (await repository.referrers(staged.digest)).map(({ digest }) => digest);
  return {
    tags: await Promise.all(tags.map(async (tag) => [tag, await repository.digest(tag)])),
    referrers: referrers.toSorted(),
  };
}

describe.each([{ referrers: true }, { referrers: false }])(
  'a push to a registry (referrers API: $referrers)',
  (has) => {
    let whole: Awaited<ReturnType<typeof shown>>;
    let requests: number;

    beforeAll(async () => {
      const registry = await startRegistry(has);
      await succeeded(push(staged.job, registry));
      requests = registry.requests.length;
      whole = await shown(registry);
      await registry.close();
      expect(whole.tags).toEqual([['main', staged.digest]]);
      expect(whole.referrers.length).toBeGreaterThan(5);
    });

    test.each(FAULTS.flatMap((one) => AT.map((at) => ({ ...one, at }))))(
      'ends well when $what once, at $at',
      async ({ fault, at }) => {
        const registry = await startRegistry({
          ...has,
          onRequest: (_request, count) => (count - 1 === Math.round(at * (requests - 1)) ? fault : undefined),
        });
        try {
          await succeeded(push(staged.job, registry));
          expect(await shown(registry)).toEqual(whole);
        } finally {
          await registry.close();
        }
      },
    );

    test.each(AT)('that is killed at %p has no tag without all its evidence; the next one converges', async (at) => {
      let kill = (): void => {};
      const registry = await startRegistry({
        ...has,
        onRequest: (_request, count) => {
          if (count - 1 === Math.round(at * (requests - 1))) kill();
          return undefined;
        },
      });
      try {
        const killed = await staged.job.run('push-image', inputsFor(registry), {
          onLine: (_line, signal) => {
            kill = () => signal('SIGKILL');
          },
        });
        expect(killed.signal).toBe('SIGKILL');
        const left = await shown(registry);
        if (left.tags.length > 0) expect(left).toEqual(whole);

        await succeeded(push(staged.job, registry));
        expect(await shown(registry)).toEqual(whole);
      } finally {
        await registry.close();
      }
    });

    test('says which tags are set when the registry refuses one of several', async () => {
      const registry = await startRegistry({
        ...has,
        onRequest: ({ method, url }) =>
          method === 'PUT' && url.endsWith('/manifests/second') ? { kind: 'answer', status: 403 } : undefined,
      });
      try {
        const tags = ['raw=first', 'raw=second', 'raw=third'].join('\n');
        const refused = await staged.job.run('push-image', { ...inputsFor(registry), tags });
        expect(expectOneClearError(refused)).toMatch(/Tag second was not set: .*403.* Tags set before it: first\./s);
        expect([...registry.tags(NAME).keys()].filter((tag) => !tag.startsWith('sha256-'))).toEqual(['first']);
      } finally {
        await registry.close();
      }
    });
  },
);

import { afterEach, describe, expect, test } from '@jest/globals';
import { storeAttestations } from './attestations.ts';
import { type Answer, closeGitHubs, gitHub } from './fake-github.fixture.ts';

afterEach(closeGitHubs);

const BUNDLES = ['a', 'b'].map((mediaType) => Buffer.from(JSON.stringify({ mediaType })));
const stored = async (answer: Answer, token = 'a token') => {
  const { asked, job } = await gitHub(answer);
  const result = await storeAttestations(job, token, BUNDLES, [1, 1]).then(
    (pages) => ({ pages, error: undefined }),
    (error) => ({ pages: undefined, error }),
  );
  return { asked, ...result };
};
const says = (message: string) => ({ message, documentation_url: 'https://docs.github.com/rest' });

test('each bundle is sent by itself, in order, and has a page', async () => {
  let id = 6;
  const { asked, pages } = await stored(() => {
    id += 1;
    return [201, { id }];
  });
  expect(asked).toEqual(
    ['a', 'b'].map((mediaType) =>
      expect.objectContaining({
        ...{ method: 'POST', path: '/repos/acme/app/attestations', authorization: 'token a token' },
        body: { bundle: { mediaType } },
      }),
    ),
  );
  expect(pages).toEqual([7, 8].map((one) => `https://github.com/acme/app/attestations/${one}`));
});

test('an outage is retried; a second bundle is not sent after one that failed', async () => {
  let count = 0;
  const { asked, pages } = await stored(() => {
    count += 1;
    return count < 3 ? [502, says('Server Error')] : [201, { id: count }];
  });
  expect(pages).toHaveLength(2);
  expect(asked).toHaveLength(4);
  const down = await stored(() => [500, says('Server Error')]);
  expect(down.asked).toHaveLength(3);
  expect(down).toMatchObject({
    error: { id: 'attestation-not-stored', message: expect.stringContaining('Server Error') },
  });
});

describe('a refusal names what to do, and is not repeated', () => {
  test.each([
    [403, 'Resource not accessible by integration', 'attestation-store-denied', '`permissions: attestations: write`'],
    [404, 'Not Found', 'attestation-store-denied', '`permissions: attestations: write`'],
    [401, 'Bad credentials', 'attestation-store-denied', '`permissions: attestations: write`'],
    [
      403,
      'Feature not available for user-owned private repositories.',
      'attestation-store-denied',
      'GitHub Enterprise Cloud',
    ],
    [
      400,
      'Feature not available for user-owned private repositories.',
      'attestation-store-denied',
      'GitHub Enterprise Cloud',
    ],
    [422, 'Invalid Argument - values do not match', 'attestation-not-stored', undefined],
  ])('%s %s', async (status, message, id, next) => {
    const { asked, error } = await stored(() => [status, says(message)]);
    expect(asked).toHaveLength(1);
    expect(error).toMatchObject({ id, message: expect.stringContaining(message) });
    if (next !== undefined) expect(error.next).toContain(next);
  });

  test('without a token, nothing is sent', async () => {
    const { asked, error } = await stored(() => [201, { id: 1 }], '');
    expect([asked.length, error.id]).toEqual([0, 'attestation-store-denied']);
  });
});

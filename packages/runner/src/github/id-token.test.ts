import { expect, test } from '@jest/globals';
import { assertIdToken, idToken, loginToken } from './id-token.ts';

const runner = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1/token', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret' };

function source(env: Record<string, string>, answer: () => Promise<string> = async () => 'from the runner') {
  const masked: string[] = [];
  const audiences: string[] = [];
  const getIDToken = (audience: string) => {
    audiences.push(audience);
    return answer();
  };
  return { env, getIDToken, mask: (secret: string) => masked.push(secret), masked, audiences };
}

test("a job's token is GitHub's for the audience, and masked", async () => {
  const from = source(runner);
  expect(await idToken('sigstore', from)).toBe('from the runner');
  expect(from).toMatchObject({ audiences: ['sigstore'], masked: ['from the runner'] });
});

test('SIGSTORE_ID_TOKEN comes first, and is masked', async () => {
  const from = source({ ...runner, SIGSTORE_ID_TOKEN: ' given\n' });
  expect(await idToken('sigstore', from)).toBe('given');
  expect(from).toMatchObject({ audiences: [], masked: ['given'] });
});

test('a job without the permission gets an error that names it', async () => {
  await expect(idToken('sigstore', source({ GITHUB_ACTIONS: 'true' }))).rejects.toMatchObject({
    kind: 'unauthorized',
    next: expect.stringContaining('id-token: write'),
  });
});

test('outside a workflow a missing token is a mistake of the caller', async () => {
  await expect(idToken('sigstore', source({}))).rejects.toMatchObject({ id: 'id-token-missing', kind: 'bad-input' });
});

test('whether there is a token is known without a request', () => {
  const from = source(runner);
  assertIdToken(from);
  assertIdToken(source({ SIGSTORE_ID_TOKEN: 'given' }));
  expect(from.audiences).toEqual([]);
  expect(() => assertIdToken(source({ SIGSTORE_ID_TOKEN: ' ' }))).toThrow('Keyless signing needs an identity token');
});

test("the runner's refusal is said", async () => {
  const from = source(runner, async () => {
    throw new Error('Failed to get ID Token');
  });
  await expect(idToken('sigstore', from)).rejects.toMatchObject({
    id: 'id-token-unavailable',
    message: expect.stringContaining('Failed to get ID Token'),
  });
});

test('a registry never gets SIGSTORE_ID_TOKEN, with which it could sign', async () => {
  const from = source({ ...runner, SIGSTORE_ID_TOKEN: 'given' });
  expect(await loginToken('sts.amazonaws.com', from)).toBe('from the runner');
  expect(from).toMatchObject({ audiences: ['sts.amazonaws.com'], masked: ['from the runner'] });
  await expect(loginToken('sts.amazonaws.com', source({ SIGSTORE_ID_TOKEN: 'given' }))).rejects.toMatchObject({
    id: 'id-token-denied',
    message: expect.stringContaining('permissions: id-token: write'),
  });
});

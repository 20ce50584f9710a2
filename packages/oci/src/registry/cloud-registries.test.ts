/**
 * Answers of the registries of Amazon, Google and Azure where they differ from the specification, as their documentation and their users'
 * issue threads have it, replayed on loopback: status, headers and body.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { addImage, addReferrer, described } from '../fixture.ts';
import { contentOfBytes } from '../verified.ts';
import {
  basicOf,
  bearer,
  bundle,
  closeAll,
  elsewhere,
  errors,
  failureOf,
  json,
  password,
  start,
} from './hosted-registries.fixture.ts';

afterEach(closeAll);

describe('Amazon ECR', () => {
  const challenge = {
    'www-authenticate':
      'Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
  };

  test('accepts AWS and a password valid for twelve hours; when it expires the helper is called again', async () => {
    let now = 'first';
    const given: string[] = [];
    const { registry } = await start(
      ({ headers }) =>
        headers.authorization === basicOf('AWS', now)
          ? undefined
          : { status: 401, headers: { ...json, ...challenge }, body: 'Not Authorized\n' },
      {
        credentials: () => {
          given.push(now);
          return password('AWS', now);
        },
      },
    );
    const image = await addImage(registry, 'linux/amd64');
    now = 'second';
    await registry.moveTag(image, 'v1');
    expect(given).toEqual(['first', 'second']);
  });

  test('says 403 to a password that has run out', async () => {
    const said = 'Your authorization token has expired. Reauthenticate and try again.';
    const { registry } = await start(() => ({ status: 403, headers: json, body: errors('DENIED', said) }));
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining(said),
      next: expect.stringContaining('Log in'),
    });
  });

  // moby/buildkit#3776, aws/containers-roadmap#2380
  const immutable = (tag: string) =>
    errors(
      'TAG_INVALID',
      `The image tag '${tag}' already exists in the 'acme/app' repository and cannot be overwritten because the repository is immutable.`,
    );
  test('keeps tags as they are: the same image is fine, another is a conflict that says so', async () => {
    let kept = false;
    const { registry } = await start(({ method }, { pathname }) =>
      kept && method === 'PUT' && pathname.endsWith('/manifests/v1')
        ? { status: 400, headers: json, body: immutable('v1') }
        : undefined,
    );
    const [image, other] = [await addImage(registry, 'linux/amd64'), await addImage(registry, 'linux/arm64')];
    await registry.moveTag(image, 'v1');
    kept = true;
    await registry.moveTag(image, 'v1');
    expect(await failureOf(registry.moveTag(other, 'v1'))).toMatchObject({
      id: 'tag-changed',
      message: expect.stringContaining(image.digest),
      next: expect.stringMatching(/another tag/),
    });
  });

  test('wants a repository to be created first', async () => {
    const said = "The repository with name 'acme/app' does not exist in the registry with id '123456789012'";
    const { registry } = await start(() => ({ status: 404, headers: json, body: errors('NAME_UNKNOWN', said) }));
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining('does not exist in the registry'),
    });
    // The advice of ECR is for its hosts only: advice.test.ts has it.
    expect(failure.next).toMatch(/create a repository before the first push/i);
  });

  test.each([404, 405])(
    'answers OCI-Subject without listing referrers (%d): the fallback tag is kept',
    async (status) => {
      const { registry, server } = await start(
        (_, { pathname }) =>
          pathname.includes('/referrers/')
            ? {
                status,
                headers: json,
                body: errors('UNSUPPORTED', "Invalid parameter at 'ImageTag' failed to satisfy constraint"),
              }
            : undefined,
        { server: { referrers: false } },
      );
      const image = await addImage(registry, 'linux/amd64');
      const referrer = await addReferrer(registry, image, bundle, {});
      expect([...server.tags('acme/app').keys()]).toEqual([image.digest.replace(':', '-')]);
      expect(await registry.referrers(image.digest)).toMatchObject([{ digest: referrer.digest, artifactType: bundle }]);
    },
  );

  test('public.ecr.aws asks for the scope aws, and gets it', async () => {
    const asked: string[][] = [];
    const { registry, server } = await start(({ headers }, { pathname, searchParams }) => {
      if (pathname === '/token') {
        asked.push(searchParams.getAll('scope'));
        return { status: 200, headers: json, body: '{"token":"t"}' };
      }
      return headers.authorization === 'Bearer t'
        ? undefined
        : { status: 401, headers: bearer(server, ',scope="aws"') };
    });
    await addImage(registry, 'linux/amd64');
    expect(asked.at(-1)).toContain('aws');
  });
});

describe('Google Artifact Registry', () => {
  test('takes oauth2accesstoken, and keeps blobs where a second authorisation is refused', async () => {
    const blob = described('application/x', 'layer');
    const storage = await elsewhere(({ headers }) =>
      headers.authorization === undefined
        ? { status: 200, body: 'layer' }
        : { status: 400, body: '<?xml version="1.0"?><Error><Code>InvalidArgument</Code></Error>' },
    );
    const login = { username: 'oauth2accesstoken', password: 'ya29.a0Af_By-secret' };
    const { registry, server } = await start(
      ({ method }, { pathname }) =>
        method === 'GET' && pathname.includes('/blobs/')
          ? { status: 302, headers: { location: `${storage.url}/artifacts-downloads/x?X-Goog-Signature=abc` } }
          : undefined,
      { credentials: () => password(login.username, login.password), server: { auth: { kind: 'token', ...login } } },
    );
    await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
    expect(String(await registry.fetchBytes(blob.descriptor))).toBe('layer');
    const asked = server.requests.filter(({ url }) => url.startsWith('/token'));
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(
      new Set([basicOf(login.username, login.password)]),
    );
  });

  test('its access tokens expire within an hour: the helper is called again', async () => {
    let valid = 'ya29.first';
    let use = 0;
    const { registry, server } = await start(
      ({ headers }, { pathname }) => {
        if (pathname === '/token') {
          if (headers.authorization !== basicOf('oauth2accesstoken', valid)) return { status: 401, body: 'expired' };
          use += 1;
          return { status: 200, headers: json, body: JSON.stringify({ token: `t-${valid}`, expires_in: 60 }) };
        }
        return headers.authorization === `Bearer t-${valid}` ? undefined : { status: 401, headers: bearer(server) };
      },
      { credentials: () => password('oauth2accesstoken', valid) },
    );
    const image = await addImage(registry, 'linux/amd64');
    valid = 'ya29.second';
    await registry.moveTag(image, 'v1');
    expect(use).toBe(2);
  });
});

describe('Azure (azurecr.io)', () => {
  // learn.microsoft.com and AAD-OAuth.md: POST /oauth2/token with the refresh token; the answer is access_token alone.
  test('exchanges the refresh token that az acr login stored, and sends it nowhere else', async () => {
    const bodies: string[] = [];
    const { registry, server } = await start(
      ({ method, url, headers }) => {
        if (url.startsWith('/token')) {
          bodies.push(`${method} ${url} ${headers['content-type']} ${headers.authorization}`);
          return { status: 200, headers: json, body: '{"access_token":"a"}' };
        }
        return headers.authorization === 'Bearer a'
          ? undefined
          : { status: 401, headers: bearer(server, ',scope="repository:acme/app:pull"') };
      },
      { credentials: () => ({ kind: 'identity-token', token: 'refresh-secret' }) },
    );
    await addImage(registry, 'linux/amd64');
    expect(new Set(bodies)).toEqual(new Set(['POST /token application/x-www-form-urlencoded undefined']));
    expect(JSON.stringify(server.requests)).not.toContain('refresh-secret');
  });

  test('accepts the same refresh token as a password without a user', async () => {
    const login = { username: '00000000-0000-0000-0000-000000000000', password: 'refresh-secret' };
    const { registry } = await start(() => undefined, {
      credentials: () => password(login.username, login.password),
      server: { auth: { kind: 'token', ...login } },
    });
    await expect(addImage(registry, 'linux/amd64')).resolves.toMatchObject({ size: expect.any(Number) });
  });

  test('asks for metadata_read beside what we ask for', async () => {
    let scopes: string[] = [];
    const { registry, server } = await start(({ headers }, { pathname, searchParams }) => {
      if (pathname === '/token') {
        scopes = searchParams.getAll('scope');
        return { status: 200, headers: json, body: '{"access_token":"a"}' };
      }
      return headers.authorization
        ? undefined
        : { status: 401, headers: bearer(server, ',scope="repository:acme/app:metadata_read"') };
    });
    await registry.resolve('v1').catch(() => undefined);
    expect(scopes).toEqual(['repository:acme/app:metadata_read,pull']);
  });
});

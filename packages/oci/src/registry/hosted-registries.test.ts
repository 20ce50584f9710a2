/**
 * What the large registries answer where they differ from the specification, as their documentation and their users'
 * issue threads have it, replayed on loopback: status, headers and body.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import type { Credential } from '../auth/credentials.ts';
import { addImage, addReferrer, described, virtualTiming } from '../fixture.ts';
import { contentOfBytes } from '../verified.ts';
import { Registry } from './registry.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer to a request, or undefined where the registry does as specified. */
type Quirk = (request: RecordedRequest, url: URL) => Answer | undefined;

const errors = (code: string, message: string, detail?: unknown) =>
  JSON.stringify({ errors: [{ code, message, detail }] });
const json = { 'content-type': 'application/json' };

async function start(
  quirk: Quirk,
  options: {
    credentials?: () => Credential | undefined;
    server?: Parameters<typeof startRegistry>[0];
    repository?: string;
  } = {},
) {
  const timing = virtualTiming();
  const server: RegistryServer = await startRegistry({
    now: timing.now,
    ...options.server,
    onRequest: (request): Fault | undefined => {
      const answer = quirk(request, new URL(request.url, server.url));
      return answer && { kind: 'answer', ...answer };
    },
  });
  const registry = new Registry(
    { registry: server.host, repository: options.repository ?? 'acme/app' },
    { credentials: async () => options.credentials?.(), timing },
  );
  open.push(server, registry);
  return { server, registry, timing };
}

/** Another host, which gives every request that answer. */
async function elsewhere(answer: (request: RecordedRequest) => Answer) {
  const server = await startRegistry({ onRequest: (request) => ({ kind: 'answer', ...answer(request) }) });
  open.push(server);
  return server;
}

const failureOf = (work: Promise<unknown>): Promise<{ code: string; message: string; next: string }> =>
  work.then(
    () => Promise.reject(new Error('it went well')),
    (error: unknown) => error as { code: string; message: string; next: string },
  );

const bearer = (server: { url: string }, more = '') => ({
  'www-authenticate': `Bearer realm="${server.url}/token",service="testkit"${more}`,
});
const password = (username: string, secret: string): Credential => ({ kind: 'password', username, password: secret });
const basicOf = (username: string, secret: string) =>
  `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';

describe('GitHub (ghcr.io)', () => {
  // artifacthub/hub#4785: GET …/referrers/… is a 303 to a page of GitHub's that answers 429 to many.
  test('sends who asks for referrers to a web page: nobody goes there, and the fallback tag has them', async () => {
    const web = await elsewhere(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const { registry } = await start(
      (_, { pathname }) =>
        pathname.includes('/referrers/')
          ? { status: 303, headers: { location: `${web.url}/-/v2/packages` } }
          : undefined,
      { server: { referrers: false } },
    );
    const image = await addImage(registry, 'linux/amd64');
    const referrer = await addReferrer(registry, image, bundle, {});
    expect((await registry.referrers(image.digest, bundle)).map(({ digest }) => digest)).toEqual([referrer.digest]);
    expect(web.requests).toEqual([]);
  });

  // NVIDIA/aicr#1957: 404 MANIFEST_UNKNOWN; entries written by cosign name the empty config's type.
  test('has no referrers API, and entries that name the config’s type are found by their own', async () => {
    const { registry } = await start(
      (_, { pathname }) =>
        pathname.includes('/referrers/')
          ? { status: 404, headers: json, body: errors('MANIFEST_UNKNOWN', 'manifest unknown') }
          : undefined,
      { server: { referrers: false } },
    );
    const image = await addImage(registry, 'linux/amd64');
    const referrer = await addReferrer(registry, image, bundle);
    const entry = { ...referrer, artifactType: MediaType.empty, annotations: {} };
    const index = described(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: [entry] });
    await registry.push(index.descriptor, contentOfBytes(index.bytes));
    await registry.tag(index.descriptor, image.digest.replace(':', '-'));
    expect((await registry.referrers(image.digest, bundle)).map(({ digest }) => digest)).toEqual([referrer.digest]);
  });

  test('denies a token for a package that is missing or private', async () => {
    const { registry, server } = await start((_, { pathname }) =>
      pathname === '/token'
        ? { status: 403, headers: json, body: errors('DENIED', 'requested access to the resource is denied') }
        : { status: 401, headers: bearer(server, ',scope="repository:acme/app:pull"') },
    );
    const failure = await failureOf(registry.resolve('v1'));
    expect(failure).toMatchObject({
      code: 'unauthorized',
      message: expect.stringMatching(/403 \(DENIED: requested access/),
    });
    expect(failure.next).toMatch(/report a missing image like a private one/);
    expect(server.requests).toHaveLength(2);
  });

  test('denies a push for want of packages: write', async () => {
    const { registry, server } = await start(({ method }) =>
      method === 'POST'
        ? { status: 403, headers: json, body: errors('DENIED', 'permission_denied: write_package') }
        : undefined,
    );
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('permission_denied: write_package'),
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('Docker Hub', () => {
  const limited = errors(
    'TOOMANYREQUESTS',
    'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
  );
  // docs.docker.com, "Usage and limits": 429, for abuse limits with Retry-After, for pull limits without.
  test('limits, and is waited for as long as it says', async () => {
    let left = 2;
    const { registry, timing } = await start(({ method }) => {
      if (method !== 'GET' || left === 0) return undefined;
      left -= 1;
      return { status: 429, headers: { ...json, 'retry-after': '17' }, body: limited };
    });
    const image = await addImage(registry, 'linux/amd64');
    await registry.fetchBytes(image);
    expect(timing.sleeps.filter((wait) => wait >= 17_000)).toHaveLength(2);
  });

  test('limits without an end in sight, and its words are shown with what helps', async () => {
    const { registry, server } = await start(() => ({ status: 429, headers: json, body: limited }));
    const failure = await failureOf(registry.fetchBytes(described(MediaType.manifest, '{}').descriptor));
    expect(failure).toMatchObject({ code: 'registry', message: expect.stringContaining('pull rate limit') });
    expect(failure.next).toMatch(/^Log in/);
    expect(server.requests.length).toBeLessThanOrEqual(10);
  });

  test('keeps blobs on a CDN, which gets no credentials', async () => {
    const blob = described('application/x', 'layer');
    const cdn = await elsewhere(() => ({ status: 200, body: 'layer' }));
    const { registry } = await start(
      ({ method }, { pathname }) =>
        method === 'GET' && pathname.includes('/blobs/')
          ? { status: 307, headers: { location: `${cdn.url}/registry-v2/sha256/aa/data?verify=1-x%3D` } }
          : undefined,
      {
        credentials: () => password('user', 'dckr_pat_secret'),
        server: { auth: { kind: 'token', username: 'user', password: 'dckr_pat_secret' } },
      },
    );
    await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
    expect(String(await registry.fetchBytes(blob.descriptor))).toBe('layer');
    expect(cdn.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  // A token is granted with fewer actions than asked for; the registry then says 401 and insufficient_scope.
  test('grants a token that may not push, and is not asked for ever', async () => {
    const { registry, server } = await start((_, { pathname }) =>
      pathname === '/token'
        ? { status: 200, headers: json, body: JSON.stringify({ token: 'may-pull', expires_in: 300 }) }
        : {
            status: 401,
            headers: {
              ...json,
              ...bearer(server, ',scope="repository:acme/app:pull,push",error="insufficient_scope"'),
            },
            body: errors('UNAUTHORIZED', 'authentication required'),
          },
    );
    await expect(registry.checkPush()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(server.requests.length).toBeLessThan(8);
  });
});

describe('Amazon ECR', () => {
  const challenge = {
    'www-authenticate':
      'Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
  };

  test('takes AWS and a password of twelve hours; when that runs out the helper is asked for a newer one', async () => {
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
    await registry.tag(image, 'v1');
    expect(given).toEqual(['first', 'second']);
  });

  test('says 403 to a password that has run out', async () => {
    const said = 'Your authorization token has expired. Reauthenticate and try again.';
    const { registry } = await start(() => ({ status: 403, headers: json, body: errors('DENIED', said) }));
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({
      code: 'unauthorized',
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
    await registry.tag(image, 'v1');
    kept = true;
    await registry.tag(image, 'v1');
    expect(await failureOf(registry.tag(other, 'v1'))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(image.digest),
      next: expect.stringMatching(/another tag/),
    });
  });

  test('wants a repository to be created first', async () => {
    const said = "The repository with name 'acme/app' does not exist in the registry with id '123456789012'";
    const { registry } = await start(() => ({ status: 404, headers: json, body: errors('NAME_UNKNOWN', said) }));
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('does not exist in the registry'),
    });
    expect(failure.next).toMatch(/create a repository before the first push/);
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

  test('its access tokens run out within an hour: the helper is asked for another', async () => {
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
    await registry.tag(image, 'v1');
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

  test('takes the same refresh token as the password of nobody', async () => {
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

describe('Quay', () => {
  test('lets robots in, whose names have a plus', async () => {
    const login = { username: 'acme+ci', password: 'robot-secret' };
    const { registry, server } = await start(() => undefined, {
      credentials: () => password(login.username, login.password),
      server: { auth: { kind: 'token', ...login } },
    });
    await addImage(registry, 'linux/amd64');
    expect(server.requests.some(({ headers }) => headers.authorization === basicOf('acme+ci', 'robot-secret'))).toBe(
      true,
    );
  });

  test('calls a manifest that it does not know invalid, in words that reach the user', async () => {
    const { registry } = await start(({ method }, { pathname }) =>
      method === 'PUT' && pathname.includes('/manifests/')
        ? {
            status: 400,
            headers: json,
            body: errors('MANIFEST_INVALID', 'manifest invalid', { message: 'unsupported media type' }),
          }
        : undefined,
    );
    expect(await failureOf(addImage(registry, 'linux/amd64'))).toMatchObject({
      code: 'registry',
      message: expect.stringContaining('MANIFEST_INVALID: manifest invalid'),
    });
  });
});

describe('a registry without the referrers API', () => {
  const login = { username: 'u', password: 'secret' };

  // 401 without a challenge: goharbor/harbor#18305. 400, 406: go-containerregistry, pkg/v1/remote/referrers.go.
  test.each([
    [400, 'token'],
    [401, 'token'],
    [401, 'basic'],
    [403, 'token'],
    [403, 'basic'],
    [405, 'token'],
    [406, 'token'],
    [410, 'token'],
    [501, 'token'],
  ] as const)('may answer %i where manifests can be read (%s): the fallback tag is kept', async (referrers, kind) => {
    const { server, registry } = await start(() => undefined, {
      server: { referrers, auth: { kind, ...login } },
      credentials: () => password(login.username, login.password),
    });
    const image = await addImage(registry, 'linux/amd64');
    const referrer = await addReferrer(registry, image, bundle, {});
    expect([...server.tags('acme/app').keys()]).toEqual([image.digest.replace(':', '-')]);
    const reader = new Registry(
      { registry: server.host, repository: 'acme/app' },
      { credentials: async () => password(login.username, login.password) },
    );
    open.push(reader);
    expect(await reader.referrers(image.digest)).toMatchObject([{ digest: referrer.digest, artifactType: bundle }]);
  });

  test.each([401, 403])('is not assumed for a %i where manifests cannot be read either', async (status) => {
    const { registry, server } = await start(({ method }) =>
      method === 'GET' || method === 'HEAD' ? { status } : undefined,
    );
    const subject = described(MediaType.manifest, '{}').descriptor.digest;
    await expect(registry.referrers(subject)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(server.requests.some(({ url }) => url.includes('sha256-'))).toBe(false);
  });

  test('is not assumed for a refusal that ends once there are credentials', async () => {
    const { registry, server } = await start(
      ({ headers }, { pathname }) =>
        pathname.includes('/referrers/') && headers.authorization === undefined ? { status: 403 } : undefined,
      { server: { auth: { kind: 'basic', ...login } }, credentials: () => password(login.username, login.password) },
    );
    const subject = described(MediaType.manifest, '{}').descriptor.digest;
    expect(await registry.referrers(subject)).toEqual([]);
    expect(server.requests.at(-1)).toMatchObject({ status: 200, url: expect.stringContaining('/referrers/') });
  });

  test('is not assumed for a server error', async () => {
    const { registry } = await start((_, { pathname }) =>
      pathname.includes('/referrers/') ? { status: 500 } : undefined,
    );
    const image = await addImage(registry, 'linux/amd64');
    await expect(registry.referrers(image.digest)).rejects.toMatchObject({ code: 'registry' });
  });
});

describe('Harbor', () => {
  // goharbor/harbor, src/server/middleware/immutable: 412 PRECONDITION
  const refused = errors('PRECONDITION', "Failed to process request due to 'app:v1' configured as immutable.");
  test('keeps tags by rule (412): the same image is fine, another is a conflict', async () => {
    let kept = false;
    const { registry } = await start(({ method }, { pathname }) =>
      kept && method === 'PUT' && pathname.endsWith('/v1') ? { status: 412, headers: json, body: refused } : undefined,
    );
    const [image, other] = [await addImage(registry, 'linux/amd64'), await addImage(registry, 'linux/arm64')];
    await registry.tag(image, 'v1');
    kept = true;
    await registry.tag(image, 'v1');
    await expect(registry.tag(other, 'v1')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('lets robots in, whose names have a dollar sign', async () => {
    const login = { username: 'robot$acme+ci', password: 'pa$$w0rd`id`' };
    const { registry } = await start(() => undefined, {
      credentials: () => password(login.username, login.password),
      server: { auth: { kind: 'basic', ...login } },
    });
    await expect(addImage(registry, 'linux/amd64')).resolves.toBeDefined();
  });

  test('sets cookies, which are never sent back', async () => {
    const { registry, server } = await start(({ method }) =>
      method === 'HEAD' ? { status: 404, headers: { 'set-cookie': 'sid=abc; Path=/; HttpOnly' } } : undefined,
    );
    await addImage(registry, 'linux/amd64');
    expect(server.requests.every(({ headers }) => headers.cookie === undefined)).toBe(true);
  });

  test('says when a project’s quota is full', async () => {
    const said =
      'adding 12.0 MiB of storage resource, which when updated to current usage of 1.0 GiB will exceed the configured upper limit of 1.0 GiB.';
    const { registry } = await start(({ method }, { pathname }) =>
      method === 'PUT' && pathname.includes('/manifests/')
        ? { status: 403, headers: json, body: errors('DENIED', said) }
        : undefined,
    );
    expect(await failureOf(addImage(registry, 'linux/amd64'))).toMatchObject({
      message: expect.stringContaining('configured upper limit'),
    });
  });
});

describe('GitLab', () => {
  // oras-project/oras-go#1396
  test.each([true, false])(
    'answers a fallback tag that nobody wrote with the subject itself, which is no list (If-Match heeded: %j)',
    async (conditions) => {
      const { registry } = await start(() => undefined, { server: { referrers: false, digestTags: true, conditions } });
      const platform = await addImage(registry, 'linux/amd64');
      const index = described(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: [platform] });
      await registry.push(index.descriptor, contentOfBytes(index.bytes));
      for (const subject of [platform, index.descriptor]) {
        expect(await registry.referrers(subject.digest)).toEqual([]);
        const referrer = await addReferrer(registry, subject, bundle, {});
        expect(await registry.referrers(subject.digest)).toMatchObject([{ digest: referrer.digest }]);
      }
    },
  );

  test('has its token service on another host, which alone gets the password', async () => {
    const gitlab = await elsewhere(() => ({ status: 200, headers: json, body: '{"token":"jwt","expires_in":300}' }));
    const { registry, server } = await start(
      ({ headers }) =>
        headers.authorization === 'Bearer jwt'
          ? undefined
          : {
              status: 401,
              headers: { 'www-authenticate': `Bearer realm="${gitlab.url}/jwt/auth",service="container_registry"` },
            },
      { credentials: () => password('gitlab-ci-token', 'glcbt-secret') },
    );
    await addImage(registry, 'linux/amd64');
    expect(
      gitlab.requests.every(({ headers }) => headers.authorization === basicOf('gitlab-ci-token', 'glcbt-secret')),
    ).toBe(true);
    expect(server.requests.some(({ headers }) => headers.authorization?.startsWith('Basic'))).toBe(false);
  });

  // google/go-containerregistry#220: a mount from another project is 401, whatever the token.
  test('refuses mounts from other projects, and takes an upload instead', async () => {
    const { registry, server } = await start(
      (_, { searchParams }) =>
        searchParams.has('mount')
          ? {
              status: 401,
              headers: {
                ...json,
                ...bearer(server, ',scope="repository:library/nginx:pull",error="insufficient_scope"'),
              },
              body: errors('UNAUTHORIZED', 'authentication required'),
            }
          : undefined,
      {
        server: { auth: { kind: 'token', username: 'u', password: 'secret' } },
        credentials: () => password('u', 'secret'),
      },
    );
    const blob = described('application/x', 'layer');
    expect(await registry.push(blob.descriptor, contentOfBytes(blob.bytes), { mountFrom: ['library/nginx'] })).toBe(
      'sent',
    );
  });

  // grimoire-rs/grimoire#11: artifacts of types that it does not know
  test('refuses artifacts of types that it does not know, and says which', async () => {
    const { registry } = await start(({ method }, { pathname }) =>
      method === 'PUT' && pathname.includes('/manifests/')
        ? { status: 400, headers: json, body: errors('MANIFEST_INVALID', 'unknown media type: application/vnd.x') }
        : undefined,
    );
    expect(await failureOf(addImage(registry, 'linux/amd64'))).toMatchObject({
      message: expect.stringContaining('unknown media type: application/vnd.x'),
    });
  });

  // podman#16065: its token service answers 404 now and then, and the next try goes well.
  test('its token service’s passing 404 is a clear error', async () => {
    const { registry, server } = await start((_, { pathname }) =>
      pathname === '/token' ? { status: 404 } : { status: 401, headers: bearer(server) },
    );
    expect(await failureOf(registry.resolve('v1'))).toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('404'),
    });
  });
});

describe('Artifactory', () => {
  test('gives upload locations without a host', async () => {
    const moved: Quirk = ({ method }, { pathname }) =>
      method === 'POST' && pathname.endsWith('/uploads/')
        ? { status: 202, headers: { location: '/v2/acme/app/blobs/uploads/relative?_state=x' } }
        : method === 'PUT' && pathname.endsWith('/relative')
          ? { status: 201 }
          : undefined;
    const { registry: relative, server: second } = await start(moved);
    const blob = described('application/x', 'layer');
    await relative.push(blob.descriptor, contentOfBytes(blob.bytes));
    const put = second.requests.find(({ method }) => method === 'PUT');
    expect(put?.url).toBe(
      `/v2/acme/app/blobs/uploads/relative?_state=x&digest=${encodeURIComponent(blob.descriptor.digest)}`,
    );
  });

  // docker/buildx#196: POST and PUT are a 404 BLOB_UNKNOWN where POST, PATCH and PUT go well.
  test('does not know of an upload in one piece: it is sent in two steps', async () => {
    const { registry, server } = await start(({ method, headers }, { pathname }) =>
      method === 'PUT' && pathname.includes('/uploads/') && headers['content-length'] !== '0'
        ? { status: 404, headers: json, body: errors('BLOB_UNKNOWN', 'blob unknown to registry') }
        : undefined,
    );
    const blob = described('application/x', 'layer');
    expect(await registry.push(blob.descriptor, contentOfBytes(blob.bytes))).toBe('sent');
    expect(server.requests.map(({ method }) => method)).toContain('PATCH');
  });

  test('and proxies before it answer in HTML, of which nothing is shown', async () => {
    const { registry } = await start(() => ({
      status: 405,
      headers: { 'content-type': 'text/html' },
      body: '<html><script>alert(1)</script>405 Not Allowed</html>',
    }));
    const failure = await failureOf(registry.checkPush());
    expect(failure).toMatchObject({ code: 'registry', message: expect.stringMatching(/responded with 405\.$/) });
  });
});

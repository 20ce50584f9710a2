/**
 * Answers of the large public registries where they differ from the specification, as their documentation and their users'
 * issue threads have it, replayed on loopback: status, headers and body.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
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

describe('GitHub (ghcr.io)', () => {
  // artifacthub/hub#4785: GET …/referrers/… is a 303 to a page of GitHub's that answers 429 to many.
  test('redirects requests for referrers to a web page: it is not followed, and the fallback tag is used', async () => {
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
    await registry.moveTag(index.descriptor, image.digest.replace(':', '-'));
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
      kind: 'unauthorized',
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
      kind: 'unauthorized',
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
    expect(failure).toMatchObject({ kind: 'registry', message: expect.stringContaining('pull rate limit') });
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
  test('grants a token without push permission, and is not retried forever', async () => {
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
    await expect(registry.checkPush()).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(server.requests.length).toBeLessThan(8);
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
      kind: 'registry',
      message: expect.stringContaining('MANIFEST_INVALID: manifest invalid'),
    });
  });
});

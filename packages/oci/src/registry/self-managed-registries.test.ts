/**
 * Answers of self-managed registries where they differ from the specification, as their documentation and their users'
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
  type Quirk,
  start,
} from './hosted-registries.fixture.ts';

afterEach(closeAll);

describe('Harbor', () => {
  // goharbor/harbor, src/server/middleware/immutable: 412 PRECONDITION
  const refused = errors('PRECONDITION', "Failed to process request due to 'app:v1' configured as immutable.");
  test('keeps tags by rule (412): the same image is fine, another is a conflict', async () => {
    let kept = false;
    const { registry } = await start(({ method }, { pathname }) =>
      kept && method === 'PUT' && pathname.endsWith('/v1') ? { status: 412, headers: json, body: refused } : undefined,
    );
    const [image, other] = [await addImage(registry, 'linux/amd64'), await addImage(registry, 'linux/arm64')];
    await registry.moveTag(image, 'v1');
    kept = true;
    await registry.moveTag(image, 'v1');
    await expect(registry.moveTag(other, 'v1')).rejects.toMatchObject({ kind: 'conflict' });
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
    'resolves an unwritten fallback tag to the subject itself, which is not a list (If-Match honored: %j)',
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
      kind: 'unauthorized',
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
    expect(failure).toMatchObject({ kind: 'registry', message: expect.stringMatching(/responded with 405\.$/) });
  });
});

/** Which answers mean that a registry has no referrers API, and which do not. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { addImage, addReferrer, described } from '../fixture.ts';
import { bundle, closeAll, open, password, start } from './hosted-registries.fixture.ts';
import { Registry } from './registry.ts';

afterEach(closeAll);

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
    await expect(registry.referrers(subject)).rejects.toMatchObject({ kind: 'unauthorized' });
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
    await expect(registry.referrers(image.digest)).rejects.toMatchObject({ kind: 'registry' });
  });
});

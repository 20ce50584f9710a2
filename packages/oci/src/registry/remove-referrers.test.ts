import { afterEach, describe, expect, test } from '@jest/globals';
import { addReferrer } from '../fixture.ts';
import { client, closeAll, fallbackOf, start } from './referrers.fixture.ts';

afterEach(closeAll);

const types = ['application/1', 'application/2', 'application/3'];
const listed = async (registry: ReturnType<typeof client>, image: Parameters<typeof addReferrer>[1]) =>
  (await registry.referrers(image.digest)).map(({ artifactType }) => artifactType);

describe.each([
  { api: true, list: 'the referrers API' },
  { api: false, list: 'a fallback tag' },
])('a referrer that is removed, where the list is $list', ({ api }) => {
  test('is neither listed nor there, and the others stay', async () => {
    const { registry, image, server } = await start(api);
    const [first, second] = await Promise.all(types.map((type) => addReferrer(registry, image, type)));
    if (!first || !second) throw new Error('nothing was added');
    const other = client(server);
    expect(await other.removeReferrers(image.digest, [first.digest, second.digest])).toEqual({
      deleted: 2,
      unlisted: !api,
    });
    expect(await listed(registry, image)).toEqual(['application/3']);
    expect(server.manifest('acme/app', first.digest)).toBeUndefined();
    if (!api) expect(fallbackOf(server, image).manifests).toHaveLength(1);
  });

  test('counts as gone if somebody removed it before', async () => {
    const { registry, image } = await start(api);
    const gone = await addReferrer(registry, image, 'application/1');
    await registry.removeReferrers(image.digest, [gone.digest]);
    expect(await registry.removeReferrers(image.digest, [gone.digest])).toMatchObject({ deleted: 1 });
  });

  test.each([405, 403, 400, 501])('stays where the registry answers %s, which is asked once', async (status) => {
    const { registry, image, server } = await start(api, ({ method }) =>
      method === 'DELETE' ? { kind: 'answer', status } : undefined,
    );
    const added = await Promise.all(types.map((type) => addReferrer(registry, image, type)));
    const removal = await registry.removeReferrers(
      image.digest,
      added.slice(0, 2).map(({ digest }) => digest),
    );
    expect(removal).toEqual({ deleted: 0, unlisted: !api, refused: status });
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(await listed(registry, image)).toHaveLength(api ? 3 : 1);
  });
});

describe('a fallback tag', () => {
  test('does not name a removed entry again when this process adds another', async () => {
    const { registry, image, server } = await start(false);
    const first = await addReferrer(registry, image, 'application/1');
    await registry.removeReferrers(image.digest, [first.digest]);
    await addReferrer(registry, image, 'application/2');
    expect(fallbackOf(server, image).manifests).toMatchObject([{ artifactType: 'application/2' }]);
  });

  test.each([{ conditions: true }, { conditions: false }])(
    'keeps what another writer adds meanwhile (If-Match heeded: $conditions)',
    async ({ conditions }) => {
      let meanwhile = async () => {};
      const { registry, image, server } = await start(
        false,
        async ({ method, url, headers }) => {
          const ours = headers['user-agent'] === 'ours' && url.includes('manifests/sha256-');
          // Without conditions a write between our read and our write is lost: it comes just before our read.
          if (ours && method === (conditions ? 'PUT' : 'GET')) {
            const go = meanwhile;
            meanwhile = async () => {};
            await go();
          }
          return undefined;
        },
        { conditions },
      );
      const first = await addReferrer(registry, image, 'application/1');
      const ours = client(server, { userAgent: 'ours' });
      meanwhile = async () => {
        await addReferrer(client(server), image, 'application/theirs');
      };
      await ours.removeReferrers(image.digest, [first.digest]);
      expect(fallbackOf(server, image).manifests).toMatchObject([{ artifactType: 'application/theirs' }]);
    },
  );
});

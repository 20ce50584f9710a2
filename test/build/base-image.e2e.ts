/** The base of an image is written into it: name and digest, as BuildKit resolved it in a registry. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Descriptor, type Digest, parsePlatform, planAnnotations } from '@tidegate/core';
import { copy, Registry } from '@tidegate/oci';
import { joinTargets, type Target } from '@tidegate/pipeline';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { builtImage } from '../support/built-image.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';
const PLATFORMS = ['linux/amd64', 'linux/arm64'].map((text) => parsePlatform(text));

let registry: RegistryServer;
let base: { readonly name: string; readonly digest: Digest };
let tools: string;

beforeAll(async () => {
  registry = await startRegistry();
  const push = async (repository: string, dockerfile: string) => {
    const { target } = await builtImage(suite, dockerfile, {}, { platforms: PLATFORMS, labels: [['who', repository]] });
    const store = new Registry({ registry: registry.host, repository });
    const { root } = target.image;
    await copy(target.layout, store, [root]);
    await store.moveTag(root, '12', { bytes: await target.layout.fetchBytes(root) });
    store.close();
    return { name: `${registry.host}/${repository}:12`, digest: target.image.root.digest };
  };
  tools = (await push('bases/tools', 'FROM scratch\nCOPY busybox /tool\n')).name;
  // It has a base of its own, and labels that say so: what is built on it inherits them.
  base = await push('bases/os', `FROM ${tools}\nCOPY busybox /bin/busybox\n`);
});
afterAll(() => registry.close());

/** A Dockerfile as people write it: another stage, an ARG in FROM, a name that stands for a stage. */
const dockerfile = () => `ARG VERSION=12
FROM ${tools} AS tools
FROM ${base.name.replace(/12$/, '')}\${VERSION} AS runtime
COPY --from=tools /tool /tool
FROM runtime
COPY busybox /app
`;
const said = () => ({ [NAME]: base.name, [DIGEST]: base.digest });

async function read(target: Target) {
  const json = async (descriptor: Descriptor) => JSON.parse((await target.layout.fetchBytes(descriptor)).toString());
  const platforms = await Promise.all(
    target.image.platforms.map(async ({ descriptor }) => {
      const manifest = await json(descriptor);
      return { annotations: manifest.annotations, labels: (await json(manifest.config)).config.Labels };
    }),
  );
  return { platforms, root: await json(target.image.root) };
}

describe('an image on a base', () => {
  test('says so in labels and annotations of each platform, and on its index', async () => {
    const { target } = await builtImage(suite, dockerfile(), {}, { platforms: PLATFORMS, labels: [['a', 'b']] });
    const { platforms, root } = await read(target);
    expect(platforms).toHaveLength(2);
    for (const { labels, annotations } of platforms) {
      expect(labels).toEqual({ a: 'b', who: 'bases/os', ...said() });
      expect(annotations).toMatchObject(said());
    }
    expect(root.annotations).toEqual(said());
  });

  test('is the same when its platforms are built apart and joined', async () => {
    const parts = [];
    for (const platform of PLATFORMS)
      parts.push((await builtImage(suite, dockerfile(), {}, { platforms: [platform] })).target);
    const joined = await joinTargets(parts, join(suite.folder, `joined-${Date.now()}`));
    expect((await read(joined)).root.annotations).toEqual(said());
  });

  test('of which every layer was packed anew names it too', async () => {
    const { target } = await builtImage(
      suite,
      dockerfile(),
      {},
      { rewriteTimestamp: true, sourceDateEpoch: 1_700_000_000 },
    );
    expect((await read(target)).platforms[0]).toMatchObject({ labels: said(), annotations: said() });
  });

  test('that is pinned by digest has that digest, and the name that was written', async () => {
    const { target } = await builtImage(suite, `FROM ${base.name}@${base.digest}\nCOPY busybox /app\n`);
    expect((await read(target)).platforms[0]?.labels).toMatchObject(said());
    const bare = base.name.replace(/:12$/, '');
    const pinned = await builtImage(suite, `FROM ${bare}@${base.digest}\nCOPY busybox /app\n`);
    expect((await read(pinned.target)).platforms[0]?.labels).toMatchObject({
      [NAME]: `${bare}@${base.digest}`,
      [DIGEST]: base.digest,
    });
  });

  test('leaves the labels of the user, by input or by LABEL', async () => {
    const own = 'registry.example/golden:1';
    const annotations = planAnnotations({}, [[NAME, own]]);
    const byInput = await builtImage(suite, dockerfile(), {}, { labels: [[NAME, own]], annotations });
    expect((await read(byInput.target)).platforms[0]).toMatchObject({
      labels: { [NAME]: own },
      annotations: { [NAME]: own },
    });
    const byLabel = await builtImage(suite, `${dockerfile()}LABEL ${NAME}=${own}\n`);
    expect((await read(byLabel.target)).platforms[0]?.labels[NAME]).toBe(own);
  });

  test('says nothing where a label of the user is empty', async () => {
    const { target } = await builtImage(suite, dockerfile(), {}, { labels: [[NAME, '']] });
    const [only] = (await read(target)).platforms;
    expect(only?.labels).not.toHaveProperty([NAME]);
    expect(only?.annotations ?? {}).not.toHaveProperty([NAME]);
  });

  test('leaves nothing of what BuildKit wrote before', async () => {
    const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /app\n');
    const without = await readdir(join(target.layout.folder, 'blobs/sha256'));
    const on = await builtImage(suite, dockerfile());
    const blobs = await readdir(join(on.target.layout.folder, 'blobs/sha256'));
    const layers = async ({ layout, image }: Target) =>
      JSON.parse((await layout.fetchBytes(image.root)).toString()).layers.length;
    expect(blobs.length - (await layers(on.target))).toBe(without.length - (await layers(target)));
  });
});

test('an image from scratch says nothing, though a stage of it had a base', async () => {
  const { target } = await builtImage(
    suite,
    `FROM ${base.name} AS build\nFROM scratch\nCOPY --from=build /bin/busybox /app\n`,
  );
  const [only] = (await read(target)).platforms;
  expect(only?.labels ?? {}).not.toHaveProperty([NAME]);
  expect(only?.annotations ?? {}).not.toHaveProperty([NAME]);
});

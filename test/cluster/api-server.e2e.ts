/**
 * Pinned manifests, checked by a Kubernetes API server: it decodes them strictly, sets defaults, validates, and returns
 * the object that it would store. No kubelet pulls their images.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imagesOf, pinnedFile, readManifestFile } from '@tidegate/core';
import { type ApiClient, type ApiObject, type Cluster, collectionOf, parseYaml, startCluster } from '@tidegate/testkit';
import { WORKLOAD_SHAPES } from '../../packages/core/src/manifests/shapes.fixture.ts';
import { filesIn } from '../../packages/source/src/marked.fixture.ts';

const EXAMPLE = new URL('../../examples/cluster/deployment.yaml', import.meta.url);
const CORPUS = new URL('../../packages/source/testdata/manifests.txt', import.meta.url);
const PIN = `sha256:${'ab'.repeat(32)}`;
const STRICT = '?dryRun=All&fieldValidation=Strict';

const running = new AsyncDisposableStack();
let cluster: Cluster;
let admin: ApiClient;
beforeAll(async () => {
  cluster = running.use(await startCluster({ log: (line) => process.stderr.write(`${line}\n`) }));
  admin = cluster.as('admin');
}, 3_600_000);
afterAll(() => running.disposeAsync());

/** The server finds duplicate keys itself. */
const read = (text: string) => parseYaml(text, { uniqueKeys: false });

/** The documents of a file, as kubectl separates them, without those that are empty. */
const documents = (text: string): readonly string[] =>
  text.split(/^---[ \t]*\r?$/m).filter((part) => read(part) !== null);

/** Sends the objects of a file: bytes as they are, or, for a list, each item. @returns the answers */
async function sent(text: string) {
  const answers = [];
  for (const document of documents(text)) {
    const object = read(document) as ApiObject & { readonly items?: readonly ApiObject[] };
    if (object.items === undefined) answers.push(await admin.request('POST', collectionOf(object) + STRICT, document));
    else for (const item of object.items) answers.push(await sentItem(item));
  }
  return answers;
}

/** Only a pod that exists gets ephemeral containers. */
async function sentItem(item: ApiObject) {
  const { ephemeralContainers, ...spec } = item.spec as Record<string, unknown>;
  if (ephemeralContainers === undefined) return admin.create(item, STRICT);
  const { body } = await admin.create({ ...item, spec });
  const path = `${collectionOf(item)}/${body.metadata.name}`;
  const changed = { ...body, spec: { ...body.spec, ephemeralContainers } };
  const answer = await admin.request('PUT', `${path}/ephemeralcontainers${STRICT}`, changed);
  expect(await admin.request('DELETE', `${path}?gracePeriodSeconds=0`)).toMatchObject({ status: 200 });
  return answer;
}

/** The values of `image`, and of `reference` in an image volume, in an object. */
function imagesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'image' || key === 'reference') && typeof inner === 'string' ? [inner] : imagesIn(inner),
  );
}

describe('an API server accepts a pinned manifest without an unknown field, and keeps each image as written', () => {
  test.each(WORKLOAD_SHAPES)('%s', async (_, { text, file, images }) => {
    const manifest = await readManifestFile(Buffer.from(text), file);
    const { images: found } = await imagesOf(manifest, []);
    const pins = found.map((image) => ({ image, digest: PIN }));
    const pinned = Buffer.from(await pinnedFile(manifest, pins)).toString();
    const answers = await sent(pinned);
    for (const { status, body } of answers) expect({ status, said: body.message }).toMatchObject({ said: undefined });
    const kept = answers.flatMap(({ body }) => imagesIn(body));
    expect([...kept].sort()).toEqual(images.map((image) => `${image}@${PIN}`).sort());
  });
});

describe('the API server checks the same as kubeconform', () => {
  test('the deployment in the examples is accepted; a misspelt field and a wrong type are refused', async () => {
    const text = await readFile(EXAMPLE, 'utf8');
    expect(await sent(text)).toMatchObject([{ status: 201, body: { kind: 'Deployment' } }]);
    expect(await sent(text.replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'))).toMatchObject([
      { status: 400, body: { message: expect.stringMatching(/unknown field ".*readOnlyRootFileSystem"/) } },
    ]);
    expect(await sent(text.replace('runAsNonRoot: true', 'runAsNonRoot: "yes"'))).toMatchObject([{ status: 400 }]);
    const twice = text.replace('          ports:', '          image: app\n          ports:');
    expect(await sent(twice)).toMatchObject([
      { status: 400, body: { message: expect.stringMatching(/"image" already set/) } },
    ]);
  });

  test('the manifests on which the rules are tested are accepted', async () => {
    const corpus = filesIn(await readFile(CORPUS, 'utf8'));
    const files = corpus.filter(({ file }) => /^k8s\/(?:good|bare|latest|users|volumes|logs|windows)/.test(file));
    const refused = [];
    for (const { file, text } of files) {
      for (const { status, body } of await sent(text)) if (status !== 201) refused.push(`${file} ${body.message}`);
    }
    expect(files).toHaveLength(7);
    expect(refused).toEqual([]);
  });
});

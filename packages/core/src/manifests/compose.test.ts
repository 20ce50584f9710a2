import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';

async function found(text: string, name = 'compose.yaml') {
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), name), []);
  return {
    images: images.map(({ image }) => image),
    left: left.map(({ path, isElsewhere }) => `${path}${isElsewhere ? ' is not checked' : ''}`),
  };
}
const service = (inside: string) => found(`services: {a: {${inside}}}\n`);

describe('an image that Compose can pull is checked', () => {
  test.each([
    ['with a build that is removed', 'image: "a:1", build: !reset null'],
    ['with a build that is removed, whatever its value', 'image: "a:1", build: !reset .'],
    ['with a build that is null', 'image: "a:1", build: null'],
    ...['always', 'missing', 'if_not_present', 'refresh', 'daily', 'every_12h'].map((policy) => [
      `with a build and pull_policy: ${policy}`,
      `image: "a:1", build: ., pull_policy: ${policy}`,
    ]),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose evaluates it
    ['with a build and a variable as policy', 'image: "a:1", build: ., pull_policy: "${POLICY}"'],
    ['with a build in a mapping that is no merge', 'image: "a:1", x: {build: .}'],
    ['without a build, with any policy', 'image: "a:1", pull_policy: build'],
  ])('%s', async (_, inside) => expect(await service(inside)).toEqual({ images: ['a:1'], left: [] }));

  test.each([
    ['merged services', 'x: &more {b: {image: "a:1"}}\nservices: {<<: *more}\n'],
    ['merged services of several mappings', 'services: {<<: [{b: {image: "a:1"}}, {b: {image: "b:1"}}]}\n'],
    ['a job', 'jobs: {b: {image: "a:1"}}\n'],
    ['a container that runs before a service', 'services: {b: {build: ., pre_start: [{image: "a:1"}]}}\n'],
    ['a service that overrides one', 'services: !override {b: {image: "a:1"}}\n'],
    ['a service that overrides its build', 'services: {b: !override {image: "a:1"}}\n'],
  ])('%s', async (_, text) => expect(await found(text)).toEqual({ images: ['a:1'], left: [] }));

  test('a text with a tag is left', async () =>
    expect(await service('image: !override "a:1"')).toEqual({ images: [], left: ['services.a.image'] }));
});

test.each(['build', 'never'])('with a build and pull_policy: %s, Compose pulls no image', async (policy) => {
  expect(await service(`image: "a:1", build: ., pull_policy: ${policy}`)).toEqual({ images: [], left: [] });
});

test.each([
  ['an image with a build and without a policy', 'image: "a:1", build: .'],
  ['an image with a build and a policy that is removed', 'image: "a:1", build: ., pull_policy: !reset build'],
  ['a build of another file that is removed', 'build: !reset null'],
  ['a policy for an image of another file', 'pull_policy: always'],
])('%s is named as not checked', async (_, inside) => {
  expect(await service(inside)).toEqual({ images: [], left: ['services.a is not checked'] });
});

test('a build without an image is in no registry', async () =>
  expect(await service('build: .')).toEqual({ images: [], left: [] }));

test('a file that only includes others is read, and these are read as what they are', async () => {
  const file = await readManifestFile(Buffer.from('include: [a.yaml]\n'), 'compose.yaml');
  expect((await imagesOf(file, [])).namedFiles).toMatchObject([{ file: 'a.yaml', as: 'compose' }]);
  const other = await readManifestFile(Buffer.from('jobs: {a: {image: "a:1"}}\n'), 'a.yaml');
  expect((await imagesOf(other, [])).images).toEqual([]);
  expect((await imagesOf(other, [], new Set(['compose']))).images).toMatchObject([{ image: 'a:1' }]);
});

test('a volume whose type is a variable is left: it may be an image', async () => {
  const text = 'services: {a: {build: ., volumes: [{type: "$T", source: "b:1"}, {type: bind, source: b}]}}\n';
  const { left } = await imagesOf(await readManifestFile(Buffer.from(text), 'compose.yaml'), []);
  expect(left).toMatchObject([{ path: 'services.a.volumes[0].type' }]);
});

test('models and providers are no images, and are named as not checked', async () => {
  const text =
    'services: {a: {provider: {type: model, options: {model: ai/b}}}}\nmodels:\n  m:\n    model: ai/smollm2:latest\n';
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), 'compose.yaml'), []);
  expect(images).toEqual([]);
  expect(left).toMatchObject([
    { line: 1, path: 'services.a.provider', isElsewhere: true },
    { line: 4, path: 'models.m', isElsewhere: true, why: expect.stringContaining('is a model') },
  ]);
});

describe('a document without services', () => {
  const named = async (text: string, name = 'app.yaml') => {
    const { namedFiles, left, images } = await imagesOf(await readManifestFile(Buffer.from(text), name), []);
    return { files: namedFiles.map(({ file }) => file), left: left.map(({ line, path }) => `${line} ${path}`), images };
  };
  test('is one of Compose beside one with services, in any order', async () => {
    const services = 'services: {a: {build: .}}\n';
    const include = 'include: [a.yaml]\n';
    for (const text of [`${services}---\n${include}`, `${include}---\n${services}`]) {
      expect(await named(text)).toEqual({ files: ['a.yaml'], left: [], images: [] });
    }
    expect((await named(`${services}---\nmodels: {m: {model: a}}\n`)).left).toEqual(['3 models.m']);
  });

  test.each([
    ['include: [a.yaml]\n', '1 include'],
    ['name: a\ninclude:\n- path: [a.yaml, b.yaml]\n', '3 include'],
    ['models: {m: {model: a}}\n', '1 models'],
    ['services:\ninclude: [a.yaml]\n', '2 include'],
  ])('is named as not checked if only its keys are those of Compose: %j', async (text, left) => {
    expect(await named(text)).toEqual({ files: [], left: [left], images: [] });
  });

  test.each([
    'include: {a: b}\n',
    'include: [{local: a.yaml}]\n',
    'include: [a.yaml]\nstages: [b]\n',
    'apiVersion: v1\nkind: ConfigMap\ninclude: [a]\n',
  ])('is none of Compose otherwise: %j', async (text) => {
    expect(await named(text)).toEqual({ files: [], left: [], images: [] });
  });
});

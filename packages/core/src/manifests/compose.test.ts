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

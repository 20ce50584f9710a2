import { expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';

async function found(spec: string) {
  const text = `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {${spec}}\n`;
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), 'set.yaml'), []);
  return {
    images: images.map(({ image, path }) => `${path} ${image}`),
    left: left.map(({ path, isElsewhere }) => `${path}${isElsewhere ? ' is not checked' : ''}`),
  };
}
const SOURCE = 'spec: {source: {kustomize: {images: ["a=a:1"]}}}';
const IMAGE = 'spec.source.kustomize.images[0] a:1';

test.each([
  ['a generator', `{git: {template: {${SOURCE}}}}`, 'spec.generators[0].git.template'],
  [
    'a generator in a matrix of a merge',
    `{merge: {generators: [{matrix: {generators: [{}, {list: {template: {${SOURCE}}}}]}}]}}`,
    'spec.generators[0].merge.generators[0].matrix.generators[1].list.template',
  ],
  ['a generator that merges another one', `{<<: {git: {template: {${SOURCE}}}}}`, 'spec.generators[0].git.template'],
])('the template of %s has images', async (_, generator, path) => {
  expect(await found(`generators: [${generator}]`)).toEqual({ images: [`${path}.${IMAGE}`], left: [] });
});

test('a template of patches is left if it may name images, and is named in any case', async () => {
  const patch = (text: string) => found(`templatePatch: ${JSON.stringify(text)}`);
  expect(await patch('spec: {source: {kustomize: {images: ["a=evil:1"]}}}')).toEqual({
    ...{ images: [], left: ['spec.templatePatch'] },
  });
  expect((await patch('spec: {sources: [{{ .x }}]}')).left).toEqual(['spec.templatePatch']);
  expect((await patch('spec:\n  syncPolicy: {{ .policy }}\n')).left).toEqual(['spec.templatePatch is not checked']);
  expect((await patch(' ')).left).toEqual([]);
});

test('the source of hydrated manifests and of a synchronisation has images', async () => {
  const source = '{path: apps, kustomize: {images: ["a=a:1"]}}';
  const hydrated = await found(`template: {spec: {sourceHydrator: {drySource: ${source}}}}`);
  expect(hydrated).toEqual({
    images: ['spec.template.spec.sourceHydrator.drySource.kustomize.images[0] a:1'],
    left: ['spec.template.spec.sourceHydrator.drySource.path is not checked'],
  });
  const text = `apiVersion: argoproj.io/v1alpha1\nkind: Application\noperation: {sync: {source: ${source}, manifests: [a]}}\n`;
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), 'app.yaml'), []);
  expect(images.map(({ image }) => image)).toEqual(['a:1']);
  expect(left.map(({ path }) => path)).toContain('operation.sync.manifests');
});

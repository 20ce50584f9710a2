import { expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';

async function found(text: string) {
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), 'app.yaml'), []);
  return [
    ...images.map(({ path, image }) => `${path} ${image}`),
    ...left.map(({ path, isElsewhere }) => `${path}${isElsewhere ? ' is not checked' : ' is left'}`),
  ];
}
const chart = (spec: string) => `apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec: {${spec}}\n`;
const values = (text: string) => found(chart(`values: {${text}}`));
const PARAMETERS = 'spec.source.helm.parameters.';
const source = (helm: string) =>
  found(`apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {helm: {${helm}}}}\n`);

test('an image below the parts of another one is found, and YAML in a text is named', async () => {
  expect(await values('image: {repository: a, tag: v1, init: {image: "b:1"}}')).toEqual([
    ...['spec.values.image a:v1', 'spec.values.image.init.image b:1'],
  ]);
  expect(await values('image: [{repository: a, tag: v1}, "b:1", {image: "c:1"}]')).toEqual([
    ...['spec.values.image[0] a:v1', 'spec.values.image[1] b:1', 'spec.values.image[2].image c:1'],
  ]);
  // As ingress-nginx names the repository.
  expect(await values('image: {image: a/b, tag: v1}')).toEqual([
    ...['spec.values.image is left', 'spec.values.image.image is left'],
  ]);
  expect(await values('image: {name: b/c}')).toEqual(['spec.values.image is left']);
  expect(await values(String.raw`extra: ["kind: Pod\nspec:\n  image: b:1\n", "kind: Pod\n", "image: b:1"]`)).toEqual([
    'spec.values.extra[0] is not checked',
  ]);
  expect(await values('"{{ .key }}": "b:1"')).toEqual(['spec.values.{{ .key }} is not checked']);
});

test.each<[what: string, parameters: string, rows: readonly string[]]>([
  ['a name with a backslash', String.raw`{name: 'a.im\age', value: "b:1"}`, [String.raw`a.im\age is left`]],
  ['a comma that Argo CD does not escape', '{name: a, value: "1,,image=b:1"}', ['a is left']],
  [
    'the same name twice, one with forceString',
    '{name: image, value: "b:1", forceString: true}, {name: image, value: "a:1"}',
    ['image a:1', 'image is left'],
  ],
  ['a template as a name', '{name: "{{ k }}", value: "b:1"}', ['{{ k }} is not checked']],
  ['a repository alone', '{name: image.repository, value: b}', ['image.repository is left']],
  [
    'a repository and a digest',
    '{name: image.digest, value: "sha256:1"}, {name: image.repository, value: b}',
    ['image b@sha256:1'],
  ],
])('parameters cannot set an image unseen: %s', async (_, parameters, rows) => {
  expect(await source(`parameters: [${parameters}]`)).toEqual(rows.map((row) => `${PARAMETERS}${row}`));
});

test('a name with dots that are no parts, and a comma without an image, are read as usual', async () => {
  const parameters = String.raw`{name: 'a.example\.com/image-of', value: b}, {name: a, value: "{b,c}"}`;
  expect(await source(`parameters: [${parameters}]`)).toEqual([]);
});

test('files of values and parameters are in another place', async () => {
  expect(await source('valueFiles: [a.yaml], fileParameters: [{name: image.tag, path: a}]')).toEqual([
    ...['spec.source.helm.valueFiles is not checked', 'spec.source.helm.fileParameters is not checked'],
  ]);
});

test('a text that is a patch in one place and values in another is left', async () => {
  const flux =
    '{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, spec: {patches: [patch: &a "image: b:1"]}}';
  const k3s = '{apiVersion: helm.cattle.io/v1, kind: HelmChart, spec: {valuesContent: *a}}';
  expect(await found(`apiVersion: v1\nkind: List\nitems: [${flux}, ${k3s}]\n`)).toEqual([
    'items[1].spec.valuesContent is left',
  ]);
});

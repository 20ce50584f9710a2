import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';
import { parseImagePaths } from './image-paths.ts';

const D = `sha256:${'ab'.repeat(32)}`;
async function found(text: string, name = 'kustomization.yaml', paths: Parameters<typeof imagesOf>[1] = []) {
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), name), paths);
  return { images: images.map(({ image }) => image), left: left.map(({ path }) => path) };
}

test.each([
  ['Images:\n- {name: a, newName: evil}\n', 'Images'],
  ['images:\n- {name: a, NewName: evil}\n', 'images[0].NewName'],
  ['images:\n- name: a\n  newtag: "2"\n', 'images[0].newtag'],
  ['Patches:\n- path: p.txt\n', 'Patches'],
  ['imageTags:\n- {name: a, newTag: "2"}\n', 'imageTags'],
  ['transformers: [t.yaml]\n', 'transformers'],
  ['generators:\n- g.yaml\n', 'generators'],
  ['helmCharts:\n- {name: redis}\n', 'helmCharts'],
  ['HELMCHARTS:\n- {name: redis}\n', 'HELMCHARTS'],
  ['resources: [a.yaml]\nx: &x {transformers: [t.yaml]}\n<<: *x\n', 'transformers'],
  ['<<: [{generators: [g.yaml]}]\n', 'generators'],
  ['replacements:\n- path: r.yaml\n', 'replacements[0]'],
  [
    'replacements:\n- source: {kind: A}\n  targets:\n  - fieldPaths: [spec.template.spec.containers.0.image]\n',
    'replacements[0]',
  ],
  ['replacements:\n- targets:\n  - fieldPaths: ["spec.template.spec.containers.[name=a]"]\n', 'replacements[0]'],
])('%j is left: kustomize can set an image with it', async (text, path) => {
  expect((await found(text)).left).toContain(path);
});

test.each([
  'transformers: []\n',
  'replacements:\n- targets:\n  - fieldPaths: [spec.template.spec.containers.0.env.0.value, metadata.name]\n',
  'resources: [a.yaml]\nnamePrefix: b-\nimages:\n- {name: a, newName: b, digest: "sha256:0"}\n',
])('%j changes no image, or is read', async (text) => {
  expect((await found(text)).left.filter((path) => !path.startsWith('images'))).toEqual([]);
});

const patch = (operation: string) => `patches:\n- patch: |\n    - ${operation}\n`;
test('a patch that copies a value is left; one that sets the reference of a volume is an image', async () => {
  const copied = await found(patch('{op: copy, from: /metadata/annotations/a, path: /spec/containers/0/image}'));
  expect(copied).toEqual({ images: [], left: ['patches[0].patch: [0]'] });
  const set = await found(patch('{op: replace, path: /spec/volumes/0/image/reference, value: "evil:1"}'));
  expect(set.images).toEqual(['evil:1']);
});

test('the renderers of a Flux release are read, and values of Argo as text are left', async () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  postRenderers:
  - kustomize:
      images: [{name: a, newName: b, newTag: "1", digest: "${D}"}]
      patches: [{patch: "{kind: Pod, spec: {containers: [{image: 'c:1'}]}}"}]
`;
  expect((await found(release, 'release.yaml')).images).toEqual(expect.arrayContaining([`b:1@${D}`]));
  const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
spec: {source: {helm: {values: "sidecarImage: c:1"}}}
`;
  expect((await found(application, 'app.yaml')).left).toEqual(['spec.source.helm.values']);
});

test('a kind that every object has is no workload', async () => {
  expect(await found('apiVersion: v1\nkind: constructor\nspec: {}\n', 'a.yaml')).toEqual({ images: [], left: [] });
});

test('images of a merged mapping are found, and nothing in a key that is not known', async () => {
  const text =
    'x: &x\n  images: [{name: a, newTag: "1"}]\n  patches: [{path: p.yaml}]\n<<: *x\ny: {images: [{name: b, newTag: "1"}]}\n';
  expect(await found(text)).toEqual({ images: ['a:1'], left: [] });
  const own = 'images: [{name: c, newTag: "1"}]\n<<: {images: [{name: a, newTag: "1"}]}\n';
  expect((await found(own.split('\n').reverse().join('\n'))).images).toEqual(['c:1']);
});

test('what is in another place is named', async () => {
  const elsewhere = async (text: string, name: string) => {
    const { left } = await imagesOf(await readManifestFile(Buffer.from(text), name), []);
    return left.map(({ path, isElsewhere }) => [path, isElsewhere]);
  };
  expect(await elsewhere('vars:\n- {name: A}\n', 'kustomization.yaml')).toEqual([['vars', true]]);
  const argo = 'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n';
  expect(await elsewhere(`${argo}  source: {repoURL: r, chart: c}\n`, 'a.yaml')).toEqual([['spec.source.chart', true]]);
  expect(await elsewhere(`${argo}  sources: [{repoURL: r, path: p}, {repoURL: r, ref: v}]\n`, 'a.yaml')).toEqual([
    ['spec.sources[0].path', true],
  ]);
  const flux = (group: string, kind: string, spec: string) =>
    elsewhere(`apiVersion: ${group}.toolkit.fluxcd.io/v1\nkind: ${kind}\nspec: ${spec}\n`, 'a.yaml');
  expect(await flux('helm', 'HelmRelease', '{chart: {spec: {chart: c}}, valuesFrom: [{kind: Secret}]}')).toEqual([
    ...[
      ['spec.chart', true],
      ['spec.valuesFrom', true],
    ],
  ]);
  expect(await flux('kustomize', 'Kustomization', '{sourceRef: {kind: GitRepository}}')).toEqual([
    ['spec.sourceRef', true],
  ]);
});

describe('configured paths count in patches', () => {
  const paths = parseImagePaths(['Database:spec.engine', 'Database:spec.pods[].engine', 'Database:spec.parts']);
  const text = (inside: string) => `patches:\n- patch: |\n    ${inside}\n  target: {kind: Database}\n`;
  test.each([
    ['{kind: Database, spec: {engine: "a:1"}}', ['a:1']],
    ['{spec: {pods: [{engine: "a:1"}, {engine: "b:1"}]}}', ['a:1', 'b:1']],
    ['[{op: replace, path: /spec/engine, value: "a:1"}]', ['a:1']],
    ['[{op: add, path: /spec/pods/-, value: {engine: "a:1"}}]', ['a:1']],
    ['[{op: replace, path: /spec/pods/0/engine, value: "a:1"}]', ['a:1']],
    ['[{op: add, path: /spec/pods, value: [{engine: "a:1"}]}]', ['a:1']],
    ['[{op: replace, path: /spec, value: {engine: "a:1"}}]', ['a:1']],
    ['[{op: replace, path: /spec/parts, value: {repository: a, tag: v1}}]', ['a:v1']],
    ['[{op: replace, path: /spec/engine/x, value: "a:1"}]', []],
    ['[{op: replace, path: /spec/other, value: {engine: "a:1"}}]', []],
  ])('%s', async (patch, images) => {
    expect(await found(text(patch), 'kustomization.yaml', paths)).toEqual({ images, left: [] });
  });
});

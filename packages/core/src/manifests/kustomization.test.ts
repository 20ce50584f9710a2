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
  ['imageſ:\n- {name: a, newName: evil}\n', 'imageſ'],
  ['images:\n- {name: a, DIGEſT: x}\n', 'images[0].DIGEſT'],
  ['labels:\n- {pairs: {image: "a:1"}, fields: [{path: spec/template/spec/containers}]}\n', 'labels[0]'],
  ['labels:\n- {pairs: {image: "a:1"}, Fields: [{path: "spec/template/spec/containers[]"}]}\n', 'labels[0]'],
  [
    'labels:\n- {pairs: {image: "a:1"}, fields: [{path: /spec/jobTemplate/spec/template/spec/containers}]}\n',
    'labels[0]',
  ],
  ['labels:\n- {pairs: {tag: "1"}, fields: [{path: spec/values/web}]}\n', 'labels[0]'],
  ...[
    ...['spec', 'spec.template', 'spec.template.spec', 'spec.jobTemplate', 'spec.jobTemplate.spec.template.spec'],
    ...['template', 'template.spec', 'spec.containers', 'spec.template.spec.initContainers.0', 'spec.*.spec'],
    ...['kind', 'apiVersion', 'items.0.kind', 'spec.template.spec.volumes.[name=a]', 'spec.volumes.0.image.reference'],
    ...['spec.template.spec.containers.*', '[spec', 'spec. template .spec', '.spec.template', 'spec..template'],
    ...['spec.values', 'spec.values.web.tag', 'spec.source.helm.parameters.0.value', 'spec.images.0.newTag'],
    ...['spec.engine.deep', 'spec.engine', 'spec.pods.0'],
  ].map(
    (path) => [`replacements:\n- targets:\n  - fieldPaths: [metadata.name, "${path}"]\n`, 'replacements[0]'] as const,
  ),
  ['replacements:\n- targets:\n  - {fieldPaths: [metadata.name]}\n  - {fieldpaths: [spec]}\n', 'replacements[0]'],
  ['replacements:\n- {targets: [{fieldPaths: [metadata.name]}], Targets: [{fieldPaths: [spec]}]}\n', 'replacements[0]'],
  ['replacements:\n- {targets: [{fieldPaths: [metadata.name]}], path: r.yaml}\n', 'replacements[0]'],
  ['replacements:\n- targets:\n  - fieldPaths: {a: b}\n', 'replacements[0]'],
  [
    'patches:\n- {path: p.yaml, target: {kind: A}, options: {allowKindChange: true}}\n',
    'patches[0].options.allowKindChange',
  ],
  ['patches:\n- {path: p.yaml, target: {kind: A}, Options: {allowKindChange: true}}\n', 'patches[0].Options'],
])('%j is left: kustomize can set an image with it', async (text, path) => {
  const paths = parseImagePaths(['Database:spec.engine', 'Database:spec.pods[].engine']);
  expect((await found(text, 'kustomization.yaml', paths)).left).toContain(path);
});

test.each([
  'transformers: []\n',
  'crds: []\n',
  'labels:\n- {pairs: {image: a}, fields: [{path: spec/template/metadata/labels, create: true}]}\n',
  'labels: [{pairs: {image: a}, includeTemplates: true}]\ncommonLabels: {image: a}\n',
  'replacements:\n- targets: [{select: {kind: A}}, {fieldPaths: [spec.replicas, "metadata.annotations.[a.b/spec]"]}]\n',
  'replacements:\n- targets: [{fieldPaths: [spec.template.spec.serviceAccountName, "spec\\\\.template"]}]\n',
  'replacements:\n- targets: [{fieldPaths: ["spec.template.spec.containers.[image=a:1].env.0.value", data.spec]}]\n',
  'patches:\n- {path: p.yaml, options: {allowNameChange: true, allowKindChange: false}}\n',
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

describe('a patch that makes an object one with images is left: its images were not looked for', () => {
  test.each([
    '{op: replace, path: /kind, value: Deployment}',
    '{op: add, path: /kind, value: CronJob}',
    '{op: replace, path: /apiVersion, value: apps/v1}',
    '{op: replace, path: /apiVersion, value: v1}',
    '{op: replace, path: /apiVersion, value: helm.toolkit.fluxcd.io/v2}',
    '{op: replace, path: /kind, value: ApplicationSet}',
    '{op: replace, path: /items/0/kind, value: Pod}',
    '{op: replace, path: /kind, value: [Pod]}',
    '{op: replace, path: /kind, value: Database}',
  ])('%s', async (operation) => {
    const paths = parseImagePaths(['Database:spec.engine']);
    expect(await found(patch(operation), 'kustomization.yaml', paths)).toEqual({
      ...{ images: [], left: ['patches[0].patch: [0].value'] },
    });
  });

  test.each([
    '{op: replace, path: /apiVersion, value: networking.k8s.io/v1}',
    '{op: replace, path: /kind, value: Ingress}',
    '{op: replace, path: /spec/scaleTargetRef/kind, value: Deployment}',
    '{op: test, path: /kind, value: Deployment}',
  ])('not %s', async (operation) => expect(await found(patch(operation))).toEqual({ images: [], left: [] }));

  test('by the annotation of kustomize', async () => {
    const text = `patchesStrategicMerge:\n- kind: Pod\n  metadata: {annotations: {internal.config.kubernetes.io/allowKindChange: enabled}}\n`;
    expect((await found(text)).left).toEqual(['patchesStrategicMerge[0]']);
  });
});

describe('a file of configurations is left if a label, a prefix or an annotation can set an image with it', () => {
  const configured = async (text: string) => {
    const file = await readManifestFile(Buffer.from(text), 'config.yaml');
    return (await imagesOf(file, [], new Set(['configuration']))).left.map(({ path }) => path);
  };
  test.each([
    ['commonAnnotations: [{path: spec/template/spec/containers, kind: Deployment}]\n', 'commonAnnotations'],
    ['namePrefix: [{path: "spec/template/spec/containers[]/image"}]\n', 'namePrefix'],
    ['NAMESPACE: [{path: spec/containers/image}]\n', 'NAMESPACE'],
    ['labels: [{path: metadata/labels}, {Path: spec/containers}]\n', 'labels'],
    ['labels: [{path: spec/values}]\n', 'labels'],
    ['- a\n', ''],
  ])('%j', async (text, path) => expect(await configured(text)).toEqual([path]));
  test.each([
    'images: [{path: spec/engine/image, kind: Database}]\n',
    'nameReference: [{kind: ConfigMap, fieldSpecs: [{path: spec/x, kind: A}]}]\n',
    'commonLabels: [{path: spec/template/metadata/labels, create: true}]\nlabels: []\n',
    'varReference: [{path: spec/rules/host}]\n',
  ])('not %j', async (text) => expect(await configured(text)).toEqual([]));
});

test('the renderers of a Flux release are read, and values of Argo as text', async () => {
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
  expect((await found(application, 'app.yaml')).images).toEqual(['c:1']);
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
  expect(await elsewhere('crds: [a.json]\n', 'kustomization.yaml')).toEqual([['crds', true]]);
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

import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { pinnedFile } from './edit.ts';
import { imagesOf } from './find-images.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

async function found(text: string, as?: Parameters<typeof imagesOf>[2]) {
  const file = await readManifestFile(Buffer.from(text), 'chart.yaml');
  const { images, left } = await imagesOf(file, [], as);
  const pins = images.map((image) => ({ image, digest: DIGEST }));
  return {
    images: images.map(({ line, path, image }) => `${line} ${path} ${image}`),
    left: left.map(({ line, path, isElsewhere }) => `${line} ${path}${isElsewhere ? ' is not checked' : ''}`),
    pinned: Buffer.from(await pinnedFile(file, pins)).toString(),
  };
}

const VALUES = `
# ours
controller:
  image:
    repository: registry.example.com/team/app   # kept
    tag: "v1"

sidecarImage: 'a:1'
`;
const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by));
const chart = (spec: string, kind = 'HelmChart') => `apiVersion: helm.cattle.io/v1\nkind: ${kind}\nspec:\n${spec}`;

describe('values of a chart in a text are pinned, and nothing else changes', () => {
  test.each<[what: string, text: string, path: string, line: number]>([
    ['HelmChart of k3s', chart(`  valuesContent: |-${indented(VALUES, 4)}`), 'spec.valuesContent', 9],
    [
      'HelmChartConfig, with line ends of Windows',
      chart(`  valuesContent: |${indented(VALUES, 3)}`, 'HelmChartConfig').replaceAll('\n', '\r\n'),
      ...(['spec.valuesContent', 9] as const),
    ],
    [
      'HelmChart in a list',
      `kind: List\napiVersion: v1\nitems:\n- ${indented(chart(`  valuesContent: |${indented(VALUES, 4)}`), 2).trimStart()}`,
      ...(['items[0].spec.valuesContent', 12] as const),
    ],
    [
      'application of Argo CD',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |${indented(VALUES, 8)}`,
      ...(['spec.source.helm.values', 11] as const),
    ],
  ])('%s', async (_, text, path, line) => {
    const { images, left, pinned } = await found(text);
    expect(images).toEqual([
      `${line} ${path}: controller.image registry.example.com/team/app:v1`,
      `${line + 2} ${path}: sidecarImage a:1`,
    ]);
    expect(left).toEqual([]);
    expect(pinned).toBe(text.replace('"v1"', `"v1@${DIGEST}"`).replace("'a:1'", `'a:1@${DIGEST}'`));
  });

  test('also those that k3s takes as a mapping or one by one, and the image that installs the chart', async () => {
    const text = chart(
      '  chart: app\n  jobImage: job:1\n  set: {image.repository: a, image.tag: "1", proxyImage: "b:1", replicas: 2}\n  values: {image: "c:1"}\n',
    );
    const { images, left } = await found(text);
    expect([...images].sort()).toEqual([
      ...['5 spec.jobImage job:1', '6 spec.set.image a:1', '6 spec.set.proxyImage b:1', '7 spec.values.image c:1'],
    ]);
    expect(left).toEqual(['4 spec.chart is not checked']);
  });
});

test('a key before a merge key that sets it again is no image of one program only: Helm takes the last value', async () => {
  const values = 'x: &x {image: "evil:1"}\nservices: {}\na: {image: "a:1", <<: *x}\n';
  expect(await found(chart(`  valuesContent: |\n${indented(values, 4)}`))).toMatchObject({
    ...{ images: [], left: ['4 spec.valuesContent'] },
  });
});

test('keys that Go reads in spite of their case are left', async () => {
  const { left } = await found(chart('  ValuesContent: "image: a:1"\n  jobimage: a:1\n'));
  expect(left).toEqual(['4 spec.ValuesContent', '5 spec.jobimage']);
});

test('a template of values that names no image is named as not checked', async () => {
  const { left } = await found(
    'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: {spec: {source: {helm: {values: "a: {{ .x }}"}}}}}\n',
  );
  expect(left).toEqual(['3 spec.template.spec.source.helm.values is not checked']);
});

test('a patch that can set values of a HelmChart is left, and one of a HelmChart itself is read', async () => {
  const patch = (text: string) => found(text, new Set(['patch']));
  expect((await patch('kind: Any\nspec: {set: {image.tag: v2}}\n')).left).toEqual(['2 spec.set']);
  expect((await patch('- {op: replace, path: /spec/valuesContent, value: "image: a:1"}\n')).left).toEqual([
    '1 [0].value',
  ]);
  expect((await patch(chart('  valuesContent: |\n    image: a:1\n'))).images).toEqual([
    '5 spec.valuesContent: image a:1',
  ]);
  const inText = (values: string) =>
    found(
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- patch: |\n${indented(chart(`  valuesContent: "${values}"\n`), 4)}`,
    );
  expect((await inText('image: a:1')).left).toEqual(['8 patches[0].patch: spec.valuesContent']);
  expect((await inText('replicas: 1')).left).toEqual([]);
});

test('an object of another kind with values in a text is named as not checked', async () => {
  const { left } = await found(
    'apiVersion: example.com/v1\nkind: Chart\nspec:\n  values: |\n    a:\n      image: b:1\n',
  );
  expect(left).toEqual(['4 spec.values is not checked']);
});

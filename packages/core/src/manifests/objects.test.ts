import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';

async function found(text: string, name = 'app.yaml') {
  const { images, left } = await imagesOf(await readManifestFile(Buffer.from(text), name), []);
  return { images: images.map(({ image, path }) => `${path} ${image}`), left };
}

const SPEC = 'spec: {containers: [{name: a, image: "a:1"}]}';
const TEMPLATE = `spec: {template: {${SPEC}}}`;
const POD = `{apiVersion: v1, kind: Pod, ${SPEC}}`;
const AT = 'items[0].spec.containers[0].image a:1';

describe('the images of all objects that kubectl applies are found', () => {
  test.each([
    ['items of a list', `{apiVersion: v1, kind: List, items: [${POD}]}`, AT],
    ['items of any kind', `{apiVersion: v1, kind: ConfigMap, items: [${POD}]}`, AT],
    ['items of a custom resource', `{apiVersion: example.com/v1, kind: Any, items: [${POD}]}`, AT],
    ['items without a kind, by that of the list', `{apiVersion: v1, kind: PodList, items: [{${SPEC}}]}`, AT],
    ['items without a kind, of a kind that is no list', `{apiVersion: v1, kind: Pod, items: [{${SPEC}}]}`, AT],
    [
      'items of a DeploymentList',
      `{apiVersion: apps/v1, kind: DeploymentList, items: [{${TEMPLATE}}]}`,
      'items[0].spec.template.spec.containers[0].image a:1',
    ],
    ['items with a kind only', `{apiVersion: v1, kind: List, items: [{kind: Pod, ${SPEC}}]}`, AT],
    ['items without a list around them', `{items: [${POD}]}`, AT],
    ['a root that is a list', `[${POD}]`, '[0].spec.containers[0].image a:1'],
    ['an object without apiVersion', `{kind: Pod, ${SPEC}}`, 'spec.containers[0].image a:1'],
  ])('%s', async (_, text, image) => {
    expect(await found(text)).toEqual({ images: [image], left: [] });
  });

  test('the object around items is read, too', async () => {
    const { images } = await found(POD.replace('{', `{items: [${POD.replace('a:1', 'b:1')}], `));
    expect(images).toEqual(['spec.containers[0].image a:1', 'items[0].spec.containers[0].image b:1']);
  });

  test.each(['values.yaml', 'compose.yaml', 'kustomization.yaml'])('in a file called %s', async (name) => {
    expect((await found(POD.replace('{', '{services: {}, '), name)).images).toEqual(['spec.containers[0].image a:1']);
    expect((await found(`{kind: Pod, ${SPEC}, services: {}}`, name)).images).toContain('spec.containers[0].image a:1');
  });
});

describe('a key that a program may read as another one is left: it fails a check', () => {
  test.each([
    ['Kind', POD.replace('kind', 'Kind')],
    ['apiversion', POD.replace('apiVersion', 'apiversion')],
    ['Spec', POD.replace('spec', 'Spec')],
    ['Items', POD.replace('spec', `Items: [${POD}], spec`)],
    ['spec.Containers', POD.replace('containers', 'Containers')],
    ['spec.containerſ', POD.replace('containers', 'containerſ')],
    ['spec.containers[0].Image', POD.replace('image:', 'image: "b:1", Image:')],
    ['\u212aind', POD.replace('kind', '\u212aind')],
    ['spec.containers[0].iMAGE', POD.replace('{name', '{<<: {iMAGE: "b:1"}, name')],
    ['spec.Template', `{apiVersion: apps/v1, kind: Deployment, spec: {Template: {${SPEC}}}}`],
    ['spec.template.Spec', `{apiVersion: apps/v1, kind: Deployment, spec: {template: {S${SPEC.slice(1)}}}}`],
    ['items[0].spec.Volumes', `{apiVersion: v1, kind: PodList, items: [{spec: {Volumes: []}}]}`],
    [
      'spec.volumes[0].image.Reference',
      '{apiVersion: v1, kind: Pod, spec: {volumes: [{image: {reference: "a:1", Reference: "b:1"}}]}}',
    ],
  ])('%s', async (path, text) => {
    const why = expect.stringMatching(/^is read by some programs as \w+: write it so/);
    expect((await found(text)).left).toMatchObject([{ path, why }]);
  });

  test('not one of a configuration, whose keys mean nothing to a cluster', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\ndata: {Image: a, Kind: b, Spec: c}\nmetadata: {labels: {Kind: d}}\n';
    expect(await found(text)).toEqual({ images: [], left: [] });
  });
});

describe('a custom resource with images that image-paths does not name', () => {
  const custom = (inside: string) => `{apiVersion: example.com/v1, kind: Any, ${inside}}`;
  test.each([
    ['spec.template.spec.containers[0].image', custom(TEMPLATE)],
    ['spec.image', custom('spec: {image: {repository: a, tag: "1"}}')],
    ['spec.proxyImage', custom('metadata: {name: image}, spec: {proxyImage: "a:1"}')],
    ['spec.image', custom('spec: {<<: {image: "a:1"}}')],
    ['items[0].spec.image', custom(`items: [${custom('spec: {image: "a:1"}')}]`)],
  ])('is named as not checked: %s', async (path, text) => {
    const { images, left } = await found(text);
    expect(images).toEqual([]);
    expect(left).toMatchObject([
      { path: expect.stringContaining(path.split('.').at(-1) ?? ''), isElsewhere: true, line: 1 },
    ]);
    expect(left[0]?.why).toBe('of the kind Any is not checked: name its path in image-paths');
  });

  test.each([
    ['has one that is empty', custom('spec: {image: "", x: {image: {type: string}}}')],
    ['is a configuration', 'apiVersion: v1\nkind: ConfigMap\ndata: {image: a}\n'],
    ['is a kustomization', `{apiVersion: kustomize.config.k8s.io/v1, kind: Component, x: {image: "a:1"}}`],
    ['has no kind', 'image: a:1\n'],
  ])('not if it %s', async (_, text) => expect(await found(text)).toEqual({ images: [], left: [] }));

  test('is read where image-paths says', async () => {
    const file = await readManifestFile(Buffer.from(custom('spec: {image: "a:1"}')), 'a.yaml');
    expect(await imagesOf(file, [{ kind: 'Any', path: ['spec', 'image'] }])).toMatchObject({
      ...{ images: [{ image: 'a:1' }], left: [] },
    });
  });
});

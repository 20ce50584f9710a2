import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { pinnedFile } from './edit.ts';
import { imagesOf } from './find-images.ts';
import { isJsonManifest } from './json.ts';
import { SHAPES } from './shapes.fixture.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const read = (text: string, name = 'app.yaml') => readManifestFile(Buffer.from(text), name);

async function pin(text: string, name: string, paths: Parameters<typeof imagesOf>[1] = []) {
  const file = await read(text, name);
  const found = await imagesOf(file, paths);
  const pinned = Buffer.from(
    await pinnedFile(
      file,
      found.images.map((image) => ({ image, digest: DIGEST })),
    ),
  ).toString();
  return { ...found, names: found.images.map(({ image }) => image), pinned };
}

describe('of a manifest, only the values of images change', () => {
  test('there are 60 and more, of ten kinds', () => {
    expect(SHAPES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(SHAPES.map(([, { kind }]) => kind)).size).toBeGreaterThanOrEqual(10);
    expect(new Set(SHAPES.map(([, { text }]) => text)).size).toBe(SHAPES.length);
  });

  test.each(SHAPES)('%s', async (_, { text, file, images, paths = [] }) => {
    const { names, left, pinned } = await pin(text, file, paths);
    expect([...names].sort()).toEqual([...images].sort());
    expect(left).toEqual([]);
    // Without what was written, it is the file as it was, byte for byte.
    const without = (one: string) =>
      one
        .replace(/@?sha256:(?:ab){32}|@?sha256:0{64}/g, '')
        .replace(/redis:latest/, 'redis')
        .replace(/digest: ""/, 'digest: ');
    expect(without(pinned)).toBe(without(text));
    expect(pinned.split(DIGEST)).toHaveLength(images.length + 1);
    const again = await pin(pinned, file, paths);
    expect(again.names.every((name) => name.endsWith(DIGEST))).toBe(true);
    expect(again.pinned).toBe(pinned);
  });
});

const pod = (image: string) =>
  `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: ${image}\n`;

describe('a value that cannot be replaced in place is left alone, and says why', () => {
  test.each<[what: string, text: string, file: string, why: string]>([
    ['a block', pod('>-\n        a:1'), 'a.yaml', 'is a block of several lines'],
    ['text in several lines', pod('"a\n        :1"'), 'a.yaml', 'is written in several lines'],
    ['a tag of YAML', pod('!secret a:1'), 'a.yaml', 'has the tag !secret'],
    ['a mapping', pod('{a: 1}'), 'a.yaml', 'is not a text'],
    ['a template without quotes', pod('{{ .Values.image }}'), 'a.yaml', 'is not a text'],
    ['a template in quotes', pod('"{{ .Values.image }}"'), 'a.yaml', 'is a template'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose evaluates it
    ['a variable', 'services: {a: {image: "app:${TAG}"}}\n', 'compose.yaml', 'contains a variable'],
    ['a number as a tag', 'image: {repository: a, tag: 1.10}\n', 'values.yaml', 'is a number, a date or a boolean'],
    ['a number in base 60', pod('22:22'), 'a.yaml', 'is a number, a date or a boolean'],
    ['no tag', 'image: {repository: a, tag: ""}\n', 'values.yaml', 'has no tag here'],
    ['a name only', 'images: [{name: a, newName: b}]\n', 'kustomization.yaml', 'has no tag here'],
    [
      'an alias that is no image',
      `${pod('&i a:1')}metadata: {annotations: {x: *i}}\n`,
      'a.yaml',
      'is also used by the alias on line 7',
    ],
    [
      'a mapping that is something else too',
      `${pod('a:1').replace('- name', '- &c\n      name')}data: *c\n`,
      'a.yaml',
      'is also used by the alias',
    ],
    [
      'a tag for two images',
      'a: {image: {repository: a, tag: &t "1"}}\nb: {image: {repository: b, tag: *t}}\n',
      'values.yaml',
      'is a part of a:1 and of b:1',
    ],
    [
      'a tag alone: the repository is in another file',
      'image: {tag: v2, pullPolicy: Always}\n',
      'values.yaml',
      'has no repository',
    ],
    [
      'values in a text with escapes',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {helm: {values: "a: 1\\nimage: a:1\\n"}}}\n',
      'a.yaml',
      'has the image a:1 in a text with escapes or folded lines: write the values as a block (|)',
    ],
    [
      'folded values of a HelmChart',
      'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec:\n  valuesContent: >\n    {image: a:1,\n    x: y}\n',
      'a.yaml',
      'has the image a:1 in a text with escapes or folded lines',
    ],
    [
      'values with a template',
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: {spec: {source: {helm: {values: "image: {{ .x }}"}}}}}\n',
      'a.yaml',
      'can change images, and is not read: use helm.valuesObject',
    ],
    [
      'several values with one name',
      'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec: {set: {"a=b,image.tag": v1}}\n',
      'a.yaml',
      'sets several values with one name',
    ],
    [
      'an override without a new name',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {kustomize: {images: ["a:1"]}}}\n',
      'a.yaml',
      'has no new name',
    ],
  ])('%s', async (_, text, file, why) => {
    const { left, images, pinned } = await pin(text, file);
    expect(left).toMatchObject([{ why: expect.stringContaining(why) }]);
    expect(images).toEqual([]);
    expect(pinned).toBe(text);
  });
});

const PATCH = `spec:
  template:
    spec:
      containers:

      - name: app   # kept
        image: "a:1"
      volumes: [{name: model, image: {reference: m:1}}]
`;
const JSON_PATCH = '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "a:1"}]';
const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by));

describe('images in patches of a kustomization are pinned, and nothing else changes', () => {
  test.each<[what: string, text: string, images: readonly string[], lines: readonly number[]]>([
    [
      'a block',
      `patches:\n- patch: |-  # ours\n${indented(PATCH, 4)}  target: {kind: Deployment}\n`,
      ['a:1', 'm:1'],
      [9, 10],
    ],
    ['a block with its own indentation', `patches:\n- patch: |+2\n${indented(PATCH, 4)}\n`, ['a:1', 'm:1'], [9, 10]],
    [
      'operations in a block',
      `patches:\n  - patch: |\n      - op: add\n        path: /spec/x/containers/-\n        value: {name: a, image: a:1}\n`,
      ['a:1'],
      [5],
    ],
    [
      'operations in quotes',
      `patchesJson6902:\n- patch: '${JSON_PATCH}'\n  target: {kind: Deployment}\n`,
      ['a:1'],
      [2],
    ],
    [
      'text as a strategic merge',
      `patchesStrategicMerge:\n- a.yaml\n- |\n${indented(PATCH, 2)}`,
      ['a:1', 'm:1'],
      [10, 11],
    ],
    [
      'objects of Flux',
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  patchesStrategicMerge:\n  - ${indented(PATCH, 4).trim()}\n`,
      ['a:1', 'm:1'],
      [11, 12],
    ],
    [
      'operations of Flux',
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {patchesJson6902: [{patch: ${JSON_PATCH}}]}\n`,
      ['a:1'],
      [3],
    ],
    [
      'text in an application of Argo CD',
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    kustomize:\n      patches:\n      - patch: |-\n${indented(PATCH, 10)}`,
      ['a:1', 'm:1'],
      [14, 15],
    ],
  ])('%s', async (_, text, images, lines) => {
    for (const one of [text, text.replaceAll('\n', '\r\n')]) {
      const found = await pin(one, 'kustomization.yaml');
      expect([found.names, found.left]).toEqual([images, []]);
      expect(found.images.map(({ line }) => line)).toEqual(lines);
      expect(found.pinned).not.toBe(one);
      expect(found.pinned.replaceAll(`@${DIGEST}`, '')).toBe(one);
    }
  });

  test('in a file of operations, and in a patch of any kind', async () => {
    expect((await pin(JSON_PATCH, 'patch.json')).names).toEqual(['a:1']);
    const file = await read(`kind: any\napiVersion: any\n${PATCH}`, 'patch.yaml');
    expect((await imagesOf(file, [])).images).toEqual([]);
    expect((await imagesOf(file, [], new Set(['patch']))).images).toMatchObject([{ image: 'a:1' }, { image: 'm:1' }]);
  });

  test('not of a comparison, and not of a field that is no container', async () => {
    const text = `- {op: test, path: /spec/containers/0/image, value: a:1}\n- {op: add, path: /data, value: {image: a:1}}\n`;
    expect((await pin(text, 'patch.yaml')).names).toEqual([]);
  });

  test.each<[what: string, text: string, why: string]>([
    ['escapes', `patches:\n- patch: ${JSON.stringify(JSON_PATCH)}\n`, 'has the image a:1 in a text with escapes'],
    [
      'folded lines',
      `patches:\n- patch: >\n    ${JSON_PATCH.replace(', ', ',\n    ')}\n`,
      'write the patch as a block',
    ],
    ['a text that is no YAML', 'patches:\n- patch: "a: ["\n', 'cannot be read as a patch'],
    [
      'a text that is also something else',
      `patches:\n- patch: &p |\n    ${JSON_PATCH}\nx: *p\n`,
      'is also used by the alias',
    ],
    ['a number', "patches:\n- patch: '[{op: add, path: /x/image, value: 1.10}]'\n", 'is a number'],
  ])('%s: left alone', async (_, text, why) => {
    const found = await pin(text, 'kustomization.yaml');
    expect([found.names, found.pinned]).toEqual([[], text]);
    expect(found.left).toMatchObject([
      { why: expect.stringContaining(why), path: expect.stringMatching(/^patches\[0\]/) },
    ]);
  });

  test('one text that is named a thousand times is read once, and of many texts only the first are', async () => {
    const long = `- {op: add, path: /a/image, value: a:1}\n    `.repeat(2000);
    const began = performance.now();
    const repeated = `x: &p\n  patch: |\n    ${long}\npatches:\n${'- *p\n'.repeat(1000)}`;
    expect((await imagesOf(await read(repeated, 'kustomization.yaml'), [])).images).toHaveLength(2000);
    expect(performance.now() - began).toBeLessThan(10_000);
    const many = `patches:\n${`- patch: '${JSON_PATCH}'\n`.repeat(201)}`;
    const { images, left } = await imagesOf(await read(many, 'kustomization.yaml'), []);
    expect(images).toHaveLength(200);
    expect(left).toMatchObject([{ line: 202, why: expect.stringContaining('more than 200 texts with YAML') }]);
  });

  test('the files that it names are returned', async () => {
    const text = 'patches: [{path: a.yaml}]\npatchesStrategicMerge: [b.yaml]\npatchesJson6902: [{path: c.json}]\n';
    const { namedFiles } = await imagesOf(await read(text, 'kustomization.yaml'), []);
    expect(namedFiles.map(({ file, as }) => `${as} ${file}`)).toEqual(['patch a.yaml', 'patch b.yaml', 'patch c.json']);
    const others = 'resources: [r.txt, ../base]\ncomponents: [c]\nbases: [b]\nconfigurations: [f.yaml]\n';
    const named = (await imagesOf(await read(others, 'kustomization.yaml'), [])).namedFiles;
    expect(named.map(({ file, as, path }) => `${as} ${file} ${path}`)).toEqual([
      ...['resource r.txt resources[0]', 'resource ../base resources[1]'],
      ...['resource c components[0]', 'resource b bases[0]', 'configuration f.yaml configurations[0]'],
    ]);
  });
});

describe('JSON', () => {
  const POD =
    '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"spec": {"containers": [{"name": "a", "image": "r\\/a:1"}]}\n}\n';

  test.each([
    ['with tabs and escapes', POD],
    ['with a byte order mark, and line ends of Windows', `\ufeff${POD.replaceAll('\n', '\r\n')}`],
    ['in one line', JSON.stringify(JSON.parse(POD))],
  ])('%s is pinned', async (_, text) => {
    const { names, pinned } = await pin(text, 'pod.json');
    expect(names).toEqual(['r/a:1']);
    expect(pinned).toBe(text.replace(/"r\\?\/a:1"/, `"r/a:1@${DIGEST}"`));
  });

  test.each([
    ['a comma at the end', POD.replace('}]}', '}],}'), 'is not valid JSON'],
    ['a comment', `# ours\n${POD}`, 'is not valid JSON'],
    ['two objects', `${POD}${POD}`, 'is not valid JSON'],
    ['no quotes', POD.replace('"kind"', 'kind'), 'is not valid JSON'],
    ['a key twice', POD.replace('"name"', '"image": "b:1", "name"'), 'has the key "image" twice'],
    [
      'a key twice, once with an escape',
      POD.replace('"name"', '"im\\u0061ge": "b:1", "name"'),
      'has the key "image" twice',
    ],
    ['many brackets', POD.replace('"v1"', `${'['.repeat(5000)}${']'.repeat(5000)}`), 'is nested too deeply'],
  ])('with %s is refused', async (_, text, why) => {
    await expect(pin(text, 'pod.json')).rejects.toMatchObject({
      ...{ id: 'manifest-unreadable', message: expect.stringContaining(why) },
    });
  });

  test.each([
    [true, POD],
    [true, `\ufeff${POD}`],
    [true, JSON_PATCH],
    [true, `${POD},`],
    [true, POD.replace('apiVersion', '\\u0061piVersion')],
    [true, `${POD.replace('apiVersion', '\\u0061piVersion')},`],
    [true, `{"api\\\nVersion": "v1",}`],
    [true, '{!!binary YXBpVmVyc2lvbg== : "v1"}'],
    [false, '{"name": "app", "version": "1.0.0", "apiVersion": 1}'],
    [true, '{"items": [{"apiVersion": "v1", "kind": "Pod"}]}'],
    [true, '{"kind": "PodList", "items": []}'],
    [true, '{"Kind": "Pod", "apiVersion": "v1"}'],
    [true, '[{"apiVersion": "v1", "kind": "Pod"}]'],
    [false, '{"items": [{"kind": "folder"}]}'],
    [false, '{"kind": "folder"}'],
    [false, '{\n  // a comment\n  "compilerOptions": {},\n}'],
    [false, '[]'],
    [false, '"apiVersion kind"'],
    [false, 'null'],
  ])('may be a manifest: %s %p', (expected, text) => {
    expect(isJsonManifest(Buffer.from(text))).toBe(expected);
  });
});

test('an alias of an image is pinned with its anchor', async () => {
  const text = `${pod('&i a:1')}    - { name: b, image: *i }\n`;
  const { names, pinned } = await pin(text, 'a.yaml');
  expect(names).toEqual(['a:1']);
  expect(pinned).toBe(text.replace('a:1', `a:1@${DIGEST}`));
});

test('the files that a compose file includes or extends are named, and images that it mounts are found', async () => {
  const text = `include: [a.yaml, {path: [b.yaml, c.yaml]}, {path: d.yaml}]
services:
  x: {extends: {file: e.yaml, service: y}, volumes: [data:/data, {type: image, source: "m:1", target: /m}]}
`;
  const { namedFiles, names } = await pin(text, 'compose.yaml');
  expect(namedFiles.map(({ file }) => file)).toEqual(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml', 'e.yaml']);
  expect(names).toEqual(['m:1']);
});

test('a file of another kind is not known', async () => {
  expect((await imagesOf(await read('image: a:1\n', 'config.yaml'), [])).isKnown).toBe(false);
  expect((await imagesOf(await read('- image: a:1\n', 'values.yaml'), [])).isKnown).toBe(false);
});

test('aliases of aliases take no time', async () => {
  const levels = Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]\n`);
  const began = performance.now();
  const text = `a0: &a0 {image: "a:1"}\n${levels.join('')}`;
  await expect(pin(text, 'values.yaml')).rejects.toMatchObject({ id: 'manifest-unreadable' });
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a tag for three images gets the digest of none of them', async () => {
  const of = (name: string, tag: string) => `${name}: {image: {repository: ${name}, tag: ${tag}}}\n`;
  const text = `${of('a', '&t "1"')}${of('b', '*t')}${of('c', '*t')}`;
  const { images, pinned } = await pin(text, 'values.yaml');
  expect(images).toEqual([]);
  expect(pinned).toBe(text);
});

describe('an object of the cluster is found', () => {
  test('in a file that is called like one of Kustomize', async () => {
    const { names } = await pin(pod('a:1'), 'kustomization.yaml');
    expect(names).toEqual(['a:1']);
  });

  test('in lists of lists', async () => {
    const listOf = (inside: string) => `{apiVersion: v1, kind: List, items: [${inside}]}`;
    const object = '{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: "a:1"}]}}';
    const { names } = await pin([1, 2, 3, 4, 5, 6, 7].reduce(listOf, object), 'a.yaml');
    expect(names).toEqual(['a:1']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { MAX_MANIFEST_BYTES, readManifestFile } from './document.ts';
import { scalarIn, textIn, valueAt } from './node.ts';
import { clusterObjects, containersOf, podSpecOf } from './workloads.ts';

const read = (text: string | Uint8Array) => readManifestFile(Buffer.from(text), 'app.yaml');

const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n  - { name: web, image: "a:1.10" }\n';

describe('every value has its place in the file', () => {
  test.each([
    ['plain', POD],
    ['with Windows line ends', POD.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\ufeff${POD}`],
    ['in the second document', `---\nkind: ConfigMap\n---\n${POD}`],
    ['after a directive', `%YAML 1.1\n---\n${POD}`],
  ])('%s', async (_, text) => {
    const file = await read(text);
    expect(file.text).toBe(text);
    const [pod] = file.documents.flatMap((one) => clusterObjects(one)).flatMap((one) => podSpecOf(one) ?? []);
    const [container] = pod ? containersOf(pod) : [];
    const image = scalarIn(container && valueAt(container.map, ['image']));
    expect(container).toMatchObject({ name: 'web', list: 'containers', path: 'spec.containers[0]' });
    expect(image && text.slice(image.start, image.end)).toBe('"a:1.10"');
    expect(image?.line).toBe(text.slice(0, image?.start).split('\n').length);
  });
});

test('numbers, words of logic and dates are read as they are written', async () => {
  const { documents } = await read('a: 1.10\nb: yes\nc: 0x1F\nd: 2026-01-01\ne: "~"\nf: ~\ng:\n');
  const map = documents[0]?.root;
  const text = (key: string) => textIn(valueAt(map, [key]));
  expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(text)).toEqual([
    ...['1.10', 'yes', '0x1F', '2026-01-01', '~'],
    ...[undefined, undefined],
  ]);
});

test('aliases and merge keys lead to what they name, the last anchor before them', async () => {
  const text = 'a: &x { image: one }\nb: { <<: *x, n: 1 }\nc: &x { image: two }\nd: *x\ne: { <<: [*x], image: own }\n';
  const { documents } = await read(text);
  const image = (key: string) => textIn(valueAt(documents[0]?.root, [key, 'image']));
  expect(['a', 'b', 'd', 'e'].map(image)).toEqual(['one', 'one', 'two', 'own']);
});

test('Compose takes the value of a service before that of a merge key, in any order', async () => {
  const text = 'services:\n  a: { image: own, <<: { image: merged } }\n';
  const { documents } = await readManifestFile(Buffer.from(text), 'compose.yaml');
  expect(textIn(valueAt(documents[0]?.root, ['services', 'a', 'image']))).toBe('own');
  await expect(readManifestFile(Buffer.from(text), 'values.yaml')).rejects.toThrow('has the key "image" before');
});

test('merges of merges are followed to the last one, with the tag that yq writes', async () => {
  const merges = Array.from({ length: 30 }, (_, at) => `x${at + 1}: &m${at + 1} { !!merge <<: *m${at} }\n`).join('');
  const { documents } = await read(`apiVersion: v1\nx0: &m0 { image: one }\n${merges}a: { <<: *m30, image: own }\n`);
  const image = (key: string) => textIn(valueAt(documents[0]?.root, [key, 'image']));
  expect(['x30', 'a'].map(image)).toEqual(['one', 'own']);
});

test('the objects of lists are found, and containers of every workload', async () => {
  const spec = 'spec: { initContainers: [{ name: i }], containers: [{ name: c }], ephemeralContainers: [{ name: e }] }';
  const template = `template: { ${spec} }`;
  const objects = [
    ['v1', 'Pod', spec],
    ['v1', 'PodTemplate', template],
    ['v1', 'ReplicationController', `spec: { ${template} }`],
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => [
      'apps/v1',
      kind,
      `spec: { ${template} }`,
    ]),
    ['batch/v1', 'Job', `spec: { ${template} }`],
    ['batch/v1', 'CronJob', `spec: { jobTemplate: { spec: { ${template} } } }`],
    ['example.com/v1', 'Deployment', `spec: { ${template} }`],
  ].map(([version, kind, body]) => `- { apiVersion: ${version}, kind: ${kind}, ${body} }\n`);
  const { documents } = await read(`apiVersion: v1\nkind: List\nitems:\n${objects.join('')}`);
  const found = documents.flatMap((one) => clusterObjects(one));
  expect(found).toHaveLength(objects.length + 1);
  const pods = found.flatMap((one) => podSpecOf(one) ?? []);
  expect(pods.map(({ path }) => path)).toEqual([
    ...['items[0].spec', 'items[1].template.spec'],
    ...[2, 3, 4, 5, 6, 7].map((at) => `items[${at}].spec.template.spec`),
    'items[8].spec.jobTemplate.spec.template.spec',
  ]);
  for (const pod of pods) expect(containersOf(pod).map(({ name }) => name)).toEqual(['i', 'c', 'e']);
});

/** Each level names the one below it a hundred times. */
function bombOf(level: (below: string) => string): string {
  const below = (at: number) => Array(100).fill(`*m${at}`).join(', ');
  return `m0: &m0 {a: 1}\n${[1, 2, 3, 4, 5].map((at) => `m${at}: &m${at} ${level(below(at - 1))}\n`).join('')}`;
}

describe('a file that programs read differently, or that would take too long, is refused', () => {
  test.each<[why: string, text: string | Uint8Array, line: string, words: string]>([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ':3', 'has the key "a" twice in one mapping'],
    ['a key twice, once in quotes', 'x:\n  a: 1\n  "a": 3\n', ':3', 'has the key "a" twice'],
    ['an anchor whose name ends earlier for go-yaml', 'a: &b:1\nc: 1\n', ':1', 'has the anchor &b:1'],
    ['an alias without an anchor', 'a: *b\nc: &b 1\n', ':1', 'has the alias *b without an anchor before it'],
    ['a circle', 'a: &a\n  b: *a\n', ':2', 'has the alias *a inside of what it names'],
    ['a syntax error', 'a: [1\nb: 2\n', ':2', 'cannot be read as YAML'],
    ['a tab as indentation', 'a:\n\tb: 1\n', ':2', 'cannot be read as YAML'],
    ['a template', '{{- if .Values.on }}\na: 1\n{{- end }}\n', ':1', 'cannot be read as YAML'],
    ['Latin-1', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9), '', 'is not UTF-8 text'],
    ['UTF-16', Buffer.from('\ufeffa: 1\n', 'utf16le'), '', 'is not UTF-8 text'],
    ['too large', ' '.repeat(MAX_MANIFEST_BYTES + 1), '', `has ${MAX_MANIFEST_BYTES + 1} bytes`],
    ['many brackets', `a: ${'['.repeat(20_000)}`, ':1', 'is nested too deeply'],
    ['many lists in a line', '- '.repeat(20_000), ':1', 'is nested too deeply'],
    ['many questions in a line', '? '.repeat(20_000), ':1', 'is nested too deeply'],
    [
      'keys below keys',
      Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      ':502',
      'nested too deeply',
    ],
    ['a line break of old systems', 'a: 1 # \rb: 2\n', ':1', 'has a line break (U+000D) that programs read'],
    ['a line break of YAML 1.1', 'a: 1\n# \u2028b: 2\n', ':2', 'has a line break (U+2028) that programs read'],
    // kubectl reads "evil" in each of these: sigs.k8s.io/yaml with go-yaml v2. Helm and Kustomize read with it, too.
    [
      'a key before a merge key',
      'apiVersion: v1\na:\n  image: good\n  <<: {image: evil}\n',
      ':4',
      'has the key "image" before',
    ],
    [
      'a key before a merge key, anywhere',
      'a:\n  image: good\n  <<: {image: evil}\n',
      ':3',
      'has the key "image" before',
    ],
    [
      'a key before a merge key, beside services in an object without a version',
      'kind: Pod\nservices: {}\na: {image: good, <<: {image: evil}}\n',
      ':3',
      'has the key "image" before',
    ],
    [
      'a key before a merge key, beside services',
      'apiVersion: v1\nservices: {}\na: {image: good, <<: {image: evil}}\n',
      ':3',
      'has the key "image" before',
    ],
    ['a merge key in quotes', 'a: {"<<": {image: good}}\n', ':1', 'has << in quotes or with a tag as a key'],
    ['a merge key that is a text', 'a: {!!str <<: {image: good}}\n', ':1', 'has << in quotes or with a tag as a key'],
    ['a mark before the second document', 'a: 1\n---\n\ufeffkind: Pod\n', ':3', 'has a byte order mark (U+FEFF)'],
    ['two marks', '\ufeff\ufeffkind: Pod\n', ':1', 'has a byte order mark (U+FEFF)'],
    ['an object as a key', '{"kind": "Pod"}: x\n', ':1', 'has a key that is no text'],
    ['a key by an alias', 'k: &i image\na: {image: good, *i : evil}\n', ':2', 'has an alias or a tag as a key'],
    ['a key in base64', 'a: {image: good, !!binary aW1hZ2U=: evil}\n', ':1', 'has a text in base64'],
    ['a key with a tag', 'a: {image: good, !x image: evil}\n', ':1', 'has an alias or a tag as a key'],
    ['a value in base64', 'kind: !!binary RGVwbG95bWVudA==\n', ':1', 'has a text in base64'],
    ['a marker of kubectl alone', 'null\n---\u00a0\n{"kind":"Pod"}\n', ':2', 'has text after a document marker'],
    ['lists of lists of lists', bombOf((below) => `[${below}]`), '', 'repeats too much by aliases'],
    ['merges of merges of merges', bombOf((below) => `{<<: [${below}]}`), '', 'repeats too much by aliases'],
    ['many aliases', `a: &a 1\nb:\n${'- *a\n'.repeat(10_001)}`, '', 'has more than 10000 aliases'],
  ])('%s', async (_, text, line, words) => {
    const began = performance.now();
    const error = await read(text).catch((thrown) => thrown);
    expect(error).toMatchObject({ id: 'manifest-unreadable', message: expect.stringContaining(words) });
    expect(error.message.startsWith(`app.yaml${line}`)).toBe(true);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('more documents than any file has', () =>
    expect(read('...\n'.repeat(30_000))).rejects.toThrow('More than 20000 documents'));

  test('a template says so', () =>
    expect(read('{{- if .Values.on }}\na: 1\n{{- end }}\n')).rejects.toMatchObject({
      next: expect.stringContaining('Render the template first'),
    }));
});

import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { readImages } from './image-files.ts';

let workspace: string;
beforeEach(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-files-')));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

const POD = 'apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: "a:1"}]}\n';
const TEMPLATE = '{{- if .Values.on }}\na: 1\n{{- end }}\n';
/** kubectl takes the second image. */
const TWICE = POD.replace('image:', 'image: "b:1", image:').replace('\n', ' # {{ }}\n');

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(workspace, name, '..'), { recursive: true });
    await writeFile(join(workspace, name), text);
  }
}
const jobOf = () => ({ workspace, log: { notice: () => {} } }) as unknown as Job;
const read = async (given: string, check = false) => {
  const { files } = await readImages([given], [], check, jobOf());
  return files.flatMap(({ name, images }) => images.map(({ image }) => `${name} ${image}`));
};

test('the YAML files of a folder and of those in it are read, except for packages and git', async () => {
  await write({
    'd/a.yaml': POD,
    'd/e/b.yml': POD,
    'd/node_modules/c.yaml': POD,
    'd/.git/d.yaml': POD,
    'd/e.txt': POD,
  });
  expect(await read('d')).toEqual(['d/a.yaml a:1', 'd/e/b.yml a:1']);
});

test('installed packages are not read, which is said', async () => {
  await write({
    ...{ 'd/a.yaml': POD, 'd/e/node_modules/c.yaml': POD, 'node_modules/x/b.yaml': POD, '.git/f.yaml': POD },
    ...{ 'd/.hidden/.g.yaml': POD, 'd/e/node_modules/node_modules/h.yaml': POD },
  });
  const passedBy = async (given: string) => (await readImages([given], [], false, jobOf())).passedBy;
  expect(await passedBy('.')).toEqual(['d/e/node_modules', 'node_modules']);
  expect(await passedBy('d')).toEqual(['d/e/node_modules']);
  expect(await passedBy('d/a.yaml')).toEqual([]);
  expect(await passedBy('d/**/*.yaml')).toEqual(['d/e/node_modules']);
  expect(await passedBy('d/*.yaml')).toEqual([]);
  expect(await passedBy('d/e/node_modules')).toEqual(['d/e/node_modules/node_modules']);
  expect(await read('d')).toEqual(['d/.hidden/.g.yaml a:1', 'd/a.yaml a:1']);
  expect(await read('d/e/node_modules')).toEqual(['d/e/node_modules/c.yaml a:1']);
});

describe('a link is not followed', () => {
  beforeEach(async () => {
    await write({ 'real/a.yaml': POD });
    await symlink(join(workspace, 'real'), join(workspace, 'link'));
    await symlink(join(workspace, 'real/a.yaml'), join(workspace, 'real/b.yaml'));
  });
  test.each(['link', 'link/a.yaml', 'real/b.yaml'])('%s', (given) =>
    expect(read(given)).rejects.toMatchObject({ id: 'input-path-unusable' }),
  );
  test('in a folder', async () => expect(await read('real')).toEqual(['real/a.yaml a:1']));
  test('in a folder, which fails a check if its file is not read', async () => {
    expect(await read('real', true)).toEqual(['real/a.yaml a:1']);
    await write({ 'other/c.txt': POD });
    await symlink('../other/c.txt', join(workspace, 'real/c.yaml'));
    for (const given of ['real', 'real/*.yaml']) {
      await expect(read(given, true)).rejects.toMatchObject({
        id: 'input-path-unusable',
        message: expect.stringContaining('real/c.yaml'),
      });
    }
    expect(await read('real')).toEqual(['real/a.yaml a:1']);
  });
});

describe('a template', () => {
  beforeEach(() => write({ 'd/a.yaml': POD, 'd/t.yaml': TEMPLATE }));
  test('is left alone in a folder, and is an error by its name', async () => {
    expect(await read('d')).toEqual(['d/a.yaml a:1']);
    await expect(read('d/t.yaml')).rejects.toMatchObject({ id: 'manifest-unreadable' });
  });

  test('fails a check outside of the templates of a chart: its images are not known', async () => {
    await expect(read('d', true)).rejects.toMatchObject({ id: 'manifest-unreadable' });
    await rm(join(workspace, 'd/t.yaml'));
    await write({ 'd/c/Chart.yaml': 'name: c\n', 'd/c/templates/t.yaml': TEMPLATE });
    expect(await read('d', true)).toEqual(['d/a.yaml a:1']);
  });
});

test('braces in a comment do not hide an image from a check', async () => {
  await write({ 'd/a.yaml': POD, 'd/b.yaml': TWICE });
  await expect(read('d', true)).rejects.toMatchObject({
    message: expect.stringContaining('has the key "image" twice'),
  });
});

test('a file of many gigabytes is refused, not read', async () => {
  await write({ 'd/a.yaml': POD });
  await truncate(join(workspace, 'd/a.yaml'), 5 * 2 ** 30);
  await expect(read('d')).rejects.toMatchObject({ id: 'manifest-unreadable' });
});

test('of JSON files in a folder, only manifests are read', async () => {
  const object = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "a:1"}]}}';
  const other = JSON.stringify({ name: 'x', text: 'x'.repeat(5 * 2 ** 20) });
  await write({
    'd/a.json': object,
    'd/package.json': other,
    'd/tsconfig.json': '{\n  // x\n}',
    'd/values.json': '{"image": "b:1"}',
  });
  expect(await read('d', true)).toEqual(['d/a.json a:1']);
  await write({ 'd/broken.json': `${object},` });
  await expect(read('d')).rejects.toMatchObject({ message: 'd/broken.json is not valid JSON.' });
});

describe('patches of a kustomization', () => {
  const PATCH = 'spec: {template: {spec: {containers: [{name: a, image: "p:1"}]}}}\n';

  test('are read where they are, of any kind', async () => {
    await write({
      'd/kustomization.yaml': 'patches:\n- path: ../patches/a.yaml\n- path: b.json\n',
      'patches/a.yaml': PATCH,
      'd/b.json': '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "j:1"}]',
    });
    expect(await read('d', true)).toEqual(['d/b.json j:1', 'patches/a.yaml p:1']);
  });

  test('that are missing, links, or outside of the workspace are left: their images are not known', async () => {
    await write({
      'd/kustomization.yaml': `patches: [{path: gone.yaml}, {path: link.txt}, {path: "../${'../'.repeat(40)}etc/hosts"}]\n`,
      'p.yaml': PATCH,
    });
    await symlink(join(workspace, 'p.yaml'), join(workspace, 'd/link.txt'));
    const [{ left = [] } = {}] = (await readImages(['d'], [], true, jobOf())).files;
    expect(left.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '1 patches[0].path',
      '1 patches[1].path',
      '1 patches[2].path',
    ]);
    expect(left[0]?.why).toBe('names the patch "gone.yaml", which is no file of the workspace');
  });
});

describe('a file that a kustomization names cannot escape a check', () => {
  const lefts = async (...given: string[]) => {
    const { files } = await readImages(given, [], true, jobOf());
    return files.flatMap(({ left }) => left.map(({ path, why, isElsewhere }) => ({ path, why, isElsewhere })));
  };
  const kustomization = (text: string) => write({ 'd/kustomization.yaml': text });

  test.each([
    ['with another extension', 'resources: [app.txt]\n', 'd/app.txt'],
    ['without an extension', 'resources: [./app]\n', 'd/app'],
    ['below node_modules', 'resources: [node_modules/x/app.yaml]\n', 'd/node_modules/x/app.yaml'],
    ['outside of the folder that was given', 'bases: [../base/app.yaml]\n', 'base/app.yaml'],
    ['by a folder', 'resources: [../base]\n', 'base/app.txt'],
    ['by a component', 'components: [../base]\n', 'base/app.txt'],
    ['by a merged mapping', 'x: &x {resources: [app.txt]}\n<<: *x\n', 'd/app.txt'],
  ])('%s: it is read', async (_, text, file) => {
    await kustomization(text);
    await write({ 'base/Kustomization': 'resources: [app.txt]\n', [file]: POD });
    expect(await read('d', true)).toEqual([`${file} a:1`]);
    expect(await lefts('d')).toEqual([]);
  });

  test.each([
    ['a link', 'link.txt', 'names the resource "link.txt", which is no file or folder of the workspace, or a link'],
    ['a folder behind a link', 'linked/app.yaml', 'names the resource "linked/app.yaml", which is no file or folder'],
    ['a missing file', 'gone.yaml', 'which is no file or folder of the workspace'],
    ['a missing file with the name of a host', 'a.example/gone.yaml', 'which is no file or folder of the workspace'],
    ['a file outside of the workspace', `../${'../'.repeat(40)}etc/hosts`, 'which is no file or folder'],
    ['a folder without a kustomization', '../real', 'which has no kustomization'],
    ['a folder with a link to one', '../half', 'which has no kustomization, or only a link to one'],
  ])('%s is left: it fails a check', async (_, name, why) => {
    await kustomization(`resources: [${JSON.stringify(name)}]\n`);
    await write({ 'real/app.yaml': POD, 'half/a.txt': '' });
    await symlink(join(workspace, 'real/app.yaml'), join(workspace, 'd/link.txt'));
    await symlink(join(workspace, 'real'), join(workspace, 'd/linked'));
    await symlink(join(workspace, 'd/kustomization.yaml'), join(workspace, 'half/kustomization.yaml'));
    expect(await lefts('d')).toEqual([{ path: 'resources[0]', why: expect.stringContaining(why) }]);
  });

  test.each(['https://github.com/acme/app//deploy?ref=v1', 'github.com/acme/app', 'git@example.com:acme/app.git'])(
    '%s is remote: it is named, and does not fail a check',
    async (name) => {
      await kustomization(`resources: [${JSON.stringify(name)}]\n`);
      expect(await lefts('d')).toEqual([
        { path: 'resources[0]', why: expect.stringContaining('which is remote'), isElsewhere: true },
      ]);
    },
  );

  test('one that cannot be read is an error', async () => {
    await kustomization('resources: [app.txt]\n');
    await write({ 'd/app.txt': TEMPLATE });
    await expect(read('d', true)).rejects.toMatchObject({ id: 'manifest-unreadable' });
  });

  test('kustomizations that name each other are read once', async () => {
    await kustomization('resources: [../base]\n');
    await write({ 'base/kustomization.yaml': 'resources: [../d, app.yaml]\n', 'base/app.yaml': POD });
    expect(await read('d', true)).toEqual(['base/app.yaml a:1']);
  });

  test('the entry of a kustomization decides about an image that it sets, unless the file was given as well', async () => {
    await write({
      'd/kustomization.yaml': 'resources: [../base]\nimages: [{name: a, newName: b, newTag: "2"}]\n',
      'e/kustomization.yaml': 'resources: [../base]\n',
      'base/kustomization.yaml': 'resources: [app.yaml]\n',
      'base/app.yaml': POD,
    });
    const entry = 'd/kustomization.yaml b:2';
    expect(await read('d', true)).toEqual([entry]);
    const { files: both } = await readImages(['d', 'base'], [], true, jobOf());
    expect(both.flatMap(({ images }) => images.map(({ image }) => image))).toEqual(['a:1', 'b:2']);
    const { files: other } = await readImages(['d', 'e'], [], true, jobOf());
    expect(other.flatMap(({ images }) => images.map(({ image }) => image))).toEqual(['a:1', 'b:2']);
  });
});

test('an entry of a kustomization decides only about fields that kustomize changes', async () => {
  const values = (inside: string) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {values: {${inside}}}\n`;
  const evil = 'ghcr.io/evil/x:1';
  await write({
    'd/kustomization.yaml': 'resources: [../base]\nimages: [{name: ghcr.io/evil/x, newName: good, newTag: "1"}]\n',
    'base/kustomization.yaml': `resources: [a.yaml, b.yaml, c.yaml, d.yaml]\n`,
    'base/a.yaml': `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "${evil}"}], initContainers: [{image: "${evil}"}], volumes: [{image: {reference: "${evil}"}}]}\n`,
    'base/b.yaml': values(`image: "${evil}"`),
    'base/c.yaml': values(`"containers[0]": {image: "${evil}"}`),
    'base/d.yaml': `apiVersion: v1\nkind: Pod\nspec: {containers: [{image: &i "${evil}"}], volumes: [{image: {reference: *i}}]}\n`,
  });
  expect(await read('d', true)).toEqual([
    ...['a', 'b', 'c', 'd'].map((name) => `base/${name}.yaml ${evil}`),
    'd/kustomization.yaml good:1',
  ]);
});

test('an entry decides about an entry of a base, unless that has configurations', async () => {
  const base = 'images: [{name: x, newName: a, newTag: "1"}]\n';
  await write({
    'd/kustomization.yaml': 'resources: [../base]\nimages: [{name: a, newName: b, newTag: "2"}]\n',
    'base/kustomization.yaml': base,
  });
  expect(await read('d', true)).toEqual(['d/kustomization.yaml b:2']);
  await write({ 'base/kustomization.yaml': `${base}configurations: [c.yaml]\n` });
  expect(await read('d', true)).toEqual(['base/kustomization.yaml a:1', 'd/kustomization.yaml b:2']);
});

test.each([
  ['in UTF-16', Buffer.from('\ufeff{"apiVersion": "v1"}', 'utf16le'), 'd/a.json is not UTF-8 text.'],
  ['in UTF-16 without a mark', Buffer.from('{"apiVersion": "v1"}', 'utf16le'), 'd/a.json is not valid JSON.'],
  ['with a key in two lines', '{"api\\\nVersion": "v1", "kind": "Pod"}', 'd/a.json is not valid JSON.'],
  ['with a key in base64', '{!!binary YXBpVmVyc2lvbg== : "v1", "kind": "Pod"}', 'd/a.json is not valid JSON.'],
])('a JSON manifest %s, which only YAML reads, is refused', async (_, content, message) => {
  await write({ 'd/b.yaml': POD });
  await writeFile(join(workspace, 'd/a.json'), content);
  await expect(read('d', true)).rejects.toMatchObject({ message });
});

test('other JSON in Latin-1 is passed over', async () => {
  await write({ 'd/b.yaml': POD });
  await writeFile(join(workspace, 'd/a.json'), Buffer.from('{"name": "é"}', 'latin1'));
  expect(await read('d', true)).toEqual(['d/b.yaml a:1']);
});

test('a file is read as all that other files name it as', async () => {
  await write({
    'd/kustomization.yaml': 'resources: [a.yaml]\nconfigurations: [a.yaml]\npatches: [{path: a.yaml}]\n',
    'd/a.yaml': `${POD}namePrefix: [{path: spec/containers/image}]\nx: {containers: [{image: "p:1"}]}\n`,
    'd/compose.yaml': 'include: [b.yaml, a.yaml]\nservices: {}\n',
    'd/b.yaml': 'jobs: {a: {image: "j:1"}}\ninclude: [c.txt]\n',
    'd/c.txt': 'services: {a: {image: "s:1"}}\n',
  });
  expect(await read('d', true)).toEqual(['d/a.yaml a:1', 'd/a.yaml p:1', 'd/b.yaml j:1', 'd/c.txt s:1']);
  const [{ left = [] } = {}] = (await readImages(['d'], [], true, jobOf())).files;
  expect(left.map(({ path }) => path)).toEqual(['namePrefix']);
});

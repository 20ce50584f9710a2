import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { filesIn } from '../marked.fixture.ts';
import { lintOtherFile } from '../repository.ts';
import { declaredVolumes } from './declared.ts';
import { kustomizedImages } from './kustomization.ts';
import { manifestRemarks } from './scan.ts';

const corpus = filesIn(await readFile(new URL('../../testdata/manifests.txt', import.meta.url), 'utf8'));
const SETTINGS = { setImages: ['set-by-kustomization'], volumes: ['/srv/uploads'], charts: ['chart'] };

const found = async (file: string, text: string, settings = {}) =>
  (await lintOtherFile(file, text, { ...SETTINGS, ...settings })).findings;
const places = async (file: string, text: string) =>
  (await found(file, text)).map(({ line, rule }) => `${line} ${rule}`).sort();

describe('findings in manifests', () => {
  const cases = corpus.map((one) => [one.file, one] as const);
  test.each(cases)('%s', async (file, { text, expected }) => {
    expect(await places(file, text)).toEqual(expected);
  });

  test.each(cases)('%s, with line ends of Windows', async (file, { text, expected }) => {
    expect(await places(file, text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });
});

const levels = async (text: string, file = 'k8s/pod.yaml', settings = {}) =>
  (await found(file, text, settings)).map(({ level, rule }) => `${level} ${rule}`);
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - ';

describe('levels', () => {
  const ALL = Object.fromEntries(
    ['image-latest', 'root-user', 'writable-root', 'host-path', 'no-memory-limit'].map((rule) => [
      `manifest-${rule}`,
      'error' as const,
    ]),
  );

  test('no rule of manifests fails by default', async () => {
    const all = (await Promise.all(corpus.map(({ file, text }) => found(file, text)))).flat();
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a policy raises them for Kubernetes', async () => {
    expect(await levels(`${POD}{name: b, image: c}\n`, 'k8s/pod.yaml', { levels: ALL })).toEqual([
      'error manifest-image-latest',
      'error manifest-root-user',
      'error manifest-writable-root',
      'error manifest-no-memory-limit',
    ]);
  });

  test('findings in a Compose file, which may be for development, are warnings at most', async () => {
    const text = 'services:\n  a:\n    image: b\n    user: root\n    volumes: [./src:/src]\n';
    expect((await levels(text, 'compose.yml', { levels: ALL })).sort()).toEqual([
      'note manifest-host-path',
      'note manifest-writable-root',
      'warning manifest-image-latest',
      'warning manifest-no-memory-limit',
      'warning manifest-root-user',
    ]);
  });

  test('an image from a variable is a note: the version is elsewhere', async () => {
    const rule = ({ level, rule: name }: { level: string; rule: string }) => name.includes('pinned') && level;
    expect((await found('k8s/pod.yaml', `${POD}{name: b, image: "c:$TAG"}\n`)).map(rule)).toContain('note');
  });
});

test('a finding names container, workload and value', async () => {
  const text = `${POD}{name: b, image: "d:latest"}\n`;
  expect((await found('k8s/pod.yaml', text))[0]).toMatchObject({
    file: 'k8s/pod.yaml',
    line: 6,
    message: 'The container b of Pod a uses the image d:latest.',
    fix: 'Write image: name:1.2@sha256:… with the digest of the verified image.',
  });
});

test('the images that a kustomization sets, and the volumes that a Dockerfile declares', async () => {
  const text = 'images:\n  - {name: a, newTag: "1"}\n  - {name: b, newName: c}\n  - {name: d, digest: sha256:e}\n';
  expect(await kustomizedImages(text)).toEqual(['a', 'd']);
  expect(await kustomizedImages('{{')).toEqual([]);
  expect(declaredVolumes('FROM a\nVOLUME /srv/data /x\nVOLUME ["/y"]\nVOLUME $Z\n')).toEqual(['/srv/data', '/x', '/y']);
  expect(declaredVolumes('FROM a\nRUN <<EOF\n')).toEqual([]);
});

test('a template is a note, except in the templates of a chart', async () => {
  const text = `{{- if .Values.on }}\n${POD}{name: a, image: "{{ .Values.image }}"}\n{{- end }}\n`;
  const files = ['chart/templates/a.yaml', 'chart/a.yaml', 'roles/web/templates/a.yaml', 'templates/a.yaml'];
  const notes = async (charts: readonly string[]) =>
    (await Promise.all(files.map((file) => found(file, text, { charts })))).flat();
  expect(await notes(['chart', ''])).toMatchObject([
    { rule: 'file-not-read', file: 'chart/a.yaml', level: 'note', line: 1, fix: RENDER },
    { file: 'roles/web/templates/a.yaml', fix: RENDER },
  ]);
  expect(await notes([])).toHaveLength(4);
});
const RENDER = 'Render the template first: only its result is YAML.';

/** 200 pods × 500 containers × 500 mounts, in 60 KB. */
function multiplied(): string {
  const mounts = '        - {name: v, mountPath: /var/log/a}\n'.repeat(500);
  const containers = '    - {image: c, volumeMounts: *m}\n'.repeat(500);
  const first = `${POD}name: a\n      image: b\n      volumeMounts: &m\n${mounts}${containers}`;
  const pods = Array.from(
    { length: 200 },
    (_, at) => `  - {apiVersion: v1, kind: Pod, a: ${at}, spec: {containers: *c}}\n`,
  );
  return `${first.replace('containers:', 'containers: &c')}items:\n${pods.join('')}`;
}

describe('hostile manifests', () => {
  test.each([
    ['nested deeper than a parser goes', `${POD}${'['.repeat(50_000)}`],
    ['aliases in a circle', `${POD}&a\n      name: b\n      image: c\n      securityContext: *a\n`],
    ['merge keys in a circle', `${POD}&a\n      <<: *a\n      image: c\n`],
    ['a tag of a program', `${POD}!!python/object:os.system {image: c}\n`],
    ['lists in place of mappings', `${POD}[name, image]\n  volumes: text\n`],
    ['more containers than any file has', `${POD}{name: a, image: b}\n${'    - {name: a, image: b}\n'.repeat(40_000)}`],
    ['pods and mounts that aliases multiply', multiplied()],
    ['keys that are mappings', `${POD}? {a: b}\n      : c\n      image: d\n`],
  ])(
    '%s',
    async (_, text) => {
      // CPU time of this process. On a busy machine it is several times that of a quiet one (3 s); what multiplies takes minutes.
      const began = process.cpuUsage();
      await found('k8s/pod.yaml', text);
      expect(process.cpuUsage(began).user / 1e6).toBeLessThan(20);
    },
    120_000,
  );
});

test('mounts of many containers and the volumes of a hostile Dockerfile take little time', async () => {
  const mounts = '        - {name: v, mountPath: /v}\n'.repeat(1000);
  const others = '    - {image: c, volumeMounts: *m}\n'.repeat(30);
  const first = `${POD}name: a\n      image: b\n      volumeMounts: &m\n${mounts}${others}`;
  const volumes = Array.from({ length: 20_000 }, (_, at) => `/v/${at}`);
  const began = process.cpuUsage();
  const remarks = await manifestRemarks('k8s/pod.yaml', `${first}  volumes: [{name: v, emptyDir: {}}]\n`, { volumes });
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
  expect(remarks.length).toBeGreaterThan(100);
  expect(remarks.filter(({ rule }) => rule === 'file-not-read')).toMatchObject([
    { message: expect.stringContaining('more than 10000 findings') },
  ]);
});

test('the deployment in the examples has no finding', async () => {
  const text = await readFile(new URL('../../../../examples/cluster/deployment.yaml', import.meta.url), 'utf8');
  expect(await found('examples/cluster/deployment.yaml', text)).toEqual([]);
});

test('containers beyond the thousandth are not left out silently', async () => {
  const text = `${POD}{name: a, image: b}\n${'    - {name: a, image: b}\n'.repeat(1000)}`;
  expect((await found('k8s/pod.yaml', text)).filter(({ rule }) => rule === 'file-not-read')).toMatchObject([
    { line: 1006, message: expect.stringContaining('more than 1000 containers') },
  ]);
});

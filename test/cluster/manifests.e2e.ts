/** Manifests, checked by the tools that people check them with: kubeconform, Helm and Kustomize. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imagesOf, pinnedFile, readManifestFile } from '@tidegate/core';
import { lintOtherFile } from '@tidegate/source';
import { developerRun, devTools, kubernetesSchemas } from '@tidegate/testkit';
import { readImages } from '../../actions/support/manifests/image-files.ts';
import { filesIn } from '../../packages/source/src/marked.fixture.ts';

const EXAMPLES = new URL('../../examples/cluster/', import.meta.url);
const CORPUS = new URL('../../packages/source/testdata/manifests.txt', import.meta.url);
const PIN = `sha256:${'a'.repeat(64)}`;

let folder = '';
let schemas = '';
let tools: Readonly<Record<'kubeconform' | 'helm' | 'kustomize', string>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-manifests-'));
  tools = await devTools(['kubeconform', 'helm', 'kustomize'], { log: (line) => process.stderr.write(`${line}\n`) });
  schemas = await kubernetesSchemas(join(folder, 'schemas'), [
    ...['Pod', 'Deployment', 'StatefulSet', 'CronJob', 'Service', 'ConfigMap', 'List'],
  ]);
}, 1_800_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Judged {
  readonly kind: string;
  readonly status: string;
  readonly msg: string;
}

/** Results of kubeconform for each object: strict, and with only the schemas here. */
async function conforms(name: string, text: string): Promise<readonly Judged[]> {
  const path = join(folder, `${name.replaceAll('/', '-')}.yaml`);
  await writeFile(path, text);
  const argv = ['-strict', '-verbose', '-output', 'json', '-schema-location', schemas, path];
  // It exits with 1 for an invalid object, and prints the same.
  const { stdout } = await developerRun(tools.kubeconform, argv, { timeout: 60_000, answers: [0, 1] });
  return JSON.parse(stdout).resources;
}

const found = async (file: string, text: string) =>
  (await lintOtherFile(file, text)).findings.map(({ line, rule }) => `${line} ${rule}`);

async function written(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

describe('kubeconform', () => {
  test('accepts the deployment in the examples, and knows its fields', async () => {
    const text = await readFile(new URL('deployment.yaml', EXAMPLES), 'utf8');
    expect(await conforms('example', text)).toMatchObject([{ kind: 'Deployment', status: 'statusValid' }]);
    const misspelt = text.replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem');
    expect(await conforms('misspelt', misspelt)).toMatchObject([
      { status: 'statusInvalid', msg: expect.stringContaining("'readOnlyRootFileSystem' not allowed") },
    ]);
    const wrong = text.replace('runAsNonRoot: true', 'runAsNonRoot: "yes"');
    expect(await conforms('wrong', wrong)).toMatchObject([{ status: 'statusInvalid' }]);
  });

  test('has no other manifests in the examples to check', async () => {
    expect((await readdir(EXAMPLES)).sort()).toEqual(['cluster-image-policy.yaml', 'deployment.yaml', 'kyverno.yaml']);
  });

  test('accepts the manifests on which the rules are tested: real fields at their real places', async () => {
    const corpus = filesIn(await readFile(CORPUS, 'utf8'));
    const files = corpus.filter(({ file }) => /^k8s\/(?:good|bare|latest|users|volumes|logs|windows)/.test(file));
    expect(files).toHaveLength(7);
    const invalid = [];
    for (const { file, text } of files) {
      for (const { kind, status, msg } of await conforms(file, text)) {
        if (status !== 'statusValid') invalid.push(`${file} ${kind} ${status} ${msg}`);
      }
    }
    expect(invalid).toEqual([]);
  });
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  selector:
    matchLabels: { app: app }
  template:
    metadata:
      labels: { app: app }
    spec:
      securityContext: { runAsNonRoot: true }
      containers:
        - name: app
          image: IMAGE
          securityContext: { readOnlyRootFilesystem: true }
          resources:
            limits: { memory: 64Mi }
`;

test('what helm template renders is checked, with the digest of the values', async () => {
  const image = '{{ .Values.image.repository }}:{{ .Values.image.tag }}@{{ .Values.image.digest }}';
  await written({
    'chart/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
    'chart/values.yaml': `image:\n  repository: ghcr.io/acme/app\n  tag: 1.2.3\n  digest: ${PIN}\n`,
    'chart/templates/deployment.yaml': DEPLOYMENT.replace('IMAGE', `"${image}"`),
  });
  const render = async (...more: readonly string[]) => {
    const argv = ['template', 'app', join(folder, 'chart'), ...more];
    return (await developerRun(tools.helm, argv, { timeout: 60_000 })).stdout;
  };
  const template = DEPLOYMENT.replace('IMAGE', `"${image}"`);
  const unread = `{{- if true }}\n${template}{{- end }}\n`;
  const ofChart = await lintOtherFile('chart/templates/deployment.yaml', unread, { charts: ['chart'] });
  expect(ofChart.findings).toEqual([]);
  expect(await found('deploy/deployment.yaml', unread)).toEqual(['1 file-not-read']);
  const rendered = await render();
  expect(rendered).toContain(`ghcr.io/acme/app:1.2.3@${PIN}`);
  expect(await found('rendered.yaml', rendered)).toEqual([]);
  expect(await conforms('rendered', rendered)).toMatchObject([{ status: 'statusValid' }]);
  const broken = await render('--set', 'image.digest=sha256:abc');
  expect(await found('rendered.yaml', broken)).toEqual([expect.stringMatching(/ manifest-image-not-pinned$/)]);
});

test('a kustomization sets the image that its manifests leave open, as kustomize build shows', async () => {
  const base = DEPLOYMENT.replace('IMAGE', 'app');
  const kustomization = `resources: [../base]\nimages:\n  - name: app\n    newName: ghcr.io/acme/app\n    newTag: 1.2.3\n    digest: ${PIN}\n`;
  await written({
    'base/deployment.yaml': base,
    'base/kustomization.yaml': 'resources: [deployment.yaml]\n',
    'prod/kustomization.yaml': kustomization,
  });
  expect(await found('base/deployment.yaml', base)).toEqual(['15 manifest-image-latest']);
  const set = await lintOtherFile('base/deployment.yaml', base, { setImages: ['app'] });
  expect(set.findings).toEqual([]);
  expect(await found('prod/kustomization.yaml', kustomization)).toEqual([]);
  const { stdout } = await developerRun(tools.kustomize, ['build', join(folder, 'prod')], { timeout: 60_000 });
  expect(stdout).toContain(`image: ghcr.io/acme/app:1.2.3@${PIN}`);
  expect(await found('built.yaml', stdout)).toEqual([]);
  expect(await conforms('built', stdout)).toMatchObject([{ status: 'statusValid' }]);
});

/** A deployment whose images come from its patches: inline, as operations, and from files. */
const PATCHED: Readonly<Record<string, string>> = {
  'patched/base/deployment.yaml': DEPLOYMENT.replace('IMAGE', 'app:0'),
  'patched/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
  'patched/prod/patches/sidecar.yaml':
    'apiVersion: apps/v1\nkind: any\nmetadata: { name: any }\nspec: { template: { spec: { containers: [{ name: sidecar, image: "sidecar:1" }] } } }\n',
  'patched/prod/init.json':
    '[\n\t{"op": "add", "path": "/spec/template/spec/initContainers", "value": [{"name": "init", "image": "init:1"}]}\n]\n',
  'patched/prod/debug.json':
    '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug"}, "spec": {"containers": [{"name": "debug", "image": "debug:1"}]}}\n',
  'patched/prod/kustomization.yaml': `resources: [../base, debug.json]
patches:
  - path: patches/sidecar.yaml
    target: { kind: Deployment }
  - path: init.json
    target: { kind: Deployment, name: app }
  - target: { kind: Deployment }
    patch: |-
      # ours
      - op: replace
        path: /spec/template/spec/containers/1/image
        value: "inline:1"
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: app }
      spec:
        template:
          spec:
            containers:
              - name: merged
                image: merged:1
  - target: { kind: Deployment }
    patch: '[{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "last", "image": "last:1"}}]'
`,
};

test('with its patches pinned, kustomize build writes pinned images only', async () => {
  await written(PATCHED);
  const job = { workspace: folder, log: { notice: () => {} } } as unknown as Parameters<typeof readImages>[3];
  const read = () => readImages(['patched/prod', 'patched/base'], [], true, job);
  const build = async () => {
    const argv = ['build', join(folder, 'patched/prod')];
    const { stdout } = await developerRun(tools.kustomize, argv, { timeout: 60_000 });
    const { images } = await imagesOf(await readManifestFile(Buffer.from(stdout), 'built.yaml'), []);
    return images.map(({ image }) => image).sort();
  };
  const before = ['debug:1', 'init:1', 'inline:1', 'last:1', 'merged:1', 'sidecar:1'];
  expect(await build()).toEqual(before);
  for (const { path, file, images, left } of (await read()).files) {
    expect(left).toEqual([]);
    await writeFile(
      path,
      await pinnedFile(
        file,
        images.map((image) => ({ image, digest: PIN })),
      ),
    );
  }
  expect(await build()).toEqual(before.map((image) => `${image}@${PIN}`));
  const after = (await read()).files.flatMap(({ images }) => images.map(({ image }) => image));
  expect(after).toHaveLength(before.length + 1);
  expect(after.every((image) => image.endsWith(PIN))).toBe(true);
});

/** scan-image scans the images that manifests name, each digest once, and misses none silently. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const IMAGE = `${suite.registries.olareg}/manifests/app`;
const files = {
  Dockerfile: 'FROM scratch\nCOPY node_modules /app/node_modules\nUSER 65532:65532\nENTRYPOINT ["/app/none"]\n',
  'node_modules/left/package.json': JSON.stringify({ name: 'left', version: '1.3.0', license: 'MIT' }),
};

const running = new AsyncDisposableStack();
let job: Job;
let digest = '';
beforeAll(async () => {
  job = await newJob(suite, { files });
  running.defer(() => leave(job));
  const shipped = { image: IMAGE, signing: 'none', key: '', require: 'sbom, scan, provenance' };
  digest = String((await succeeded(job.run('ship', shipped))).outputs.digest);
}, 600_000);
afterAll(() => running.disposeAsync());

const pod = (image: string) => `apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: "${image}"}]}\n`;
const rows = ({ outputs }: BundleResult): readonly Record<string, unknown>[] => JSON.parse(outputs.results ?? '[]');

async function scan(manifests: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  for (const [name, text] of Object.entries(manifests)) {
    await mkdir(join(job.workspace, name, '..'), { recursive: true });
    await writeFile(join(job.workspace, name), text);
  }
  return job.run('scan-image', { manifests: 'deploy/**/*.yaml', attach: 'false', token: '', ...more });
}

test('a digest that four references name is scanned once; one that is not there fails, and others are scanned', async () => {
  const result = await scan({
    'deploy/a.yaml': `${pod(`${IMAGE}:main`)}---\n${pod(`${IMAGE}:main@${digest}`)}`,
    'deploy/b/c/compose.yaml': `services:\n  a: {image: "${IMAGE}@${digest}"}\n  b: {image: "${IMAGE}:\${TAG}"}\n`,
    'deploy/missing.yaml': pod(`${IMAGE}:missing`),
    'other.yaml': pod(`${IMAGE}:other`),
  });
  expect(result.exitCode).toBe(1);
  expect(rows(result)).toMatchObject([
    { image: `${IMAGE}:main`, digest, verdict: 'pass' },
    { image: `${IMAGE}:missing`, error: expect.stringContaining('missing') },
  ]);
  expect(result.log.filter((line) => line.startsWith('Scan the published image'))).toHaveLength(1);
  const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
  expect(warnings.join('\n')).toMatch(/compose\.yaml:3.* contains a variable.* It is not scanned\./);
});

test('one image has a result of its own too, beside those of the input image', async () => {
  const result = await succeeded(
    scan({ 'one/a.yaml': pod(`${IMAGE}:main`) }, { manifests: 'one', image: `${IMAGE}@${digest}` }),
  );
  expect(rows(result)).toMatchObject([{ image: `${IMAGE}@${digest}`, digest, verdict: 'pass' }]);
  expect(result.outputs.verdict).toBe('pass');
});

test.each<[string, Record<string, string>, string]>([
  ['nothing matches', { manifests: 'none/**/*.yaml' }, 'Input manifests: got "none/**/*.yaml", expected a pattern'],
  ['there is no file', { manifests: 'none.yaml' }, 'Input manifests: got "none.yaml", expected an existing file'],
  ['no image is named', { manifests: 'empty.yaml' }, 'expected manifests that name images'],
  ['more than 100 are named', { manifests: 'many.yaml' }, 'Input manifests: got "101 images", expected at most 100'],
  ['a manifest cannot be read', { manifests: 'tab.yaml' }, 'tab.yaml'],
  [
    'a login that manifests could send anywhere is set',
    { manifests: 'one', 'registry-username': 'me', 'registry-password': 'hunter22' },
    'no value, because manifests is set, and manifests can name any registry',
  ],
  ['a destination is set', { manifests: 'one', destination: IMAGE }, 'no value, because manifests is set'],
])('%s: an error', async (_, inputs, message) => {
  const many = Array.from({ length: 101 }, (_each, at) => pod(`${IMAGE}:${at}`)).join('---\n');
  const result = await scan({ 'empty.yaml': 'a: 1\n', 'many.yaml': many, 'tab.yaml': 'a:\n\t- b\n' }, inputs);
  expect(result.exitCode).toBe(1);
  expect(result.log.join('\n')).toContain(message);
});

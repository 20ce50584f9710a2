/** The cost of one image: requests, storage and log entries, counted and compared with the tables of docs/scaling.md. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type RegistryServer,
  readWorkflow,
  repositoryRoot,
  type Sigstore,
  startRegistry,
  startSigstore,
} from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const NAME = 'fleet/app';
const WORKFLOW = 'acme/app/.github/workflows/release.yml@refs/heads/main';
const ONE = 'linux/amd64';
const TWO = 'linux/amd64,linux/arm64';
/** Evidence has times, digests and compressed texts in it. */
const ROUGHLY = 0.15;

const running = new AsyncDisposableStack();
let sigstore: Sigstore;
beforeAll(async () => {
  sigstore = running.use(await startSigstore());
}, 1_800_000);
afterAll(() => running.disposeAsync());

interface Cost {
  readonly requests: number;
  /** POST, PATCH, PUT and DELETE. */
  readonly writes: number;
  /** Manifests that were put, by digest or tag. */
  readonly manifests: number;
  /** Entries of the transparency log. */
  readonly entries: number;
  readonly certificates: number;
  /** Kilobytes in the registry beside the image. */
  readonly evidence: number;
}

/** As in a log with tiles (C2SP tlog-checkpoint): the second line is the number of entries. */
const entriesOf = async (log: 'rekor' | 'ctlog') =>
  Number((await readFile(join(sigstore.folder, log, 'checkpoint'), 'utf8')).split('\n')[1]);

/** Counts until the log has published what it took: certificates within a second. */
async function settled(log: 'rekor' | 'ctlog'): Promise<number> {
  let last = -1;
  for (let now = await entriesOf(log); now !== last; now = await entriesOf(log)) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  return last;
}

const IMAGE_LAYER = /^application\/vnd\.(?:oci\.image\.(?:layer|config)|docker\.)/;

/** Bytes of all manifests and blobs that are not of the image itself. */
function evidenceIn(server: RegistryServer): number {
  const put = server.requests.filter(({ method, url }) => method === 'PUT' && url.includes('/manifests/'));
  const names = new Set(put.map(({ url }) => decodeURIComponent(url.slice(url.lastIndexOf('/') + 1))));
  let bytes = 0;
  for (const digest of [...names].filter((name) => name.startsWith('sha256:'))) {
    const found = server.manifest(NAME, digest);
    if (!found) continue;
    const { subject, layers = [] } = JSON.parse(String(found.bytes)) as {
      subject?: object;
      layers?: { mediaType: string; size: number }[];
    };
    if (!subject) continue;
    bytes +=
      found.bytes.length +
      layers.filter(({ mediaType }) => !IMAGE_LAYER.test(mediaType)).reduce((sum, { size }) => sum + size, 0);
  }
  return bytes / 1000;
}

async function costOf(server: RegistryServer, work: () => Promise<unknown>): Promise<Cost> {
  const [from, before, log, ct] = [
    server.requests.length,
    evidenceIn(server),
    await settled('rekor'),
    await settled('ctlog'),
  ];
  await work();
  const requests = server.requests.slice(from);
  const writes = requests.filter(({ method }) => !['GET', 'HEAD'].includes(method));
  return {
    requests: requests.length,
    writes: writes.length,
    manifests: writes.filter(({ method, url }) => method === 'PUT' && url.includes('/manifests/')).length,
    entries: (await settled('rekor')) - log,
    certificates: (await settled('ctlog')) - ct,
    evidence: evidenceIn(server) - before,
  };
}

const keyless = () => ({ key: '', 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot });
const env = () => ({
  GITHUB_REPOSITORY: 'acme/app',
  ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
});

/** A first publication, a run of the same commit, a scan of the published image, and a verification. */
async function costs(platforms: string): Promise<Readonly<Record<string, Cost>>> {
  const server = await startRegistry();
  running.defer(() => server.close());
  const job: Job = await newJob(suite);
  running.defer(() => leave(job));
  sigstore.issuer.claim({
    ...{ repository: 'acme/app', repository_owner: 'acme', sub: 'repo:acme/app:ref:refs/heads/main', sha: job.sha },
    ...{ workflow_ref: WORKFLOW, workflow_sha: job.sha, job_workflow_ref: WORKFLOW, job_workflow_sha: job.sha },
  });
  const image = `${server.host}/${NAME}`;
  const ship = (name: string) =>
    succeeded(job.run('ship', { ...keyless(), image, platforms, name, token: '' }, { env: env() }));
  const signer = {
    'trusted-root': sigstore.trustedRoot,
    'certificate-identity': `https://github.com/${WORKFLOW}`,
    'certificate-oidc-issuer': sigstore.issuer.url,
  };
  return {
    'First publication': await costOf(server, () => ship('first')),
    'The same commit again': await costOf(server, () => ship('again')),
    'Scan of the published image, nothing new': await costOf(server, () =>
      succeeded(job.run('scan-image', { ...keyless(), ...signer, image: `${image}:main`, token: '' }, { env: env() })),
    ),
    Verification: await costOf(server, () =>
      succeeded(
        job.run('verify-image', { ...signer, image: `${image}:main`, 'source-repository': 'acme/app' }, { env: env() }),
      ),
    ),
  };
}

const page = await readFile(join(repositoryRoot, 'docs/scaling.md'), 'utf8');
/** Rows of the table below a heading: cells by the first one. */
function tableBelow(heading: string): ReadonlyMap<string, readonly string[]> {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | '));
  return new Map(rows.slice(2).map(([first = '', ...cells]) => [first, cells]));
}
const number = (text = '') => Number(text.replace(/[ ,]|KB$/g, ''));

describe.each([
  ['one platform', ONE],
  ['two platforms', TWO],
])('an image with %s costs what docs/scaling.md says', (name, platforms) => {
  test('in requests, manifests, log entries and storage', async () => {
    const counted = await costs(platforms);
    const rows = tableBelow('One image, counted');
    const shown = Object.entries(counted).map(([what, cost]) => {
      const [requests, writes, manifests, entries, certificates, evidence] = rows.get(`${what}, ${name}`) ?? [];
      return {
        what,
        page: [requests, writes, manifests, entries, certificates].map(number),
        counted: [cost.requests, cost.writes, cost.manifests, cost.entries, cost.certificates],
        evidence: [number(evidence), Math.round(cost.evidence)],
      };
    });
    if (process.env.FIGURES === '1') process.stderr.write(`${JSON.stringify(shown, null, 1)}\n`);
    expect(shown.map(({ what, page }) => [what, page])).toEqual(shown.map(({ what, counted }) => [what, counted]));
    for (const {
      evidence: [said = 0, found = 0],
    } of shown) {
      expect(Math.abs(said - found)).toBeLessThanOrEqual(Math.max(2, found * ROUGHLY));
    }
  }, 600_000);
});

test('the jobs and the days of the reusable workflow are those of the page', async () => {
  const { jobs } = await readWorkflow(join(repositoryRoot, '.github/workflows/commit-to-registry.yml'));
  const uploads = Object.entries(jobs).flatMap(([id, { steps = [] }]) =>
    steps
      .filter(
        ({ uses, name }) =>
          uses?.startsWith('actions/upload-artifact@') && /^Upload the (?:layout|evidence)/.test(name ?? ''),
      )
      .map((step) => [id, Number(step.with?.['retention-days'])]),
  );
  const rows = tableBelow('Artifacts of the reusable workflow');
  expect(Object.fromEntries(uploads)).toEqual({
    build: number(rows.get('`build`, each platform, with layers')?.[0]),
    scan: number(rows.get('`scan`, evidence of all platforms')?.[0]),
  });
  const always = Object.entries(jobs).filter(([id]) => !['rebuild', 'test', 'baseline', 'hand-over'].includes(id));
  expect(always.map(([id]) => id)).toEqual(['plan', 'build', 'scan', 'publish']);
});

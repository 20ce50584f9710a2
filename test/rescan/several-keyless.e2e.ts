/**
 * Two images, signed keyless by a Sigstore on loopback and each shipped again, and one that nobody signed: all of them
 * in one step of verify-image and of scan-image.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, type Sigstore, startSigstore } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { type Recorder, recordedTools } from '../support/recorded-tools.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const WORKFLOW = 'acme/app/.github/workflows/release.yml@refs/heads/main';
const NAMES = ['one', 'two'] as const;
const imageOf = (name: string) => `${host}/several-keyless/${name}`;

interface Shipped {
  readonly result: BundleResult;
  readonly certificates: number;
  readonly catalogs: number;
}

const running = new AsyncDisposableStack();
let sigstore: Sigstore;
let tools: Recorder;
const first: Shipped[] = [];
const again: Shipped[] = [];
beforeAll(async () => {
  sigstore = running.use(await startSigstore());
  tools = await recordedTools(suite);
  for (const name of NAMES) {
    first.push(await ship(name));
    again.push(await ship(name));
  }
  const job = await newJob(suite, { files: filesOf('unsigned') });
  running.defer(() => leave(job));
  const unsigned = {
    image: imageOf('unsigned'),
    signing: 'none',
    key: '',
    require: 'sbom, scan, provenance',
  };
  await succeeded(job.run('ship', unsigned));
}, 1_800_000);
afterAll(() => running.disposeAsync());

/** An image without Go code, for which the published SBOM says all that a scan needs. */
const filesOf = (name: string) => ({
  Dockerfile: 'FROM scratch\nCOPY node_modules /app/node_modules\nUSER 65532:65532\nENTRYPOINT ["/app/none"]\n',
  'node_modules/left/package.json': JSON.stringify({ name: `left-${name}`, version: '1.3.0', license: 'MIT' }),
});

/** As in a log with tiles (C2SP tlog-checkpoint): the second line is the number of entries, within a second or so. */
async function certificatesUntilNow(): Promise<number> {
  const read = async () =>
    Number((await readFile(join(sigstore.folder, 'ctlog', 'checkpoint'), 'utf8')).split('\n')[1]);
  let last = -1;
  for (let now = await read(); now !== last; now = await read()) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }
  return last;
}

const keyless = () => ({ key: '', 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot });
const signer = () => ({
  'trusted-root': sigstore.trustedRoot,
  'certificate-identity': `https://github.com/${WORKFLOW}`,
  'certificate-oidc-issuer': sigstore.issuer.url,
});
const env = () => ({
  GITHUB_REPOSITORY: 'acme/app',
  ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
});

async function jobWith(name: string): Promise<Job> {
  const job = await newJob(suite, { files: filesOf(name) });
  running.defer(() => leave(job));
  sigstore.issuer.claim({
    ...{ repository: 'acme/app', repository_owner: 'acme', sub: 'repo:acme/app:ref:refs/heads/main', sha: job.sha },
    ...{ workflow_ref: WORKFLOW, workflow_sha: job.sha, job_workflow_ref: WORKFLOW, job_workflow_sha: job.sha },
  });
  return job;
}

async function ship(name: string): Promise<Shipped> {
  const job = await jobWith(name);
  const catalogs = async () =>
    (await tools.started()).filter(({ program, argv }) => program === 'syft' && argv[0] === 'scan').length;
  const [catalogsBefore, certificatesBefore] = [await catalogs(), await certificatesUntilNow()];
  const inputs = { ...keyless(), image: imageOf(name), 'rewrite-timestamp': 'true', tools: tools.tools, token: '' };
  const result = await succeeded(job.run('ship', inputs, { env: env() }));
  return {
    result,
    catalogs: (await catalogs()) - catalogsBefore,
    certificates: (await certificatesUntilNow()) - certificatesBefore,
  };
}

describe('the same image again, signed by the same workflow', () => {
  test('has the same digest, and is not cataloged again', () => {
    expect(again.map(({ result }) => result.outputs.digest)).toEqual(first.map(({ result }) => result.outputs.digest));
    expect(first.map(({ catalogs }) => catalogs)).toEqual([1, 1]);
    expect(again.map(({ catalogs }) => catalogs)).toEqual([0, 0]);
    for (const { result } of again) expect(result.summary).toContain('Same image as before');
  });

  test('costs one certificate, whichever stages need the signer', () => {
    expect([...first, ...again].map(({ certificates }) => certificates)).toEqual([1, 1, 1, 1]);
  });
});

const lines = (...names: readonly string[]) => names.map((name) => `${imageOf(name)}:main`).join('\n');
const rows = ({ outputs }: BundleResult): readonly Record<string, unknown>[] => JSON.parse(outputs.results ?? '[]');

describe('several images in one step of verify-image', () => {
  const verify = async (image: string) =>
    (await jobWith('verify')).run(
      'verify-image',
      { ...signer(), image, 'source-repository': 'acme/app' },
      { env: env() },
    );

  test('pass if each passes', async () => {
    const result = await succeeded(verify(lines(...NAMES)));
    expect(result.outputs.verified).toBe('true');
    expect(rows(result)).toEqual(
      first.map(({ result: { outputs } }, at) =>
        expect.objectContaining({ image: `${imageOf(NAMES[at] ?? '')}:main`, digest: outputs.digest, verified: true }),
      ),
    );
  });

  test('fail with one that nobody signed or that is not there, and the others are verified', async () => {
    const result = await verify(lines('one', 'unsigned', 'missing', 'two'));
    expect([result.exitCode, result.outputs.verified]).toEqual([1, 'false']);
    expect(rows(result).map(({ verified }) => verified)).toEqual([true, false, false, true]);
    expect(rows(result)[2]).toMatchObject({ error: expect.stringContaining('missing') });
  });
});

describe('several images in one step of scan-image', () => {
  const scan = async (image: string) =>
    (await jobWith('scan')).run(
      'scan-image',
      { ...keyless(), ...signer(), image, tools: tools.tools, token: '', 'attach-after': '0s' },
      { env: env() },
    );

  test('are each scanned by the SBOM beside them, and gain what is then verified', async () => {
    const referrers = () =>
      Promise.all(
        first.map(async ({ result: { outputs } }, at) => {
          const view = repositoryView(host, `several-keyless/${NAMES[at]}`);
          return (await view.referrers(String(outputs.digest))).length;
        }),
      );
    const before = await referrers();
    const result = await succeeded(scan(lines(...NAMES)));
    expect(rows(result)).toEqual(
      first.map(({ result: { outputs } }) => expect.objectContaining({ digest: outputs.digest, verdict: 'pass' })),
    );
    expect(result.log.filter((line) => line.includes('its signed SBOM lists 1 package'))).toHaveLength(2);
    expect(Number(result.outputs.attached)).toBeGreaterThan(3);
    expect((await referrers()).every((count, at) => count > (before[at] ?? 0))).toBe(true);
    await succeeded(
      (await jobWith('verify')).run('verify-image', { ...signer(), image: lines(...NAMES) }, { env: env() }),
    );
  });

  test('fail with one that is not there, and the others are scanned', async () => {
    const result = await scan(lines('missing', 'two'));
    expect([result.exitCode, result.outputs.verdict]).toEqual([1, 'fail']);
    expect(rows(result)).toMatchObject([{ error: expect.stringContaining('missing') }, { verdict: 'pass' }]);
  });
});

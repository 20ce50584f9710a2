import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { ownErrors } from '../support/clear-error.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { readOnlyCopy } from '../support/read-only.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const exec = promisify(execFile);
const suite = await theSuite();
const host = suite.registries.olareg;
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

/** The finding that the vulnerable program has, and the package that it is in. */
const FOUND = 'GO-2022-1059';
const ALIAS = 'CVE-2022-32149';
const TEXT = 'pkg:golang/golang.org/x/text@v0.3.7';
const POLICY = '.github/tidegate.yml';

async function commit(
  files: Readonly<Record<string, string>>,
  app: 'sound' | 'vulnerable' = 'vulnerable',
): Promise<Job> {
  const job = await newJob(suite, { app, files });
  jobs.push(job);
  return job;
}

let count = 0;
async function ship(files: Readonly<Record<string, string>>, app: 'sound' | 'vulnerable' = 'vulnerable') {
  count += 1;
  const name = `policy/app-${count}`;
  const job = await commit(files, app);
  const result = await job.run('ship', { image: `${host}/${name}` });
  return { result, tags: await tagsOf(name) };
}

const tagsOf = (name: string) =>
  repositoryView(host, name)
    .allTags()
    .catch(() => []);
const errorsOf = (result: BundleResult) => ownErrors(result).map(({ message }) => message);
const entry = (expires: string, more = '') =>
  `version: 1\n${more}ignore:\n  - id: ${ALIAS}\n    package: ${TEXT}\n    reason: Nothing parses headers here.\n    expires: ${expires}\n`;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface VerdictPredicate {
  readonly policy: { readonly digest: { readonly sha256: string } };
  readonly tidegate_rules: readonly { rule: string; outcome: string; why: string }[];
}

/** The rules as the published, signed verdict of the index has them. */
const verdictRules = async (job: Job) => (await verdictOf(job)).tidegate_rules;

async function verdictOf(job: Job): Promise<VerdictPredicate> {
  const blobs = join(job.temp, 'tidegate/image/layout/blobs/sha256');
  for (const blob of await readdir(blobs)) {
    const text = await readFile(join(blobs, blob), 'utf8');
    if (text.includes('"tidegate_rules"')) return JSON.parse(text).predicate;
  }
  throw new Error('the layout holds no verdict');
}

describe('a finding that the policy file ignores', () => {
  test('lets the image be published until the day on which the entry expires, and the verdict says by which entry', async () => {
    const name = 'policy/ignored';
    const job = await commit({ [POLICY]: entry(inDays(30)) });
    const result = await succeeded(job.run('ship', { image: `${host}/${name}` }));
    expect(result.outputs).toMatchObject({ verdict: 'pass', published: 'true', high: '1' });
    expect(await tagsOf(name)).toContain('main');
    const rules = await verdictRules(job);
    expect(rules.length).toBeGreaterThanOrEqual(37);
    expect(rules).toContainEqual({
      rule: 'ignore-current',
      outcome: 'pass',
      why: '1 finding ignored by 1 entry.',
    });
    expect(rules.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  });

  test('shuts the gate from the next day on, and says which entry and why it was there', async () => {
    const { result, tags } = await ship({ [POLICY]: entry(inDays(-1)) });
    expect(result.exitCode).toBe(1);
    expect(errorsOf(result)).toEqual([
      expect.stringMatching(
        /severity-threshold: .*ignore-current: \.github\/tidegate\.yml:3: CVE-2022-32149 in pkg:golang\/golang\.org\/x\/text@v0\.3\.7: the ignore entry .*Nothing parses headers here.* expired on/,
      ),
    ]);
    expect(tags).toEqual([]);
  });
});

describe('VEX', () => {
  const document = (products: unknown) =>
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://example.org/vex/1',
      author: 'security@example.org',
      timestamp: '2026-11-01T00:00:00Z',
      version: 1,
      statements: [
        {
          vulnerability: { name: ALIAS },
          products,
          status: 'not_affected',
          justification: 'vulnerable_code_not_in_execute_path',
        },
      ],
    });
  const policy = 'version: 1\nvex: [security/app.openvex.json]\n';

  test('about the very package suppresses the finding, and the verdict names the statement', async () => {
    const job = await commit({ [POLICY]: policy, 'security/app.openvex.json': document([{ '@id': TEXT }]) });
    await succeeded(job.run('ship', { image: `${host}/policy/vex` }));
    const rules = await verdictRules(job);
    expect(rules.find(({ rule }) => rule === 'vex-applied')?.why).toBe(
      `1 finding suppressed: ${FOUND} in golang.org/x/text v0.3.7 (not_affected: vulnerable_code_not_in_execute_path; security/app.openvex.json, statement 1).`,
    );
  });

  test("about an image's name suppresses nothing, where Grype would have let it suppress everything", async () => {
    const products = [{ '@id': `pkg:oci/app?repository_url=${host}/policy/app` }];
    const { result, tags } = await ship({ [POLICY]: policy, 'security/app.openvex.json': document(products) });
    expect(errorsOf(result)).toEqual([
      expect.stringMatching(/severity-threshold: .*vex-applied: security\/app\.openvex\.json, statement 1/),
    ]);
    expect(tags).toEqual([]);
  });
});

describe('a policy that another one extends', () => {
  // Without mirrors it would allow Grype's own server alone.
  const mirrors = `database:\n  mirrors: [${suite.databases.fresh}]\n`;
  const base = `version: 1\nvulnerabilities:\n  fail-on: high\n  max-ignore-time: 0d\n${mirrors}`;
  const pinned = (text: string) => `extends:\n  - file: policies/base.yml\n    sha256: ${sha256(text)}\n`;

  test('holds, whatever the repository or an input says', async () => {
    const own = `version: 1\n${pinned(base)}vulnerabilities:\n  fail-on: none\n`;
    const job = await commit({ [POLICY]: own, 'policies/base.yml': base });
    const result = await job.run('ship', { image: `${host}/policy/extended`, 'fail-on': 'none' });
    expect(errorsOf(result)).toEqual([expect.stringMatching(/severity-threshold/)]);
    expect(await tagsOf('policy/extended')).toEqual([]);
  });

  test('may forbid to ignore anything', async () => {
    const { result } = await ship({ [POLICY]: entry(inDays(30), pinned(base)), 'policies/base.yml': base });
    expect(errorsOf(result)).toEqual([expect.stringMatching(/ignore-current: .*; max-ignore-time is 0/)]);
  });

  test('is refused when it is another file than was pinned', async () => {
    const { result } = await ship({ [POLICY]: `version: 1\n${pinned(base)}`, 'policies/base.yml': `${base}\n` });
    expect(errorsOf(result)).toEqual([
      expect.stringMatching(/policies\/base\.yml does not match the checksum in extends/),
    ]);
  });

  test('comes from a registry, by digest', async () => {
    const job = await commit({ 'org.yml': `version: 1\nregistries:\n  allow: [ghcr.io/acme/*]\n${mirrors}` }, 'sound');
    const { stdout } = await exec(
      suite.clients.oras,
      ['push', '--plain-http', '--format', 'json', `${host}/policies/org:1`, 'org.yml:application/yaml'],
      { cwd: job.workspace },
    );
    const { digest } = JSON.parse(stdout) as { digest: string };
    const { result, tags } = await ship(
      { [POLICY]: `version: 1\nextends:\n  - oci: ${host}/policies/org@${digest}\n` },
      'sound',
    );
    expect(errorsOf(result)).toEqual([
      expect.stringMatching(/registry-allowed: the policy does not allow pushes to 127\.0\.0\.1/),
    ]);
    expect(tags).toEqual([]);
  });
});

describe('the image itself', () => {
  test('passes a policy that it meets', async () => {
    const policy = `version: 1
image: { max-size: 50m, max-layers: 3, non-root: true, users: ['65532'], ports: [], volumes: [] }
packages: { deny: [pkg:npm/event-stream] }
licenses: { deny: [AGPL-*] }
base-images: { allow: [docker.io/library/*] }
registries: { allow: ['127.0.0.1:*/policy/*'] }
`.replace("'127.0.0.1:*/policy/*'", `'${host}/policy/*'`);
    const { result, tags } = await ship({ [POLICY]: policy }, 'sound');
    expect(errorsOf(result)).toEqual([]);
    expect(tags).toContain('main');
  });

  test.each([
    ['image-size', 'image: { max-size: 1k }'],
    ['image-layers', 'image: { max-layers: 0 }'],
    ['image-user', 'image: { users: [app] }'],
    ['packages-denied', 'packages: { deny: [pkg:golang/stdlib] }'],
    ['licenses-allowed', 'licenses: { deny: [BSD-*] }'],
    ['epss-threshold', 'vulnerabilities: { max-epss: 0.9 }'],
  ])('is refused by %s alone', async (rule, line) => {
    const { result, tags } = await ship({ [POLICY]: `version: 1\n${line}\n` }, 'sound');
    expect(errorsOf(result)).toEqual([expect.stringMatching(new RegExp(`^The gate failed\\. ${rule}: `))]);
    expect(errorsOf(result)[0]?.match(/[a-z]+(-[a-z]+)+: /g)).toEqual([`${rule}: `]);
    expect(tags).toEqual([]);
  });
});

test('a policy that is wrong is one error with file, line and column, and nothing is built', async () => {
  const { result, tags } = await ship({ [POLICY]: 'version: 1\nvulnerabilities:\n  fail_on: high\n' }, 'sound');
  expect(errorsOf(result)).toEqual([
    expect.stringContaining('.github/tidegate.yml:3:3: vulnerabilities.fail_on: unknown key'),
  ]);
  expect(errorsOf(result)[0]).toContain('Did you mean fail-on?');
  expect(result.log.join('\n')).not.toContain('Syft');
  expect(tags).toEqual([]);
});

describe('the steps one by one', () => {
  const assessed = async (job: Job) => {
    await succeeded(job.run('build-image'));
    await succeeded(job.run('generate-sbom'));
  };

  test('hold the policy of the commit, whatever lies in the work tree: what the scan lets pass the push does too', async () => {
    const job = await commit({ [POLICY]: entry(inDays(30)) });
    await writeFile(join(job.workspace, POLICY), 'version: 1\n');
    await assessed(job);
    await succeeded(job.run('scan-image'));
    await succeeded(job.run('sign-image'));
    await succeeded(job.run('push-image', { image: `${host}/policy/steps` }));
    expect(await tagsOf('policy/steps')).toContain('main');
    // The push judges again by itself.
    const stricter = await job.run('push-image', { image: `${host}/policy/steps-again`, 'max-scan-age': '0s' });
    expect(errorsOf(stricter)).toEqual([expect.stringMatching(/scan-recent/)]);
  });

  test('judge by the document that plan resolved, in jobs that have no checkout and no token', async () => {
    const job = await commit({ [POLICY]: entry(inDays(30)) });
    const image = `${host}/policy/document`;
    const { outputs } = await succeeded(job.run('plan', { image }));
    await assessed(job);
    const without = {
      'policy-document': outputs['policy-path'] ?? '',
      'policy-document-sha256': outputs['policy-sha256'] ?? '',
    };
    await rm(join(job.workspace, '.git'), { recursive: true });
    await rm(join(job.workspace, POLICY));
    expect(errorsOf(await job.run('scan-image'))).toEqual([
      expect.stringContaining(`The policy cannot be read: commit ${job.sha} (GITHUB_SHA) is not in the checkout`),
    ]);
    await succeeded(job.run('scan-image', without));
    await succeeded(job.run('sign-image'));
    await succeeded(job.run('push-image', { image, ...without }));
    expect(await tagsOf('policy/document')).toContain('main');
    const verdict = await verdictOf(job);
    expect(verdict.policy.digest.sha256).toBe(outputs['policy-sha256']);
    expect(sha256(await readFile(outputs['policy-path'] ?? '', 'utf8'))).toBe(outputs['policy-sha256']);
  });

  test('refuse another document than the checksum names, and inputs beside it', async () => {
    const job = await commit({});
    const { outputs } = await succeeded(job.run('plan', { image: `${host}/policy/other`, 'fail-on': 'none' }));
    await assessed(job);
    const document = { 'policy-document': outputs['policy-path'] ?? '', 'policy-document-sha256': sha256('another') };
    expect(errorsOf(await job.run('scan-image', document))).toEqual([
      expect.stringMatching(/does not match its checksum/),
    ]);
    const beside = { ...document, 'policy-document-sha256': outputs['policy-sha256'] ?? '', 'only-fixed': 'true' };
    expect(errorsOf(await job.run('push-image', { image: `${host}/policy/other`, ...beside }))).toEqual([
      expect.stringMatching(/only-fixed: no effect together with policy-document/),
    ]);
  });

  test('build and lint nothing from the work tree of another commit', async () => {
    const job = await commit({});
    const sha = 'ab'.repeat(20);
    for (const step of ['lint-source', 'build-image'] as const) {
      const result = await job.run(step, {}, { env: { GITHUB_SHA: sha } });
      expect(errorsOf(result)).toEqual([
        expect.stringContaining(`from commit ${job.sha}, but this run is for commit ${sha}`),
      ]);
    }
  });
});

describe('a database that cannot be had', () => {
  const dead = 'http://127.0.0.1:9/';
  const accepting = (age: string) => `version: 1\ndatabase:\n  fallback-max-age: ${age}\n`;
  let cache: Awaited<ReturnType<typeof readOnlyCopy>>;
  let scans: Readonly<Record<'plain' | 'writable' | 'readOnly' | 'tooOld' | 'nextMirror', BundleResult>>;
  beforeAll(async () => {
    const assessed = await commit({}, 'sound');
    await succeeded(assessed.run('build-image'));
    await succeeded(assessed.run('generate-sbom'));
    /** The same image each time, in a checkout whose commit holds the policy. */
    const scan = async (policy: string, inputs: Readonly<Record<string, string>> = {}) => {
      const job = await newJob(suite, { app: 'sound', files: { [POLICY]: policy }, after: assessed });
      jobs.push(job);
      return job.run('scan-image', { 'db-mirror': dead, 'db-cache': join(suite.folder, 'db-cache'), ...inputs });
    };
    cache = await readOnlyCopy(join(suite.folder, 'db-cache'), suite.folder);
    // Side by side: each waits between its three attempts.
    const [plain, writable, readOnly, tooOld, nextMirror] = await Promise.all([
      scan('version: 1\n'),
      scan(accepting('2d')),
      scan(accepting('2d'), { 'db-cache': cache.folder }),
      scan(accepting('1s'), { 'db-cache': cache.folder }),
      scan('version: 1\n', { 'db-mirror': `${dead},${suite.databases.fresh}` }),
    ]);
    scans = { plain, writable, readOnly, tooOld, nextMirror };
  });
  afterAll(async () => {
    await cache[Symbol.asyncDispose]();
  });

  test('stops the run, though an older one is there', () => {
    expect(errorsOf(scans.plain)).toEqual([
      expect.stringMatching(/vulnerability database could not be updated \(3 attempts\)/),
    ]);
  });

  test('is not stood in for by one that the job itself could have written', () => {
    const [error] = errorsOf(scans.writable);
    expect(error).toMatch(/this job could have written the one in .*, so any other job could have/);
  });

  test('may be stood in for by one that no job can write and that is not too old, and the log says so', async () => {
    const result = await succeeded(Promise.resolve(scans.readOnly));
    expect(result.outputs.verdict).toBe('pass');
    expect(result.annotations.map(({ message }) => message).join('\n')).toMatch(
      /could not be updated\. The one of .* is used instead: the policy allows 2 d\./,
    );
    const [error] = errorsOf(scans.tooOld);
    expect(error).toMatch(/The policy accepts one that is at most 1 s old, but the one of .* is .* old/);
  });

  test('comes from the next mirror', async () => {
    const result = await succeeded(Promise.resolve(scans.nextMirror));
    expect(result.outputs.verdict).toBe('pass');
  });
});

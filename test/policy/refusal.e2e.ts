import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { wordsOutsideFolds } from '../../packages/core/src/report/summary/words.fixture.ts';
import { ownErrors } from '../support/clear-error.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { REGISTRIES, theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

/** The line of the fixture's Dockerfile that puts the program, and with it every package, into the image. */
const COPY_OF_THE_PROGRAM = 3;

async function jobOn(
  app: 'sound' | 'vulnerable',
  more: { tag?: string; files?: Readonly<Record<string, string>> } = {},
): Promise<Job> {
  const job = await newJob(suite, { app, ...more });
  jobs.push(job);
  return job;
}

/** Steps as a careless workflow has them: what failed does not stop what follows. */
async function chain(job: Job, image: string): Promise<{ scan: BundleResult; last: BundleResult }> {
  await succeeded(job.run('build-image'));
  await succeeded(job.run('generate-sbom'));
  const scan = await job.run('scan-image');
  await job.run('sign-image');
  return { scan, last: await job.run('push-image', { image }) };
}

async function root(job: Job, image: string): Promise<{ scan: BundleResult; last: BundleResult }> {
  const last = await job.run('ship', { image });
  return { scan: last, last };
}

/** The commit has the manifest that names the package, or only the Dockerfile that copies the program. */
const MODULE = { file: 'go.mod', line: 3, text: 'module example.org/app\n\nrequire golang.org/x/text v0.3.7\n' };
const NO_MODULE = { file: 'Dockerfile', line: COPY_OF_THE_PROGRAM, text: undefined };

describe.each([
  { way: 'the root action', run: root, registry: REGISTRIES[0], place: MODULE },
  { way: 'the chain of five actions', run: chain, registry: REGISTRIES[1], place: NO_MODULE },
])('a vulnerable commit after a sound one, by $way', ({ run, registry, place }) => {
  const host = suite.registries[registry];
  const name = `refusal/${run.name}`;
  const repository = repositoryView(host, name);
  const files: Readonly<Record<string, string>> = place.text === undefined ? {} : { [place.file]: place.text };
  let before: Readonly<Record<string, string | undefined>>;
  let scan: BundleResult;
  let last: BundleResult;
  let published: BundleResult;

  const tags = async () =>
    Object.fromEntries(
      await Promise.all((await repository.allTags()).map(async (tag) => [tag, await repository.digest(tag)] as const)),
    );

  beforeAll(async () => {
    published = await succeeded((async () => (await run(await jobOn('sound'), `${host}/${name}`)).last)());
    before = await tags();
    ({ scan, last } = await run(await jobOn('vulnerable', { files }), `${host}/${name}`));
  });

  test('is refused, and leaves every tag where it was', async () => {
    expect(last.exitCode).toBe(1);
    expect(Object.keys(before)).toContain('main');
    expect(await tags()).toEqual(before);
  });

  test('says so in its outputs: the verdict and the count of each severity', () => {
    expect(scan.exitCode).toBe(1);
    expect(scan.outputs).toMatchObject({
      verdict: 'fail',
      critical: '0',
      high: '1',
      medium: '0',
      low: '0',
      unknown: '0',
    });
    expect(scan.outputs.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(Object.keys(JSON.parse(scan.outputs['report-paths'] ?? ''))).toEqual(['linux/amd64']);
  });

  test('has one error annotation, which names the rule and the finding', () => {
    expect(ownErrors(scan).map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /severity-threshold: linux\/amd64: 1 finding at or above high with a fix, worst GO-2022-1059 .*0\.3\.8/,
      ),
    ]);
  });

  test('has a summary that says what to do: what to upgrade, and to what', () => {
    const shown = asShown(scan.summary);
    expect(shown).toMatch(/^## ❌ Not published: gate failed for /);
    expect(shown).toMatch(
      /^\| Upgrade golang\.org\/x\/text to (?:v?0\.3\.8) \| <code>(?:Dockerfile|go\.mod):\d+<\/code> \| \*\*high\*\* GO-2022-1059 \|$/m,
    );
    expect(shown).not.toContain('cosign verify');
  });

  test('has under 300 words before the folds, as the published one has', () => {
    const counts = { published: wordsOutsideFolds(published.summary), refused: wordsOutsideFolds(scan.summary) };
    process.stdout.write(`words before the folds: ${JSON.stringify(counts)}\n`);
    for (const count of Object.values(counts)) {
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(300);
    }
    expect(published.summary).toMatch(/^## ✅ Published /);
    expect(published.summary).toContain('docker pull ');
  });

  test('is SARIF too, and both it and an annotation stand on the line to change', async () => {
    const { runs } = JSON.parse(await readFile(scan.outputs['sarif-path'] ?? '', 'utf8'));
    const [scanned, ...others] = runs.filter((one: { automationDetails: { id: string } }) =>
      /^tidegate\/scan\/.*\/linux\/amd64\/$/.test(one.automationDetails.id),
    );
    expect(others).toEqual([]);
    const [result] = scanned.results.filter((one: { ruleId: string }) => one.ruleId === 'GO-2022-1059');
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe(place.file);
    expect(region.startLine).toBe(place.line);
    const upgrade = 'fixed by upgrading golang.org/x/text to 0.3.8 in ';
    expect(result.message.text).toContain(
      place === MODULE ? `${upgrade}go.mod:3, used by line 3 (COPY` : `${upgrade}line 3 (COPY`,
    );
    expect(scan.annotations.filter(({ file }) => file !== undefined)).toEqual([
      {
        ...{ level: 'error', title: 'Fails the gate', file: place.file, line: place.line },
        message: expect.stringMatching(/^Upgrade golang\.org\/x\/text to 0\.3\.8: GO-2022-1059 \(high\), \S/),
      },
    ]);
  });

  test("has the advisory's title, score and link from Grype's report", async () => {
    const [reported] = JSON.parse(await readFile(scan.outputs['json-path'] ?? '', 'utf8')).platforms[0].findings;
    expect(reported).toMatchObject({
      id: 'GO-2022-1059',
      title: expect.stringMatching(/\S/),
      cvss: { score: expect.any(Number), vector: expect.stringMatching(/^CVSS:/) },
      url: expect.stringMatching(/^https:/),
    });
  });
});

/** Markdown as a reader sees it, as far as escapes go. */
function asShown(markdown: string): string {
  return markdown
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

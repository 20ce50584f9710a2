import { afterAll, describe, expect, test } from '@jest/globals';
import { syftReferrer } from '@tidegate/attest';
import { MediaType, PredicateType } from '@tidegate/core';
import type { BundleResult } from '@tidegate/testkit';
import { ownErrors } from '../support/clear-error.ts';
import { fakeTool, MISBEHAVIOURS, type Misbehaviour, replaceTools } from '../support/fake-tools.ts';
import { type ActionName, type Job, leave, newJob, succeeded } from '../support/job.ts';
import { makeKey } from '../support/key.ts';
import { repositoryView } from '../support/registry-view.ts';
import { type Staged, stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';
import {
  attach,
  content,
  editStatement,
  flipBit,
  layerPath,
  openRoot,
  overwriteManifest,
  remove,
  swapImage,
} from '../support/surgery.ts';

const suite = await theSuite();
const stages = stagesOf(suite);
const host = suite.registries.olareg;
const ANOTHER_IMAGE = { build: { labels: 'org.example.other=yes' } };

const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

/** The steps that are left, each run whatever became of the one before it: a workflow that says `if: always()`. */
async function carryOn(
  job: Job,
  image: string,
  inputs: Partial<Record<ActionName, Readonly<Record<string, string>>>>,
  steps: readonly ActionName[],
): Promise<readonly BundleResult[]> {
  jobs.push(job);
  const results: BundleResult[] = [];
  for (const step of [...steps, 'push-image'] as const) {
    const own = step === 'push-image' ? { image, 'verification-key': suite.key.public } : {};
    results.push(await job.run(step, { ...own, ...inputs[step] }));
  }
  return results;
}

/** Tools whose Syft writes another document of the same image, by a line end. */
const otherSyft = () =>
  replaceTools(suite, {
    syft: '"$real" "$@" || exit 1\nfor one in "$@"; do case $one in syft-json=*) echo >> "$(echo $one | cut -d= -f2)" ;; esac; done',
  });

/** The whole promise: no tag, and not even a manifest that a tag could point to. */
async function expectNothingPublished(name: string, digest: string): Promise<void> {
  const repository = repositoryView(host, name);
  expect(await repository.allTags()).toEqual([]);
  if (digest) expect(await repository.digest(digest)).toBeUndefined();
}

const errorsOf = (result: BundleResult | undefined) => (result ? ownErrors(result).map(({ message }) => message) : []);

interface Cut {
  readonly what: string;
  /** Bring a job to where the chain is cut, and cut it. */
  cut(): Promise<Staged>;
  /** Steps that follow, before the push. */
  readonly steps: readonly ActionName[];
  readonly inputs?: Partial<Record<ActionName, Readonly<Record<string, string>>>>;
  /** Output of the push. */
  readonly says: RegExp;
}

const after = (stage: Parameters<typeof stages>[0], work: (staged: Staged) => Promise<void>) => async () => {
  const staged = await stages(stage);
  await work(staged);
  return staged;
};
const nothing = async () => {};

const CUTS: readonly Cut[] = [
  {
    what: 'the SBOM is missing',
    cut: after('built', nothing),
    steps: ['scan-image', 'sign-image'],
    says: /sbom-present/,
  },
  {
    what: 'the SBOM is taken out after the scan',
    cut: after('scanned', ({ layout }) => remove(layout, { artifactType: MediaType.syft })),
    steps: ['sign-image'],
    says: /sbom-present: linux\/amd64: there is no syft SBOM/,
  },
  {
    what: 'the SBOM is of another image',
    cut: after('cataloged', async ({ layout }) => {
      const other = await stages('cataloged', ANOTHER_IMAGE);
      const theirs = await openRoot(other.layout);
      const document = await content(theirs.layout, theirs.root.digest, MediaType.syft);
      await remove(layout, { artifactType: MediaType.syft });
      const mine = await openRoot(layout);
      await attach(mine.layout, syftReferrer(mine.root, document));
    }),
    steps: ['scan-image', 'sign-image'],
    says: /evidence-readable/,
  },
  {
    what: 'the SBOM is another one than was scanned',
    cut: after('scanned', async ({ job }) => {
      await succeeded(job.run('generate-sbom', { tools: await otherSyft() }));
    }),
    steps: ['sign-image'],
    says: /scan-of-this-sbom/,
  },
  {
    what: 'the scan is missing',
    cut: after('cataloged', nothing),
    steps: ['sign-image'],
    says: /scan-present/,
  },
  {
    what: 'the database is stale',
    cut: after('cataloged', nothing),
    steps: ['scan-image', 'sign-image'],
    inputs: { 'scan-image': { 'db-mirror': suite.databases.stale, 'db-cache': `${suite.folder}/db-stale` } },
    says: /database-recent: linux\/amd64: the vulnerability database was \d+ d(?: \d+ h)? old at the scan; the policy allows 5 d/,
  },
  {
    what: 'the gate failed on a finding',
    cut: () => stages('cataloged', { app: 'vulnerable' }),
    steps: ['scan-image', 'sign-image'],
    says: /severity-threshold: linux\/amd64: 1 finding at or above high with a fix, worst GO-2022-1059/,
  },
  {
    what: 'the distribution is unknown',
    cut: () => stages('cataloged', { build: { target: 'nameless-distribution' } }),
    steps: ['scan-image', 'sign-image'],
    says: /sbom-distribution-known/,
  },
  {
    what: 'the provenance is missing',
    cut: after('signed', ({ layout }) => remove(layout, { predicateType: PredicateType.provenance })),
    steps: [],
    says: /provenance-present/,
  },
  {
    what: 'the verdict is missing',
    cut: after('signed', ({ layout }) => remove(layout, { predicateType: PredicateType.verdict })),
    steps: [],
    says: /verdict-present/,
  },
  {
    what: 'the signature is missing',
    cut: after('scanned', nothing),
    steps: [],
    says: /signature-present/,
  },
  {
    what: 'one piece of evidence is not signed',
    cut: after('signed', ({ layout }) =>
      remove(layout, { artifactType: MediaType.bundle, predicateType: PredicateType.scan }),
    ),
    steps: [],
    says: /signature-present/,
  },
  {
    what: 'the signature is by another key',
    cut: after('scanned', async ({ job }) => {
      const other = await makeKey(job.temp, 'other');
      await succeeded(job.run('sign-image', { key: other.private }));
    }),
    steps: [],
    says: /evidence-readable/,
  },
  {
    what: 'the scan report is edited after it was signed',
    cut: after('signed', ({ layout }) =>
      editStatement(layout, PredicateType.scan, (statement) => {
        statement.predicate.metadata.scanFinishedOn = new Date().toISOString();
      }),
    ),
    steps: [],
    says: /signature-present/,
  },
  {
    what: 'the finding is taken out of the report before it is signed',
    cut: async () => {
      const staged = await stages('cataloged', { app: 'vulnerable' });
      await staged.job.run('scan-image');
      await editStatement(staged.layout, PredicateType.scan, (statement) => {
        statement.predicate.scanner.result.matches = [];
      });
      return staged;
    },
    steps: ['sign-image'],
    says: /scanner-agrees/,
  },
  {
    what: 'a blob is tampered with',
    cut: after('signed', async ({ layout }) => flipBit(await layerPath(layout))),
    steps: [],
    says: /sha256:/,
  },
  {
    what: 'a manifest is overwritten by another',
    cut: after('signed', async ({ layout }) =>
      overwriteManifest(layout, (await stages('signed', ANOTHER_IMAGE)).layout),
    ),
    steps: [],
    says: /sha256:/,
  },
  {
    what: 'the manifest is swapped for another image',
    cut: after('signed', async ({ layout }) => swapImage(layout, (await stages('signed', ANOTHER_IMAGE)).layout)),
    steps: [],
    says: /scan-present/,
  },
  {
    what: 'the layout is of another image than the job that built it says',
    cut: after('signed', nothing),
    steps: [],
    inputs: { 'push-image': { 'expected-digest': `sha256:${'0'.repeat(64)}` } },
    says: /expected sha256:0{64}/,
  },
  {
    what: 'the scan is older than the policy allows',
    cut: after('signed', nothing),
    steps: [],
    inputs: { 'push-image': { 'max-scan-age': '0s' } },
    says: /scan-recent/,
  },
];

describe('no tag appears when, in a chain of steps that all run,', () => {
  test.each(CUTS.map((cut, at) => ({ ...cut, at })))('$what', async ({ cut, steps, inputs, says, at }) => {
    const name = `cuts/steps-${at}`;
    const { job, digest } = await cut();
    const results = await carryOn(job, `${host}/${name}`, inputs ?? {}, steps);
    const push = results.at(-1);
    await expectNothingPublished(name, digest);
    expect(push?.exitCode).toBe(1);
    expect(errorsOf(push)).toEqual([expect.stringMatching(says)]);
  });
});

/** Steps after the tool's own step. */
const STEP_OF = {
  buildx: ['build-image', 'built', ['generate-sbom', 'scan-image', 'sign-image']],
  syft: ['generate-sbom', 'built', ['scan-image', 'sign-image']],
  grype: ['scan-image', 'cataloged', ['sign-image']],
} as const;

describe.each(Object.keys(STEP_OF) as (keyof typeof STEP_OF)[])('no tag appears when %s', (tool) => {
  const [action, stage, steps] = STEP_OF[tool];

  test.each(Object.keys(MISBEHAVIOURS) as Misbehaviour[])('%s', async (misbehaviour) => {
    const tools = await fakeTool(suite, tool, misbehaviour);
    const name = `cuts/${tool}-${Object.keys(MISBEHAVIOURS).indexOf(misbehaviour)}`;
    const job = tool === 'buildx' ? await newJob(suite) : (await stages(stage)).job;
    jobs.push(job);
    const failed = await job.run(action, { tools });
    expect(failed.exitCode).toBe(1);
    expect(errorsOf(failed)).toHaveLength(1);

    const results = await carryOn(job, `${host}/${name}`, {}, steps);
    expect(results.at(-1)?.exitCode).toBe(1);
    await expectNothingPublished(name, '');
  });
});

const SHIP_CUTS: readonly {
  readonly what: string;
  inputs(): Promise<Record<string, string>>;
  readonly app?: 'vulnerable';
  readonly says: RegExp;
}[] = [
  ...(['buildx', 'syft', 'grype'] as const).flatMap((tool) =>
    (['is killed', 'ends well and writes rubbish'] as const).map((misbehaviour) => ({
      what: `${tool} ${misbehaviour}`,
      inputs: async () => ({ tools: await fakeTool(suite, tool, misbehaviour) }),
      says: misbehaviour === 'is killed' ? /was killed by SIGKILL/ : /./,
    })),
  ),
  {
    what: 'the database is stale',
    inputs: async () => ({ 'db-mirror': suite.databases.stale, 'db-cache': `${suite.folder}/db-stale` }),
    says: /database-recent/,
  },
  { what: 'a finding shuts the gate', app: 'vulnerable', inputs: async () => ({}), says: /severity-threshold/ },
  {
    what: 'the distribution is unknown',
    inputs: async () => ({ target: 'nameless-distribution' }),
    says: /sbom-distribution-known/,
  },
];

describe('no tag appears when, in the root action,', () => {
  test.each(SHIP_CUTS.map((cut, at) => ({ ...cut, at })))('$what', async ({ inputs, app, says, at }) => {
    const name = `cuts/ship-${at}`;
    const job = await newJob(suite, app ? { app } : {});
    jobs.push(job);
    const shipped = await job.run('ship', { image: `${host}/${name}`, ...(await inputs()) });
    await expectNothingPublished(name, shipped.outputs.digest ?? '');
    expect(shipped.exitCode).toBe(1);
    expect(errorsOf(shipped)).toEqual([expect.stringMatching(says)]);
    expect(shipped.outputs).toMatchObject({ published: 'false' });
  });
});

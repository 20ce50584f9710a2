import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badInput,
  countSeverities,
  folded,
  inlineCode,
  messageOf,
  notJudged,
  type Severity,
  severalFailed,
  severalMarkdown,
  TidegateError,
} from '@tidegate/core';
import type { Services } from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import {
  assertLoginsUnambiguous,
  type ImageLine,
  type RegistryPool,
  registryPool,
} from '../support/registry/image-list.ts';
import { assertIdentitiesUsed, registryIdentities } from '../support/registry/registry-identities.ts';
import { withServices } from '../support/services.ts';
import type { action } from './action.ts';
import { type Preparation, type Scanned, scanOne } from './published.ts';
import { type Tracker, tracker } from './tracking.ts';

type ScanInputs = Inputs<typeof action>;
type Counts = Readonly<Record<Severity, number>>;

/** The result for one image, as in the output `results`. */
interface Result {
  readonly image: string;
  /** By digest; absent if it could not be scanned. */
  readonly reference?: string | undefined;
  readonly digest?: string | undefined;
  readonly verdict: 'pass' | 'fail';
  readonly counts: Counts;
  readonly attached: number;
  /** Folder with its reports. */
  readonly reports?: string | undefined;
  /** Why it failed, or could not be scanned. */
  readonly error?: string | undefined;
}

/**
 * Scan several published images, one after the other: Grype loads its whole database for each. An image that cannot be
 * scanned fails, and the others are scanned all the same.
 * @throws TidegateError in the end, if one failed: `live-image-failed`, or why no failed one could be scanned
 */
export async function scanSeveral(
  lines: readonly ImageLine[],
  preparation: Preparation,
  inputs: ScanInputs,
  job: Job,
): Promise<Outputs<typeof action>> {
  assertForSeveral(inputs, lines);
  const found = lines.flatMap(({ reference }) => (reference instanceof TidegateError ? [] : [reference]));
  const tracked = tracker(found, inputs, job);
  const pool = registryPool(inputs, job, preparation.attach ? 'push' : 'pull');
  const results: Result[] = [];
  const causes = new Map<string, unknown>();
  const details: string[] = [];
  await withServices(job, inputs, async (services) => {
    for (const [at, line] of lines.entries()) {
      const reportDir = join(preparation.reportDir, String(at + 1));
      const summarise = async (markdown: string) => {
        details.push(folded(inlineCode(line.text), markdown));
      };
      const own = { ...preparation, reportDir, job: { ...job, summarise }, tracked };
      results.push(await resultOf(line, pool, own, services, causes));
    }
  }).finally(() => pool.close());
  const rows = results.map(({ image, reference, verdict, counts, error }) => ({
    ...{ image, reference, passed: verdict === 'pass' && error === undefined },
    details: error ?? countsLine(counts),
  }));
  for (const { image, passed, details: why } of rows) job.log.info(`${passed ? 'pass' : 'FAIL'}  ${image}  ${why}`);
  const passed = rows.every((row) => row.passed);
  const table = severalMarkdown(job.redacted(rows), { passed: 'passed', failed: FAILED });
  await job.summarise(`${table}\n${details.join('\n\n')}`, !passed);
  const total = (severity: Severity) => String(results.reduce((sum, { counts }) => sum + counts[severity], 0));
  const outputs = {
    ...{ layout: '', digest: '', platforms: '', reference: '', 'layout-digest': '' },
    attached: String(results.reduce((sum, one) => sum + one.attached, 0)),
    verdict: results.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
    ...{ critical: total('critical'), high: total('high'), medium: total('medium') },
    ...{ low: total('low'), negligible: total('negligible'), unknown: total('unknown') },
    ...{ 'sarif-path': '', 'json-path': '', 'html-path': '', 'report-paths': '' },
    results: JSON.stringify(results),
  };
  if (passed) return outputs;
  const error = new TidegateError('live-image-failed', severalFailed(rows, FAILED), {
    next: 'Read the reasons in the summary. Fix the listed findings, and build and publish these images again.',
  });
  const failed = rows.flatMap((row) => (row.passed ? [] : [causes.get(row.image)]));
  return failWithOutputs(notJudged(failed, rows.length) ?? error, outputs);
}

const FAILED = 'did not pass';
const NONE: Counts = countSeverities([]);

/** @param causes receives the error of an image that could not be scanned */
async function resultOf(
  { text: image, reference }: ImageLine,
  pool: RegistryPool,
  preparation: Preparation & { readonly tracked: Tracker | undefined },
  services: Services,
  causes: Map<string, unknown>,
): Promise<Result> {
  const none = { image, verdict: 'fail', counts: NONE, attached: 0 } as const;
  if (reference instanceof TidegateError) return { ...none, error: messageOf(reference) };
  // Each image has a layout of its own, which is removed before the next one is fetched.
  const temp = await mkdtemp(join(services.temp, 'image-'));
  try {
    await mkdir(preparation.reportDir, { recursive: true });
    const place = { text: image, reference, registry: pool.of(reference) };
    // All images are scanned with one database: it must not be in the folder of the first.
    const database = () => preparation.database(services);
    const done = await scanOne(place, { ...preparation, database }, { ...services, temp });
    await preparation.tracked?.scanned(reference, done.facts);
    if (done.scanned.verdict.passed) causes.set(image, done.error);
    return { ...none, ...outcomeOf(done), reports: preparation.reportDir };
  } catch (error) {
    if (services.signal.aborted || !(error instanceof TidegateError)) throw error;
    preparation.tracked?.notScanned(reference);
    causes.set(image, error);
    return { ...none, error: messageOf(error) };
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

function outcomeOf({ scanned, name, digest, attached, error }: Scanned): Omit<Result, 'image'> {
  const findings = scanned.scans.flatMap(({ evidence }) => evidence.findings);
  return {
    ...{ reference: name, digest, attached, verdict: scanned.verdict.passed ? 'pass' : 'fail' },
    counts: countSeverities(findings.map(({ severity }) => severity)),
    error: error === undefined ? undefined : messageOf(error),
  };
}

function countsLine(counts: Counts): string {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return found.length === 0
    ? 'No findings.'
    : `${found.map(([severity, count]) => `${count} ${severity}`).join(', ')}.`;
}

/** Inputs that have a meaning for one image, or for images of several repositories only. */
function assertForSeveral(inputs: ScanInputs, lines: readonly ImageLine[]): void {
  assertLoginsUnambiguous(inputs, lines);
  const found = lines.flatMap(({ reference }) => (reference instanceof TidegateError ? [] : [reference]));
  const hosts = [...new Set(found.map(({ registry }) => registry))];
  assertIdentitiesUsed(registryIdentities(inputs), hosts, inputs['registry-username'] === '' ? [] : hosts);
  const names = found.map(({ registry, repository }) => `${registry}/${repository}`);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  for (const name of ['upload-sarif', 'comment'] as const) {
    if (!inputs[name] || twice === undefined) continue;
    const next = `Set ${name} to false, or scan each image of a repository in a step of its own.`;
    throw badInput('input-conflict', name, 'true', `false, because image has several images of ${twice}`, next);
  }
}

import {
  badInput,
  counted,
  type Descriptor,
  type Digest,
  formatReference,
  hasKind,
  isCacheTag,
  isReferrersTag,
  mapLimited,
  type Reference,
  TidegateError,
  type Verdict,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { type JudgedPublished, judgePublished } from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { loadedPolicy } from '../../../../actions/support/policy/policy.ts';
import { imageOf } from '../../../../actions/support/registry/image.ts';
import { registryOf } from '../../../../actions/support/registry/registry.ts';
import { signersOf } from '../../../../actions/verify-image/expected-signer.ts';
import type { action } from './action.ts';

interface Judged {
  readonly image: string;
  readonly digest: string;
  /** Undefined if the evidence could not be read: then the image fails. */
  readonly judged?: JudgedPublished | undefined;
  readonly error?: string | undefined;
}

const AT_ONCE = 4;
const MOST_TAGS = 2000;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const now = timeOf(inputs.at, job.clock());
  const { trust } = await signersOf(inputs, job);
  const { policy, digest: policyDigest } = await loadedPolicy(inputs, job);
  job.log.info(`Judge by the policy ${policyDigest} at ${now.toISOString()}.`);
  const references = inputs.image.map((text) => imageOf(text, job));
  const all: Judged[] = [];
  for (const reference of references) {
    const registry = registryOf(reference, inputs, job, 'pull');
    const tags = inputs['all-tags'] ? await tagsOf(reference, registry, job) : [reference.tag];
    // Many tags point at one digest.
    const byDigest = new Map<Digest, Promise<Pick<Judged, 'judged' | 'error'>>>();
    const found = await mapLimited(tags, AT_ONCE, async (tag): Promise<Judged> => {
      const root = await registry.resolve(reference.digest ?? tag ?? 'latest', { signal: job.signal });
      const judging = byDigest.get(root.digest) ?? judgeOne(registry, root, { policy, trust, now }, inputs, job);
      byDigest.set(root.digest, judging);
      return { ...(await judging), image: formatReference({ ...reference, tag }), digest: root.digest };
    });
    for (const one of found) tell(one, job);
    all.push(...found);
  }
  return outputsOf(all, inputs['all-tags'] ? 'tag' : 'image');
}

/** Of one image, an error is one; among many tags, an image without readable evidence fails alone. */
async function judgeOne(
  registry: Registry,
  root: Descriptor,
  by: Parameters<typeof judgePublished>[2],
  { 'all-tags': isAll }: Inputs<typeof action>,
  job: Job,
): Promise<Pick<Judged, 'judged' | 'error'>> {
  try {
    return { judged: await judgePublished(registry, root, by, job) };
  } catch (error) {
    if (!isAll || !hasKind(error, 'integrity', 'evidence', 'layout', 'not-found', 'bad-input')) throw error;
    return { error: error.message };
  }
}

async function tagsOf(reference: Reference, registry: Registry, { signal }: Job): Promise<readonly string[]> {
  if (reference.tag !== undefined || reference.digest !== undefined) {
    const shown = formatReference(reference);
    const next = 'Remove the tag or digest, or all-tags.';
    throw badInput('input-conflict', 'image', shown, 'a repository without a tag, because all-tags is set', next);
  }
  const tags = await registry.tags(MOST_TAGS, { signal });
  if (tags.length > MOST_TAGS) {
    const next = 'Name the tags to judge.';
    throw badInput('input-conflict', 'image', registry.name, `a repository with at most ${MOST_TAGS} tags`, next);
  }
  const found = tags.filter((tag) => !isReferrersTag(tag) && !isCacheTag(tag)).toSorted(byVersion);
  if (found.length > 0) return found;
  const next = 'Check the name of the repository. Tags of caches and signatures are no images.';
  throw badInput('input-conflict', 'image', registry.name, 'a repository with tags of images', next);
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** A date means its beginning in UTC. */
function timeOf(at: string, now: Date): Date {
  if (at === '') return now;
  const time = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(at) ? new Date(at) : new Date(Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw badInput(
    'input-format-wrong',
    'at',
    at,
    'a date or a time in UTC',
    'Write 2027-01-31 or 2027-01-31T12:00:00Z.',
  );
}

function tell({ image, digest, judged, error }: Judged, { log }: Job): void {
  log.info(`${judged?.verdict.passed ? 'passes' : 'fails'}: ${image}@${digest}`);
  if (error !== undefined) log.info(`  not readable: ${error}`);
  if (!judged) return;
  const [first] = judged.refused;
  // The cause of every rule that finds no evidence.
  if (first) log.info(`  ${counted(judged.refused.length, 'signature')} of others ignored: ${first.why}`);
  for (const { rule, why } of failedRules(judged.verdict)) log.info(`  ${rule}: ${why}`);
  if (judged.notJudged.length > 0)
    log.info(`  not judged, because it is not published: ${judged.notJudged.join(', ')}`);
}

function failedRules({ rules }: Verdict): Verdict['rules'] {
  return rules.filter(({ outcome }) => outcome === 'fail');
}

function outputsOf(all: readonly Judged[], noun: 'tag' | 'image'): Outputs<typeof action> {
  const failing = all.filter(({ judged }) => !judged?.verdict.passed);
  const outputs = {
    verdict: failing.length === 0 ? 'pass' : 'fail',
    failed: String(failing.length),
    judged: JSON.stringify(
      all.map(({ image, digest, judged, error }) => ({
        ...{ image, digest, passed: judged?.verdict.passed ?? false, error },
        ...{ notJudged: judged?.notJudged ?? [], rules: judged?.verdict.rules ?? [] },
      })),
    ),
    table: all.map(({ image, judged }) => `${image} ${judged?.verdict.passed ? 'passes' : 'fails'}`).join('\n'),
  };
  if (failing.length === 0) return outputs;
  const message = `${failing.length} of ${counted(all.length, noun)} would fail: ${reasonsOf(failing)}.`;
  return failWithOutputs(new TidegateError('proposed-policy-refuses', message), outputs);
}

/** `9 by known-exploited, 5 by severity-threshold`: the most frequent rule first. */
function reasonsOf(failing: readonly Judged[]): string {
  const counts = new Map<string, number>();
  const count = (reason: string) => counts.set(reason, (counts.get(reason) ?? 0) + 1);
  for (const { judged } of failing) {
    if (!judged) count('evidence that is not readable');
    else for (const rule of new Set(failedRules(judged.verdict).map((one) => one.rule))) count(rule);
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([reason, number]) => `${number} by ${reason}`).join(', ');
}

import { type Cvss, clipped } from '@tidegate/core';
import * as v from 'valibot';

/** In characters. */
const LONGEST_TITLE = 120;
const LONGEST_VECTOR = 200;
/** A full stop before this many characters belongs to an abbreviation or a version. */
const SHORTEST_SENTENCE = 20;
const LONGEST_READ = 2000;

const optionalText = v.fallback(v.optional(v.string()), undefined);
const optionalList = v.fallback(v.optional(v.nullable(v.array(v.unknown()))), undefined);

/**
 * Grype's `models.VulnerabilityMetadata`: fields that are only shown. A value of another type is ignored, because no
 * decision depends on it: the same report may come from an older or newer Grype.
 */
export const shownFields = {
  description: optionalText,
  cvss: optionalList,
  urls: optionalList,
};

interface Shown {
  readonly id: string;
  readonly description?: string | undefined;
  readonly cvss?: readonly unknown[] | null | undefined;
}

/**
 * The advisory's title, or the first sentence of its description. GitHub's descriptions are titles, so they come first.
 * @param named the matched advisory, and those of other sources that describe the same vulnerability
 */
export function titleOf(named: readonly Shown[]): string | undefined {
  const described = named.filter(({ description }) => description?.trim());
  const best = described.find(({ id }) => id.startsWith('GHSA-')) ?? described[0];
  return best?.description === undefined ? undefined : firstSentence(best.description);
}

function firstSentence(description: string): string | undefined {
  const lines = description.slice(0, LONGEST_READ).split(/[\r\n]+/);
  // `### Impact` is not a title.
  const line = lines.map((each) => each.trim()).find((each) => each !== '' && !each.startsWith('#'));
  if (line === undefined) return undefined;
  const text = line.replace(/\s+/g, ' ');
  const end = text.indexOf('. ', SHORTEST_SENTENCE);
  return clipped((end < 0 ? text : text.slice(0, end)).replace(/\.$/, ''), LONGEST_TITLE);
}

const Score = v.looseObject({
  source: v.optional(v.string()),
  version: v.string(),
  vector: v.pipe(v.string(), v.minLength(1)),
  metrics: v.looseObject({ baseScore: v.pipe(v.number(), v.minValue(0), v.maxValue(10)) }),
});

/** The highest base score of all sources; a score of CVSS 2, which has other bands, only if there is no other. */
export function cvssOf(named: readonly Shown[]): Cvss | undefined {
  let best: Cvss | undefined;
  for (const each of named.flatMap(({ cvss }) => cvss ?? [])) {
    const read = v.safeParse(Score, each);
    if (!read.success) continue;
    const { metrics, source, vector, version } = read.output;
    const score: Cvss = {
      score: metrics.baseScore,
      vector: clipped(vector, LONGEST_VECTOR),
      version: clipped(version),
      source: source ? clipped(source) : undefined,
    };
    if (!best || rank(score) > rank(best)) best = score;
  }
  return best;
}

function rank({ score, version }: Cvss): number {
  return version.startsWith('2') ? score : 100 + score;
}

/** The data source if it is a web address; otherwise the first web address among the links. */
export function linkOf(
  dataSource: string | undefined,
  urls: readonly unknown[] | null | undefined,
): string | undefined {
  const isWeb = (text: unknown): text is string => typeof text === 'string' && /^https?:\/\//i.test(text);
  return [dataSource, ...(urls ?? [])].find(isWeb) ?? (dataSource || undefined);
}

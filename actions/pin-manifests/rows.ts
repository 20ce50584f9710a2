import { clipped, counted, notJudged, severalMarkdown, TidegateError } from '@tidegate/core';
import type { Job } from '@tidegate/runner';

/** The result for an image at its place, as in the output `pinned`. */
export interface Row {
  readonly file: string;
  /** 0 for a folder. */
  readonly line: number;
  /** `spec.template.spec.containers[0].image`, `FROM` */
  readonly path: string;
  readonly image: string;
  readonly digest?: string | undefined;
  readonly state: string;
  readonly passed: boolean;
  readonly why: string;
  /** The error, if the image could not be judged because a registry did not answer. */
  readonly cause?: TidegateError | undefined;
}

/** In an error. Log, summary and the output `pinned` have all. */
const MOST_NAMED = 3;

/** States of rows that were not judged, as the log shows them. */
const KEPT: ReadonlyMap<string, string> = new Map([
  ['left', 'left'],
  ['not-checked', 'not checked'],
]);

/** Log each image, and write the summary. */
export async function reportRows(
  rows: readonly Row[],
  words: { readonly passed: string; readonly failed: string },
  job: Job,
): Promise<void> {
  for (const { passed, state, file, line, image, why } of rows) {
    // An image that stays as it is was not verified.
    const row = [passed ? (KEPT.get(state) ?? 'pass') : 'FAIL', placeOf({ file, line }), image, why]
      .filter((part) => part !== '')
      .join('  ');
    // A key of the file may have several lines: none of them may look like a row of its own.
    job.log.info(row.split('\n').join(' '));
  }
  const results = rows.map(({ file, line, image, passed, state, why }) => ({
    ...{ image: `${placeOf({ file, line })} ${image}`.trim(), passed, isLeft: KEPT.has(state), details: why },
  }));
  await job.summarise(severalMarkdown(job.redacted(results), words));
}

function placeOf({ file, line }: Pick<Row, 'file' | 'line'>): string {
  return line === 0 ? file : `${file}:${line}`;
}

type Refusal = 'manifests-not-pinned' | 'bases-not-current';

const PIN = 'Run pin-manifests without `check`, and commit the files that it changes.';
const UPDATE = 'Run pin-manifests with `bases: true` and without `check`, and commit the files that it changes.';
const FIND = 'Correct the name or tag of each image that cannot be read, or log in to its registry.';

/** The next step for a row, by its state. An image that cannot be read is refused without a digest. */
const ADVICE: Readonly<Record<Refusal, Readonly<Record<string, string>>>> = {
  'manifests-not-pinned': {
    ...{ unpinned: PIN, moved: PIN, unread: FIND },
    left: 'Write by hand the digest of each image that cannot be pinned in its place.',
    refused: 'Publish an image that passes verification, or correct the expected signer.',
  },
  'bases-not-current': { moved: UPDATE, unread: FIND },
};

/** The advice for every state among these rows, each once. */
function adviceFor(failed: readonly Row[], id: Refusal): string | undefined {
  const stateOf = ({ state, digest }: Row) => (state === 'refused' && !digest ? 'unread' : state);
  const steps = failed.flatMap((row) => ADVICE[id][stateOf(row)] ?? []);
  return steps.length > 0 ? [...new Set(steps)].join(' ') : undefined;
}

/** The error for rows that failed: a verdict, if one was judged. Undefined if none failed. */
export function refusalOf(rows: readonly Row[], id: Refusal, words: string): TidegateError | undefined {
  const failed = rows.filter(({ passed }) => !passed);
  const [first] = failed;
  if (!first) return undefined;
  const unjudged = notJudged(
    failed.map(({ cause }) => cause),
    rows.length,
  );
  if (unjudged) return unjudged;
  const shown = failed
    .slice(0, MOST_NAMED)
    .map(({ file, line, image, why }) => `${file}:${line} ${image === '' ? '' : `${image}: `}${clipped(why, 300)}`);
  const more = failed.length > shown.length ? ` And ${failed.length - shown.length} more.` : '';
  return new TidegateError(
    id,
    `${failed.length} of ${counted(rows.length, 'image')} ${words}. ${shown.join(' ')}${more} No file was changed.`,
    { next: adviceFor(failed, id), place: { file: first.file, line: first.line } },
  );
}

export function pinnedOutput(rows: readonly Row[]): string {
  return JSON.stringify(rows.map(({ passed, cause, ...row }) => row));
}

import { defined, messageOf, TidegateError, type TrackingIssue } from '@tidegate/core';
import type { Job } from '../job.ts';
import { told } from '../log/told.ts';
import { type Api, statusOf, withGitHub } from './api.ts';
import { patiently } from './rate-limit.ts';

/** Of everything for one image, waiting included. */
const TIMEOUT = 180_000;
const PER_PAGE = 100;
/** Issues of one author that are looked through. */
const MOST_PAGES = 50;

/** An issue of this token's own user with our marker. */
interface Own {
  readonly number: number;
  readonly isOpen: boolean;
  readonly isLocked: boolean;
  readonly fingerprint: string;
}

/** Keeps one issue for each image up to date. */
export interface TrackingIssues {
  /**
   * Open, update or close the issue of an image. It is written only if the work that it describes has changed; an issue
   * that a person has closed stays closed until then. A failure is a warning: the gate alone decides about the image.
   * @returns whether the issue is up to date
   */
  readonly update: (issue: TrackingIssue) => Promise<boolean>;
}

/** The existing issues are read once, when the first image needs them. */
export function trackingIssues(job: Job, token: string): TrackingIssues {
  let known: Promise<Map<string, Own>> | undefined;
  const failure = 'The tracking issue was not updated';
  return {
    update: (issue) =>
      told(job, failure, 'issues: write', token, () =>
        withGitHub(
          job,
          token,
          job.env.GITHUB_REPOSITORY ?? '',
          async (api) => {
            known ??= ownIssues(api, job);
            // Not remembered: the next image tries again.
            const found = await known.catch((error: unknown) => {
              known = undefined;
              throw error;
            });
            const clean = job.redacted(issue);
            const marker = markerOf(clean.image);
            const now = await written(clean, found.get(marker), api, job);
            if (now) found.set(marker, now);
          },
          TIMEOUT,
        ),
      ),
  };
}

async function written(issue: TrackingIssue, own: Own | undefined, api: Api, job: Job): Promise<Own | undefined> {
  const { fingerprint, isOpen, title } = issue;
  const line = `${markerOf(issue.image)}${fingerprint} -->`;
  const body = `${line}\n${issue.body}\n${line}`;
  const { repo } = api;
  if (!own) {
    if (!isOpen) return undefined;
    const { data } = await patiently(job, () => api.rest.issues.create({ ...repo, title, body })).catch(disabled);
    job.log.info(`Issue ${data.number} was opened for ${issue.image}: ${data.html_url}`);
    return { number: data.number, isOpen, isLocked: false, fingerprint };
  }
  if (own.fingerprint === fingerprint || !(own.isOpen || isOpen)) return own;
  const number = { ...repo, issue_number: own.number };
  const state: 'open' | 'closed' = isOpen ? 'open' : 'closed';
  const isSame = isOpen === own.isOpen;
  const reason = defined({
    state_reason: isSame ? undefined : isOpen ? ('reopened' as const) : ('completed' as const),
  });
  const changed = { ...number, title, body, state, ...reason };
  await patiently(job, () => api.rest.issues.update(changed)).catch((error: unknown) => {
    throw own.isLocked ? lockedError(own.number, error) : error;
  });
  job.log.info(
    `Issue ${own.number} of ${issue.image} was ${isOpen ? (own.isOpen ? 'updated' : 'opened again') : 'closed'}.`,
  );
  // The description says it already, so a comment that GitHub rejects is no failure.
  if (!isOpen && !own.isLocked) {
    await patiently(job, () => api.rest.issues.createComment({ ...number, body: issue.closing })).catch(
      (error: unknown) => job.log.info(`Issue ${own.number} got no comment: ${messageOf(error)}`),
    );
  }
  return { ...own, isOpen, fingerprint };
}

/** REST, "Create an issue": 410 if issues are disabled in the repository. */
function disabled(error: unknown): never {
  if (statusOf(error) !== 410) throw error;
  throw new TidegateError('github-denied', 'Issues are disabled in this repository.', {
    next: 'Enable issues in the settings of the repository, or set tracking-issues to none.',
  });
}

/** GitHub rejects changes of a locked issue by a workflow's token. */
function lockedError(number: number, cause: unknown): unknown {
  if (statusOf(cause) !== 403) return cause;
  const next = 'Unlock the issue, so that it can be updated.';
  return new TidegateError('github-denied', `Issue ${number} is locked.`, { next, cause });
}

function markerOf(image: string): string {
  return `<!-- tidegate-image: ${encodeURIComponent(image)} `;
}

const MARKER = /^<!-- tidegate-image: [^\s<>]{1,1000} ([0-9a-f]{1,64}) -->\n/;

/**
 * The marker is the first and the last line: another workflow, whose issues have the same author, may post the text of a
 * stranger between its own words.
 */
function isWhole(text: string, start: string): boolean {
  return text.trimEnd().endsWith(`\n${start.trimEnd()}`);
}

/**
 * The issues with a marker that this token's own user has opened. Anyone may open an issue with a marker, and other bots
 * repeat texts of strangers, so the author is compared by its id. Of several for one image the oldest counts.
 */
async function ownIssues(api: Api, job: Job): Promise<Map<string, Own>> {
  const { id, login } = await viewer(api, job);
  const found = new Map<string, Own>();
  const { rest, repo } = api;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { data } = await patiently(job, () =>
      rest.issues.listForRepo({
        ...repo,
        ...{ state: 'all', creator: login, sort: 'created', direction: 'asc', per_page: PER_PAGE, page },
      }),
    );
    for (const { body, locked, number, pull_request: pull, state, user } of data) {
      // A browser writes the line ends of Windows.
      const text = (body ?? '').replaceAll('\r\n', '\n');
      const [start, fingerprint] = MARKER.exec(text) ?? [];
      if (pull !== undefined || user?.id !== id || start === undefined || fingerprint === undefined) continue;
      if (!isWhole(text, start)) {
        job.log.notice(`Issue ${number} has our marker, but not our text. It is not used.`);
        continue;
      }
      const marker = start.slice(0, -`${fingerprint} -->\n`.length);
      if (found.has(marker)) continue;
      found.set(marker, { number, isOpen: state === 'open', isLocked: locked, fingerprint });
    }
    if (data.length < PER_PAGE) return found;
  }
  throw new Error(`${login} has more than ${MOST_PAGES * PER_PAGE} issues, which are too many to search.`);
}

/** The user of the token. GraphQL, because the token of a job or an app may not read REST's `/user` (403). */
async function viewer({ graphql }: Api, job: Job): Promise<{ readonly id: number; readonly login: string }> {
  const answer = await patiently(job, () =>
    graphql<{ readonly viewer?: { readonly login?: unknown; readonly databaseId?: unknown } }>(
      'query { viewer { login databaseId } }',
    ),
  );
  const { databaseId: id, login } = answer.viewer ?? {};
  if (typeof id !== 'number' || typeof login !== 'string' || login === '')
    throw new Error('GitHub did not return the user of the token.');
  return { id, login };
}

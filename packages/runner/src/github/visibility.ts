import type { Job } from '../job.ts';
import { callGitHub } from './api.ts';
import { eventAt, valueAt } from './event.ts';

export const VISIBILITIES = ['public', 'private', 'internal'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/**
 * The visibility of the repository of this run: from the event's payload, else from the API. A schedule's payload has
 * no repository. @returns undefined if neither contains it
 */
export async function repositoryVisibility(job: Job, token: string): Promise<Visibility | undefined> {
  const repository = valueAt(job.event, 'repository');
  const said = visibilityIn(eventAt(job.event, 'repository', 'visibility'), valueAt(repository, 'private'));
  const name = job.env.GITHUB_REPOSITORY ?? '';
  if (said !== undefined || name === '') return said;
  const asked = await callGitHub(job, token, name, 'the visibility', async ({ rest, repo }) => {
    const { data } = await rest.repos.get(repo);
    return { visibility: data.visibility, private: data.private };
  });
  return asked.known ? visibilityIn(asked.value.visibility, asked.value.private) : undefined;
}

function visibilityIn(visibility: unknown, isPrivate: unknown): Visibility | undefined {
  const found = VISIBILITIES.find((one) => one === visibility);
  if (found !== undefined) return found;
  return typeof isPrivate === 'boolean' ? (isPrivate ? 'private' : 'public') : undefined;
}

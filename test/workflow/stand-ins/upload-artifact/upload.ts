/** actions/upload-artifact v7.0.1, `src/shared/search.ts` and `src/upload/`, for the inputs that a workflow of ours gives. */
import { stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { createGlob, DefaultArtifactClient } from '../../../../packages/testkit/src/github/artifacts-client.ts';
import { fail, flag, input, messageOf, setOutput, warn } from '../step.ts';

interface Found {
  readonly files: string[];
  /** Folder that the artifact's paths begin at. */
  readonly root: string;
}

export async function upload(): Promise<void> {
  if (flag('overwrite') || !flag('archive')) fail('overwrite, archive: the stand-in knows only the defaults');
  const path = input('path') || fail('Input required and not supplied: path');
  const found = await search(path);
  if (found.files.length > 0) return uploadAs(input('name'), found);
  const nothing = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`;
  if (input('if-no-files-found') === 'error') fail(nothing);
  if (input('if-no-files-found') === 'warn') warn(nothing);
}

async function uploadAs(name: string, { files, root }: Found): Promise<void> {
  const days = Number.parseInt(input('retention-days') || '0', 10);
  try {
    const { id, digest } = await new DefaultArtifactClient().uploadArtifact(name, files, root, {
      compressionLevel: Number(input('compression-level')),
      ...(days > 0 ? { retentionDays: days } : {}),
    });
    if (id === undefined || digest === undefined) throw new Error('the service gave no id');
    setOutput('artifact-id', String(id));
    setOutput('artifact-digest', digest);
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
    setOutput('artifact-url', `${server}/${repository}/actions/runs/${run}/artifacts/${id}`);
  } catch (error) {
    fail(messageOf(error));
  }
}

async function search(path: string): Promise<Found> {
  const globber = await createGlob(path, {
    ...{ followSymbolicLinks: true, implicitDescendants: true, omitBrokenSymbolicLinks: true },
    excludeHiddenFiles: !flag('include-hidden-files'),
  });
  const files: string[] = [];
  for (const found of await globber.glob()) if (!(await stat(found)).isDirectory()) files.push(found);
  const [first = '', ...others] = globber.getSearchPaths();
  if (others.length > 0) return { files, root: leastCommonAncestor([first, ...others]) };
  // One file that is named itself: its folder is not kept.
  return { files, root: files.length === 1 && files[0] === first ? dirname(first) : first };
}

function leastCommonAncestor(searched: readonly string[]): string {
  const split = searched.map((path) => normalize(path).split(sep));
  const [shortest = []] = split.toSorted((one, other) => one.length - other.length);
  const differs = shortest.findIndex((part, at) => split.some((parts) => parts[at] !== part));
  return join(sep, ...shortest.slice(0, differs === -1 ? undefined : differs));
}

import { dirname } from 'node:path/posix';
import { columns, visible } from '@tidegate/core';
import { parseRemote } from '../checkout/remote.ts';
import type { Proposal } from './propose.ts';

/** The repository of the proposed workflow, for a command on this machine. */
export function imageOf(origin: string | undefined): string {
  const remote = origin === undefined ? undefined : parseRemote(origin);
  return remote?.serverUrl === 'https://github.com' ? `ghcr.io/${remote.repository.toLowerCase()}` : 'IMAGE';
}

/**
 * The commands after `init`, for the terminal: commit, try it here, push.
 * @param paths of the repository
 */
export function nextSteps({ files }: Proposal, paths: readonly string[], image: string): readonly string[] {
  const [dockerfile] = paths.filter((path) => /(^|\/)(Dockerfile|Containerfile)$/.test(path)).toSorted(byDepth);
  const added = files.map(({ path }) => quoted(path)).join(' ');
  const steps = [[`git add ${added} && git commit -m 'Publish the image with Tidegate'`, '']];
  if (dockerfile !== undefined) {
    steps.push(
      ['tidegate doctor', 'check this machine'],
      [`tidegate ship ${image}${placeOf(dockerfile)} --no-publish`, 'build, scan and judge here; publish nothing'],
    );
  }
  steps.push(['git push', 'the workflow publishes the default branch']);
  return [
    'Next:',
    ...columns(
      steps.map((row) => row.map((cell) => visible(cell))),
      60,
    )
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length;
}

function placeOf(dockerfile: string): string {
  const folder = dirname(dockerfile);
  const context = folder === '.' ? '' : ` --context ${quoted(folder)}`;
  return dockerfile.endsWith('Dockerfile') ? context : `${context} --file ${quoted(dockerfile)}`;
}

/** A word for a POSIX shell: the user may copy the command, and a commit may have any name of a folder. */
function quoted(text: string): string {
  return /^[\w./][\w./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

import { POLICY, type Proposal } from './propose.ts';
import type { RepositoryFiles } from './repository.ts';

/** Why nothing is proposed: the files of the repository that are kept. */
export function nothingToPropose({ texts }: RepositoryFiles, { notes }: Proposal): string {
  const paths = [...texts.keys()];
  const kept = [
    ...paths.filter((path) => path.startsWith('.github/workflows/')),
    ...paths.filter((path) => path === POLICY),
    ...paths.filter((path) => /(^|\/)\.dockerignore$/.test(path)),
  ];
  const why = notes.length > 0 ? ' The notes below say what was not converted or not found.' : '';
  return `There is nothing to propose. These files exist and stay as they are: ${kept.join(', ')}.${why}`;
}

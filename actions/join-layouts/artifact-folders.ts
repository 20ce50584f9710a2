import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

/**
 * The folder of each layout. download-artifact extracts a single artifact into the download folder itself, and each of
 * several into a folder of its name. That is worth keeping: merged into one folder, the artifact of one build can replace
 * files in the layout of another, such as its provenance. So `NAME/NAME` is found as `NAME`.
 */
export async function layoutFolders(home: string, names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    names.map(async (name) => {
      const folder = resolve(home, name);
      const inArtifact = join(folder, basename(name));
      return (await isLayout(folder)) || !(await isLayout(inArtifact)) ? folder : inArtifact;
    }),
  );
}

async function isLayout(folder: string): Promise<boolean> {
  try {
    return (await stat(join(folder, 'index.json'))).isFile();
  } catch {
    return false;
  }
}

/** Name of the artifact with the test results of a layout: with several artifacts, the folder of its files. */
export function testsArtifact(layout: string): string {
  return `${basename(layout)}-tests`;
}

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '@tidegate/testkit';

/** Copies of every action.yml, with `main` and `post` set to the source's entry instead of the bundle's. */
export async function actionsFromSource(folder: string): Promise<string> {
  const source = join(repositoryRoot, 'actions');
  for (const name of await readdir(source)) {
    const manifest = name === 'ship' ? 'action.yml' : `actions/${name}/action.yml`;
    const text = await readFile(join(repositoryRoot, manifest), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    await mkdir(join(folder, name), { recursive: true });
    const entry = join(source, name, 'main.ts');
    await writeFile(join(folder, name, 'action.yml'), text.replace(/^( +(?:main|post): ).*$/gm, `$1${entry}`));
  }
  return folder;
}

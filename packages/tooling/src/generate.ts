/**
 * Writes every action.yml and fills the tables of the pages from actions/<name>/action.ts and the reusable workflows. With --check it writes nothing,
 * lists the files that differ, and fails.
 */
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { policySchema } from '@tidegate/core';
import { manifestPath, ROOT_ACTION, renderManifest } from './action-yml.ts';
import { isThere, loadActions } from './actions.ts';
import { readCalledWorkflow } from './called-workflow.ts';
import { errorPages } from './errors/pages.ts';
import { readThrown } from './errors/thrown.ts';
import { evidenceMaker } from './evidence-maker.ts';
import { metadataPage } from './metadata-page.ts';
import { movingPage } from './moving-page.ts';
import { presetPages } from './presets.ts';
import { fillOwner, fillReadme, newReadme } from './readme.ts';
import { ROOT, repositoryName } from './repository.ts';

/** The text of every generated file, by its path relative to `root`. */
async function generatedFiles(root: string): Promise<Map<string, string>> {
  const repository = await repositoryName(root);
  const actions = await loadActions(join(root, 'actions'));
  const files = new Map<string, string>();
  for (const action of actions) {
    files.set(manifestPath(action.name), renderManifest(action));
    if (action.name === ROOT_ACTION) continue;
    const path = `actions/${action.name}/README.md`;
    const text = (await isThere(join(root, path)))
      ? await readFile(join(root, path), 'utf8')
      : newReadme(action, repository);
    files.set(path, fillReadme(text, actions, repository));
  }
  files.set('schema/tidegate-policy.schema.json', `${JSON.stringify(policySchema(), null, 2)}\n`);
  for (const [path, text] of presetPages()) files.set(path, text);
  files.set(...(await evidenceMaker(root)));
  files.set(...(await metadataPage()));
  files.set(...(await movingPage(ROOT)));
  for (const [path, text] of errorPages((await readThrown(ROOT)).messages)) files.set(path, text);
  const called = ['commit-to-registry.yml', 'publish.yml'].map((file) => join(root, '.github/workflows', file));
  const workflows = await Promise.all(called.map(readCalledWorkflow));
  for await (const path of glob(['README.md', 'docs/*.md', 'docs/{guides,reference}/**/*.md'], { cwd: root })) {
    const text = files.get(path) ?? (await readFile(join(root, path), 'utf8'));
    files.set(path, fillReadme(text, actions, repository, workflows));
  }
  for await (const path of glob(['examples/**/*.{yml,yaml,md}', 'examples/*/.github/**/*.yml'], { cwd: root })) {
    files.set(path, fillOwner(await readFile(join(root, path), 'utf8'), repository));
  }
  return files;
}

/** @returns the paths whose text on disk differs; with `write`, writes them. */
async function generate(root: string, write: boolean): Promise<string[]> {
  const changed: string[] = [];
  for (const [path, text] of await generatedFiles(root)) {
    const file = join(root, path);
    const now = (await isThere(file)) ? await readFile(file, 'utf8') : undefined;
    if (now === text) continue;
    changed.push(path);
    if (!write) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return changed;
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const changed = await generate(ROOT, !check);
  for (const path of changed) console.log(check ? `${path} differs from its source` : `wrote ${path}`);
  if (check && changed.length > 0) {
    console.log('Run npm run generate and commit what it writes.');
    process.exitCode = 1;
  }
}

import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ActionSpec } from '@tidegate/runner';
import { complaintsAbout } from './action-yml.ts';

/** Names of the actions in `folder`: each subfolder with an action.ts, sorted. */
export async function actionNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await isThere(join(folder, entry.name, 'action.ts')))) names.push(entry.name);
  }
  return names.sort();
}

/** Their schemas. @throws Error that lists every error of every schema. */
export async function loadActions(folder: string): Promise<ActionSpec[]> {
  const actions: ActionSpec[] = [];
  const complaints: string[] = [];
  for (const name of await actionNames(folder)) {
    const path = join(folder, name, 'action.ts');
    const module = (await import(pathToFileURL(path).href)) as { action?: ActionSpec; default?: ActionSpec };
    const action = module.action ?? module.default;
    if (!action) throw new Error(`${path} exports no action`);
    complaints.push(...complaintsAbout(action, name).map((complaint) => `${name}/action.ts: ${complaint}`));
    actions.push(action);
  }
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return actions;
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

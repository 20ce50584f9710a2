import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that contains this file. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** `owner/name` on GitHub, from its only definition: `repository` in the root package.json. */
export async function repositoryName(root = ROOT): Promise<{ readonly owner: string; readonly name: string }> {
  const { repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { repository?: string };
  const [, owner, name] = /^github:([\w.-]+)\/([\w.-]+)$/.exec(repository ?? '') ?? [];
  if (!owner || !name) throw new Error('package.json: "repository" must read "github:owner/name"');
  return { owner, name };
}

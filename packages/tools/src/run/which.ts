import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Find a program by name in the absolute folders of PATH. */
export async function which(name: string, env: Readonly<Record<string, string>>): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder.startsWith('/') && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

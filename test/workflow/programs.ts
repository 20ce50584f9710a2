import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const standIns = {
  'actions/upload-artifact': here('stand-ins/upload-artifact'),
  'actions/download-artifact': here('stand-ins/download-artifact'),
};

export async function actBinary(): Promise<string> {
  const path = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tidegate/build/act');
  await access(path);
  return path;
}

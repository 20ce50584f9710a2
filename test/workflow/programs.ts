import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '@tidegate/testkit';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const standIns = {
  'actions/upload-artifact': here('stand-ins/upload-artifact'),
  'actions/download-artifact': here('stand-ins/download-artifact'),
};

export const actBinary = () => built('act');
export const actionlintBinary = () => built('actionlint');

async function built(name: string): Promise<string> {
  const path = join(cacheFolder(), 'build', name);
  await access(path);
  return path;
}

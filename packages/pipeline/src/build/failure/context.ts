import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dockerignore } from '@tidegate/source';
import type { BuildOptions } from '../options.ts';
import type { Facts } from './facts.ts';

/** In entries, of a folder that is searched for a similar name. */
const MOST_NAMES = 2000;

/** Contents of the local build context. A git context has nothing here. */
export function contextOf(
  options: Pick<BuildOptions, 'context'>,
  dockerfile: string,
  isLocal: boolean,
): Pick<Facts, 'inContext' | 'namesIn'> {
  if (!isLocal) return { inContext: async () => 'missing', namesIn: async () => [] };
  const { context } = options;
  return {
    async inContext(path) {
      const found = await lstat(join(context, path)).catch(() => undefined);
      if (!found) return 'missing';
      // A .dockerignore beside the Dockerfile replaces the one of the context.
      for (const file of [`${dockerfile}.dockerignore`, join(context, '.dockerignore')]) {
        const text = await readFile(file, 'utf8').catch(() => undefined);
        if (text !== undefined) return dockerignore(text)(path) ? { excludedBy: basename(file) } : 'there';
      }
      return 'there';
    },
    namesIn: async (folder) => (await readdir(join(context, folder)).catch(() => [])).slice(0, MOST_NAMES),
  };
}

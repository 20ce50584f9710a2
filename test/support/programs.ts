import { devTools, ensureDebianPackages, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';

/** Paths of the programs and databases of this suite: built once, then kept in the cache folder. */
export interface Programs {
  readonly tools: string;
  readonly clients: Readonly<Record<'cosign' | 'crane' | 'oras' | 'olareg', string>>;
  readonly databases: { readonly fresh: string; readonly stale: string };
}

/** Older than any test's policy allows, and constant: such a database is kept for ever. */
const LONG_AGO = new Date('2026-01-02T03:04:05Z');

export async function programs(): Promise<Programs> {
  // Written to stderr directly: Jest does not show the output of a global setup, which takes minutes the first time.
  const log = (line: string) => process.stderr.write(`${line}\n`);
  await ensureDebianPackages(['busybox-static', 'docker-registry', 'git', 'runc', 'skopeo'], { log });
  const clients = await devTools(['cosign', 'crane', 'oras', 'olareg'], { log });
  const tools = await toolsFolder({ log });
  const fresh = await vulnerabilityDatabase({ log });
  const stale = await vulnerabilityDatabase({ log, stale: LONG_AGO });
  return { tools, clients, databases: { fresh: fresh.folder, stale: stale.folder } };
}

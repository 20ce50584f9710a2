import { devTools, ensureDebianPackages, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';

/** Where the programs and databases of this suite lie: built once, then kept in the cache folder. */
export interface Programs {
  readonly tools: string;
  readonly clients: Readonly<Record<'cosign' | 'crane' | 'oras' | 'olareg', string>>;
  readonly databases: { readonly fresh: string; readonly stale: string };
}

/** Far beyond what any test's policy allows, and always the same: such a database is kept for ever. */
const LONG_AGO = new Date('2026-01-02T03:04:05Z');

export async function programs(): Promise<Programs> {
  // Straight to stderr: Jest shows nothing of a global setup that takes minutes the first time.
  const log = (line: string) => process.stderr.write(`${line}\n`);
  await ensureDebianPackages(['busybox-static', 'docker-registry', 'git', 'runc', 'skopeo'], { log });
  const clients = await devTools(['cosign', 'crane', 'oras', 'olareg'], { log });
  const tools = await toolsFolder({ log });
  const fresh = await vulnerabilityDatabase({ log });
  const stale = await vulnerabilityDatabase({ log, stale: LONG_AGO });
  return { tools, clients, databases: { fresh: fresh.folder, stale: stale.folder } };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childContexts, type RunOptions, type RunResult, run } from '@tidegate/tools';

/** Development programs (go, apt-get, openssl) run with the developer's HOME and settings. */
const PASSED =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TZ|LANG|LANGUAGE|LC_.*|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|XDG_\w+)$/i;

export function developerEnvironment(
  extra: Readonly<Record<string, string>> = {},
  also: readonly string[] = [],
): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (PASSED.test(name) || also.includes(name))) wanted[name] = value;
  }
  return { ...wanted, ...extra };
}

export interface DeveloperRun extends Omit<RunOptions, 'context'> {
  readonly cwd?: string;
  /** The whole environment. Default: developerEnvironment(). */
  readonly env?: Readonly<Record<string, string>>;
}

export async function developerRun(path: string, argv: readonly string[], options: DeveloperRun): Promise<RunResult> {
  const { cwd, env = developerEnvironment(), ...rest } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-developer-'));
  try {
    const children = childContexts({ env: {}, folder, workspace: folder });
    // Without XDG folders, as after a login, go keeps its caches and settings where the developer has them.
    const context = await children.create({
      login: 'git-fetch',
      ...(cwd === undefined ? {} : { cwd }),
      set: { TMPDIR: tmpdir(), ...env },
    });
    return await run(path, argv, { ...rest, context });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

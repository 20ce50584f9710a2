import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { messageOf, visible } from '@tidegate/core';
import { childContexts, launch, run, temporaryFolder, which } from '@tidegate/tools';
import type { Parsed } from './flags/parse.ts';
import type { Io } from './io.ts';
import { usageError } from './usage.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Whether the flags and the environment ask for a browser.
 * @throws TidegateError `command-line-invalid` for --open in CI, where nobody sees it
 */
export function opensPage({ values }: Parsed, { env, isTerminal }: Io, platform = process.platform): boolean {
  const chosen = values.get('open')?.[0];
  const isCi = Boolean(env.CI) || env.GITHUB_ACTIONS === 'true';
  if (chosen === 'true' && isCi) throw usageError('--open: a CI job has no browser.', 'Remove --open.');
  if (chosen !== undefined || isCi) return chosen === 'true';
  const isRemote = Boolean(env.SSH_CONNECTION || env.SSH_TTY);
  return isTerminal && values.get('json')?.[0] !== 'true' && !isRemote && hasDesktop(env, platform);
}

function hasDesktop(env: Variables, platform: NodeJS.Platform): boolean {
  return platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME);
}

/** Milliseconds until a program that still runs counts as started: without a desktop, xdg-open runs the browser itself. */
const PATIENCE = 3000;

/**
 * Open a file in the user's browser. A failure is a note: the page is written all the same.
 * @param workspace the checkout, whose programs are not run
 */
export async function openPage(file: string, workspace: string, { env, terminal, signal }: Io): Promise<void> {
  const { line, paint } = terminal;
  const temp = await temporaryFolder(tmpdir(), 'tidegate-open-');
  try {
    line(`Opened in your browser with ${await open(file, env, { temp, workspace, signal })}.`);
  } catch (error) {
    line(`${paint.yellow('note')}: the page was not opened: ${visible(messageOf(error))}.`);
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

/** Windows' own program is there without a package. */
const EXPLORER = 'explorer.exe';

/** @returns the name of the program */
async function open(
  file: string,
  env: Variables,
  at: { readonly temp: string; readonly workspace: string; readonly signal: AbortSignal },
): Promise<string> {
  const children = childContexts({ env, folder: at.temp, workspace: at.workspace });
  // The browser may outlive this process, and its private folders.
  const context = await children.create({ login: 'desktop', cwd: '/', set: { TMPDIR: tmpdir() } });
  for (const name of openers(env, process.platform)) {
    const path = await which(name, context.env);
    if (path === undefined) continue;
    if (name !== EXPLORER) await launch(path, [file], context, PATIENCE);
    else {
      const { stdout } = await run((await which('wslpath', context.env)) ?? 'wslpath', ['-w', file], {
        ...{ context, timeout: PATIENCE, signal: at.signal },
      });
      // Its exit code is 1 whatever happens.
      await launch(path, [stdout.trim()], context, PATIENCE, [0, 1]);
    }
    return name;
  }
  throw new Error(`there is no ${openers(env, process.platform).join(' or ')} in PATH`);
}

/** In this order. */
export function openers(env: Variables, platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['open'];
  return env.WSL_DISTRO_NAME ? ['wslview', EXPLORER, 'xdg-open'] : ['xdg-open'];
}

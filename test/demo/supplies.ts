/** External files of the demo, and their source: the internet if it is reachable, this machine otherwise. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPlatform, type Log } from '@tidegate/core';
import { cacheFolder, serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { createToolbox, hostPlatform, PINS } from '@tidegate/tools';

type Say = (detail: string) => void;

const RELEASE_HOST = 'https://github.com';
const DATABASE = 'https://grype.anchore.io/databases/v6/latest.json';
const PATIENCE = 8_000;

export interface Tools {
  readonly how: string;
  /** For the input `tools`; empty where the action downloads its pinned releases itself. */
  readonly folder: string;
  /** For the demo's own look at what was published. */
  readonly cosign: string;
}

/** The shipped actions fetch pinned releases. Where those are not reached, Go builds the same versions, once. */
export async function findTools(toolCache: string, temp: string, say: Say, signal: AbortSignal): Promise<Tools> {
  say('asking for their releases');
  if (await reached(releaseOf('cosign'), signal)) {
    const toolbox = createToolbox({
      toolCache,
      temp: await mkdtemp(join(temp, 'tools-')),
      platform: hostPlatform(process.platform, process.arch),
      log: quietLog(say),
      progress: { start: () => ({ advance: () => {}, done: () => {} }) },
      signal,
    });
    const cosign = await toolbox.get('cosign');
    return { how: 'pinned releases, which the action downloads and verifies', folder: '', cosign: cosign.path };
  }
  const folder = await toolsFolder({ log: say, signal });
  return { how: `the same versions, built by Go into ${folder}`, folder, cosign: join(folder, 'cosign') };
}

function releaseOf(name: 'cosign'): string {
  const { repository, version, files } = PINS[name];
  const { file = '' } = files[formatPlatform(hostPlatform(process.platform, process.arch))] ?? {};
  return `${RELEASE_HOST}/${repository}/releases/download/v${version}/${file}`;
}

export interface Vulnerabilities extends AsyncDisposable {
  readonly how: string;
  readonly live: boolean;
  /** For the input `db-mirror`; empty means Grype's own. */
  readonly mirror: string;
}

/** Grype's own database, or one made of the public Go vulnerability data and a few public records. */
export async function findVulnerabilities(say: Say, signal: AbortSignal): Promise<Vulnerabilities> {
  say("asking for Grype's own database");
  const nothing = async () => {};
  if (await reached(DATABASE, signal)) {
    return { how: "Grype's own database, as of today", live: true, mirror: '', [Symbol.asyncDispose]: nothing };
  }
  const { folder } = await vulnerabilityDatabase({ log: say, signal });
  const server = await serveFolder(folder);
  return {
    how: "made here of the public Go vulnerability data and a few public records (NVD, Debian, GitHub): Grype's own is not reached",
    live: false,
    mirror: server.url,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Where the action keeps what it downloads, between runs of the demo. */
export function demoCache(...parts: readonly string[]): string {
  return join(cacheFolder(), 'demo', ...parts);
}

async function reached(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    const answer = await fetch(url, { method: 'HEAD', signal: patience });
    return answer.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function quietLog(say: Say): Log {
  const log: Log = {
    debug: () => {},
    info: say,
    notice: say,
    warning: say,
    group: (title, work) => {
      say(title);
      return work(log);
    },
    mask: () => {},
    redact: (text) => text,
  };
  return log;
}

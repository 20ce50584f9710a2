import { withoutEnd } from '@tidegate/core';

/** A repository on a server, from the URL of a remote. */
export interface RemoteRepository {
  /** `owner/name` */
  readonly repository: string;
  /** `https://github.com` */
  readonly serverUrl: string;
}

/** git-fetch(1), "GIT URLS": `[user@]host:path`, if no slash stands before the first colon. */
const SCP = /^(?:[^@/:]{1,256}@)?([^@/:]{1,256}):(?!\/\/)(.{1,1024})$/;
const SCHEMES: Readonly<Record<string, string>> = {
  'https:': 'https:',
  'http:': 'http:',
  'ssh:': 'https:',
  'git:': 'https:',
};

/** Undefined for a local path, and for what is not a repository on a server. Credentials in the URL are dropped. */
export function parseRemote(url: string): RemoteRepository | undefined {
  const text = url.trim();
  const [, host, path] = text.includes('://') ? [] : (SCP.exec(text) ?? []);
  if (host !== undefined && path !== undefined) return on(`https://${hostOf(host)}`, path);
  if (!URL.canParse(text)) return undefined;
  const parsed = new URL(text);
  const scheme = SCHEMES[parsed.protocol];
  if (scheme === undefined || parsed.hostname === '') return undefined;
  // The port of an SSH server says nothing about that of the web.
  const name = scheme === parsed.protocol ? parsed.host : hostOf(parsed.hostname);
  return on(`${scheme}//${name}`, parsed.pathname);
}

/** GitHub, "Using SSH over the HTTPS port". */
function hostOf(host: string): string {
  return host === 'ssh.github.com' ? 'github.com' : host;
}

function on(serverUrl: string, path: string): RemoteRepository | undefined {
  const repository = withoutEnd(path.replace(/^\/+/, ''), '/').replace(/\.git$/, '');
  return /^[^\s/]+\/[^\s]+$/.test(repository) && URL.canParse(serverUrl) ? { repository, serverUrl } : undefined;
}

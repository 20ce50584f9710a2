import { lookup } from 'node:dns/promises';
import { copyFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf, type Progress, TidegateError, withoutEnd } from '@tidegate/core';

/** Download `url` to the new file `to`. `authorization` is the complete header, if the URL contains a user. */
export type Download = (
  url: string,
  to: string,
  options: {
    readonly progress: Progress;
    readonly title: string;
    readonly signal?: AbortSignal | undefined;
    readonly authorization?: string | undefined;
  },
) => Promise<void>;

/** In milliseconds: interval for checking the size of the growing file. */
const LOOK_EVERY = 250;

/**
 * Uses @actions/tool-cache, which supports proxies, redirects, and three attempts. It gets its destination as an
 * argument, so it does not read RUNNER_TEMP or RUNNER_TOOL_CACHE and works outside a runner. It has no progress
 * callback and cannot be cancelled: the size of the file is polled, and an abandoned download continues until it ends
 * by itself.
 */
export const downloadTool: Download = async (url, to, { progress, title, signal, authorization }) => {
  // Loaded lazily: it contains an HTTP client that takes 100 ms to load.
  const toolCache = await import('@actions/tool-cache');
  const shown = progress.start(title);
  let seen = 0;
  const look = async (): Promise<void> => {
    // The file does not exist before the first byte and after a failed attempt.
    const size = await stat(to).then(
      (file) => file.size,
      () => 0,
    );
    if (size > seen) shown.advance(size - seen);
    seen = Math.max(seen, size);
  };
  const watch = setInterval(look, LOOK_EVERY);
  try {
    await orAborted(toolCache.downloadTool(url, to, authorization), signal, title);
    await look();
  } finally {
    clearInterval(watch);
    shown.done();
  }
};

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, title: string): Promise<T> {
  if (!signal) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new TidegateError('cancelled', `${title} was cancelled.`));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Fail at once if the host of `url` has no address: without a network, the attempts of `downloadTool` take half a minute.
 * @throws Error of the resolver
 */
export async function assertResolves(url: string): Promise<void> {
  const { hostname } = new URL(url);
  await lookup(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);
}

/** A source of releases: a URL, or a folder (`file:`) with the same paths. */
export interface Origin {
  readonly base: string;
  /** `base` without user and password, for display. */
  readonly shown: string;
  readonly authorization?: string | undefined;
}

/** @throws TidegateError `bad-input` when `text` is neither an http(s) nor a file URL. */
export function parseOrigin(text: string, input = 'tools-mirror'): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:', 'file:'].includes(url.protocol) || url.search || url.hash) {
    // Do not show the value: a mistyped URL may contain a password.
    throw new TidegateError(
      'tool-mirror-invalid',
      `Input ${input}: expected a URL that starts with https:, http: or file:.`,
      {
        next: 'Use for example https://mirror.example.com/github or file:///srv/mirror, without a query.',
      },
    );
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const base = withoutEnd(url.href, '/');
  if (!username) return { base, shown: base };
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return { base, shown: base, authorization: `Basic ${secret}` };
}

/** @throws TidegateError `not-found` or `network`, with the URL and the remedy */
export async function fetchFile(
  origin: Origin,
  path: string,
  to: string,
  download: Download,
  options: { readonly progress: Progress; readonly title: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const url = `${origin.base}/${path}`;
  try {
    if (url.startsWith('file:')) await copyFile(fileURLToPath(url), to);
    else await download(url, to, { ...options, authorization: origin.authorization || undefined });
  } catch (cause) {
    // Errors such as a full disk or an unwritable folder are clear by themselves, and not caused by the network.
    if (cause instanceof TidegateError || isOfDisk(cause, to)) throw cause;
    throw explain(url, cause);
  }
}

/** Whether writing `to` failed. */
function isOfDisk(cause: unknown, to: string): boolean {
  const { code, path } = cause as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(`${code}`) || path === to;
}

function explain(url: string, cause: unknown): TidegateError {
  const status = (cause as { httpStatusCode?: number }).httpStatusCode;
  const missing = status === 404 || (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const where =
    'set the path of the program, a folder that contains it (input tools), or a mirror (input tools-mirror)';
  if (missing) {
    return new TidegateError('tool-download-missing', `${url} does not exist.`, {
      next: `Check that the mirror is complete, or ${where}.`,
      cause,
    });
  }
  const how = status === undefined ? messageOf(cause) : `the server responded with ${status}`;
  return new TidegateError('tool-download-failed', `${url} could not be downloaded: ${how}.`, {
    next: `Check the network and its proxy. If this host is not reachable, ${where}.`,
    cause,
  });
}

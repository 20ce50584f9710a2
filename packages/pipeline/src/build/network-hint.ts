import type { Log } from '@tidegate/core';
import type { Builder } from './engine.ts';
import type { BuildOptions } from './options.ts';

/** Error messages of failed connections: resolvers, sockets, and the most common tools. */
const UNREACHED = [
  'Temporary failure in name resolution',
  'Temporary failure resolving',
  'Could not resolve host',
  'no such host',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'Connection refused',
  'Network is unreachable',
  'No route to host',
  'bad address',
];

/** Whether a line of BuildKit's log is output of a RUN step with a failed connection: `#7 0.12 …`. */
function saysUnreached(line: string): boolean {
  return /^#\d+ \d/.test(line) && UNREACHED.some((text) => line.toLowerCase().includes(text.toLowerCase()));
}

const HINT =
  "A RUN step could not connect. RUN steps do not share the runner's network: set `network: host` to reach services on its 127.0.0.1 (a service of the job, a proxy).";

/** After a failed build: hint for steps that need the network of the runner. */
export function networkHint(
  { runNetwork }: Pick<Builder, 'runNetwork'>,
  { network }: Pick<BuildOptions, 'network'>,
  log: Log,
): { readonly read: (line: string) => void; readonly rethrow: (error: unknown) => never } {
  const isApart = (runNetwork === 'bridge' || runNetwork === 'slirp') && network === 'default';
  let unreached = false;
  return {
    read(line) {
      unreached ||= isApart && saysUnreached(line);
    },
    rethrow(error) {
      if (unreached) log.notice(HINT);
      throw error;
    },
  };
}

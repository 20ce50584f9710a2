import type { NetConnectOpts } from 'node:net';
import { silenceOf } from '@tidegate/tools';
import type { NodeTls } from '../options.ts';
import { tlsFailure } from './tls.ts';

/** In milliseconds: timeout for the connection, and again for the first reply. Slow networks need a second or two. */
const PATIENCE = 5_000;

/** Why no BuildKit responds at an address. Undefined if one does, or if the address cannot be tested by connecting. */
export async function silenceAt(
  address: string,
  tls: NodeTls | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const to = socketOf(address);
  if (to === undefined) return undefined;
  if (tls === undefined || !('host' in to)) return silenceOf({ ...to, signal }, PATIENCE);
  const { ca, client } = tls;
  const secure = { ca, cert: client?.cert, key: client?.key };
  return silenceOf({ ...to, signal }, PATIENCE, { ...secure, failure: (error) => tlsFailure(error, address) });
}

/** Connection options for addresses that can be tested by connecting. Other kinds of address are specific to buildx. */
function socketOf(address: string): NetConnectOpts | undefined {
  const [, path] = /^unix:\/\/(.+)$/.exec(address) ?? [];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

import { formatDuration, hasKind, messageOf, type Reference } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import type { Wording } from '../terminal/in-flags.ts';
import { type Check, failed, ok, warning } from './check.ts';

const TIMEOUT = 10_000;
/** Certificates of Fulcio and tokens live for minutes. */
const SKEWED = 60_000;
const BROKEN = 300_000;

type Services = Pick<Job, 'network' | 'clock' | 'signal'>;

/** A server that a run needs. */
export interface NeededServer {
  /** The name of the check. */
  readonly name: string;
  /** The input or the variable that sets its address. */
  readonly setting: string;
  readonly url: string;
  readonly fix: string;
}

/**
 * Whether each server responds, whatever its status, and whether the clock agrees with the first one that does. The
 * requests have no login, and no redirect is followed: a server gets nothing but its address.
 */
export async function serverChecks(servers: readonly NeededServer[], job: Services): Promise<readonly Check[]> {
  const found = await Promise.all(servers.map((one) => reached(one, job)));
  const first = found.find(({ response }) => response !== undefined)?.response;
  const clock = first
    ? clockCheck(first.headers.get('date'), job.clock())
    : warning('clock', 'not compared: no server responded.', 'Check that the time is synchronized.');
  return [...found.map(({ check }) => check), clock];
}

async function reached(
  { name, url, fix }: NeededServer,
  { network, signal }: Services,
): Promise<{ readonly check: Check; readonly response?: Response }> {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  try {
    const response = await network.fetch(shown.href, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    await response.body?.cancel();
    return { check: ok(name, `${shown.host} responds`), response };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // fetch hides the reason there.
    const { cause } = Object(error) as { readonly cause?: unknown };
    const why = cause === undefined ? '' : ` (${messageOf(cause)})`;
    return { check: warning(name, `${shown.host} does not respond: ${messageOf(error)}${why}`, fix) };
  }
}

/** @param date of the response, in seconds */
export function clockCheck(date: string | null, now: Date): Check {
  const server = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(server))
    return warning('clock', 'not compared: the server sent no date.', 'Check that the time is synchronized.');
  const skew = Math.abs(now.getTime() - server);
  const fix = 'Synchronize the clock (timedatectl set-ntp true): certificates and tokens are valid for minutes.';
  const detail = `${formatDuration(skew)} ${now.getTime() < server ? 'behind' : 'ahead of'} the server`;
  if (skew > BROKEN) return failed('clock', detail, fix);
  return skew > SKEWED ? warning('clock', detail, fix) : ok('clock', 'agrees with the server');
}

interface Login {
  readonly reference: Reference;
  readonly registry: Registry;
  /** Inputs or docker's configuration have a login for the host. */
  readonly hasLogin: boolean;
}

/** The registry, its login, and the permission to push: an upload is started and cancelled. */
export async function registryChecks(
  { reference, registry, hasLogin }: Login,
  signal: AbortSignal,
  wording: Wording,
): Promise<readonly Check[]> {
  const { registry: host, repository } = reference;
  const found = ok('login', `there is one for ${host}`);
  try {
    await registry.checkPush({ signal });
    const login = hasLogin ? found : ok('login', `not needed for ${host}`);
    return [login, ok('registry', `${host}/${repository} accepts a push`)];
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // Without a 401 or 403 nothing is known about login and permission.
    if (!hasKind(error, 'unauthorized')) {
      const { next = `Check the name ${host}/${repository}.` } = Object(error) as { readonly next?: string };
      return [...(hasLogin ? [found] : []), failed('registry', messageOf(error), wording(next))];
    }
    const login = hasLogin
      ? found
      : warning('login', `there is none for ${host}.`, `Run docker login ${host}, or give --registry-username.`);
    const fix = `Check the name of the repository, the login for ${host}, and its permission to push.`;
    return [login, failed('registry', messageOf(error), fix)];
  }
}

/** The permissions of a workflow's job that its environment shows. */
export function permissionChecks(env: Job['env']): readonly Check[] {
  if (env.GITHUB_ACTIONS !== 'true') return [];
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL) return [ok('permissions', 'id-token: write')];
  const fix = 'Grant the job permissions: id-token: write, or sign with a key.';
  return [warning('permissions', 'The job has no id-token: write, which keyless signing needs.', fix)];
}

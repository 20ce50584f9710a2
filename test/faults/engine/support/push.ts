import { parsePublicKey } from '@tidegate/attest';
import { Registry, type RegistryOptions, staticCredentials, type Timing } from '@tidegate/oci';
import { openTarget, type PushReport, preflight, publish, pushBlobs } from '@tidegate/pipeline';
import { silentServices } from '../../../e2e/support/silent.ts';

export const REPOSITORY = 'faults/app';
/** Most specific first, as a plan gives them. */
export const TAGS = ['1.2.3', 'latest'] as const;
export const LOGIN = { username: 'octocat', password: 'correct horse' };
/** Milliseconds without a byte until a connection counts as dead, where a stall is what is tested. */
const STALLED = 250;
/**
 * For a push that is stalled on purpose. A machine that is busy makes honest requests look dead too, so there are more
 * tries than usual.
 */
export const QUICK_TO_GIVE_UP = { idle: STALLED, retry: { attempts: 40 } } as const;

/** Pauses take no time, and are jittered by `random`. */
export function impatient(random: () => number = Math.random): Timing {
  let slept = 0;
  return {
    now: () => Date.now() + slept,
    sleep: async (milliseconds) => {
      slept += milliseconds;
    },
    random,
  };
}

export interface PushTo extends RegistryOptions {
  readonly host: string;
  readonly folder: string;
  readonly publicKey: string;
  readonly signal?: AbortSignal;
}

/** What push-image does once the gate is open: preflight, blobs, manifests, evidence, reading back, tags. */
export async function push({ host, folder, publicKey, signal, ...options }: PushTo): Promise<PushReport> {
  const registry = new Registry(
    { registry: host, repository: REPOSITORY },
    {
      timing: impatient(),
      credentials: staticCredentials(host, LOGIN.username, LOGIN.password),
      ...options,
    },
  );
  try {
    const services = silentServices(signal);
    const target = await openTarget(folder);
    const before = await preflight(registry, TAGS, services);
    const blobs = await pushBlobs(target, registry, services);
    const trust = { publicKeys: [parsePublicKey(publicKey)] };
    return await publish(target, registry, blobs, { tags: TAGS, before, trust }, services);
  } finally {
    registry.close();
  }
}

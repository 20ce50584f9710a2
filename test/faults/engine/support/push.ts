import { parsePublicKey } from '@tidegate/attest';
import { effectivePolicy, mapEach, type OneOrMore } from '@tidegate/core';
import { Registry, type RegistryOptions, staticCredentials, type Timing } from '@tidegate/oci';
import { openTarget, type PushReport, push as pushStages } from '@tidegate/pipeline';
import { silentServices } from '../../../support/silent.ts';

export const REPOSITORY = 'faults/app';
/** Most specific first, as in a plan. */
export const TAGS = ['1.2.3', 'latest'] as const;
export const LOGIN = { username: 'octocat', password: 'correct horse' };
/** Milliseconds without data until a connection counts as dead, in tests of stalls. */
const STALLED = 250;
/**
 * For a push that is stalled on purpose. On a busy machine normal requests look dead, too, so there are more attempts
 * than usual.
 */
export const QUICK_TO_GIVE_UP = { idle: STALLED, retry: { attempts: 40 } } as const;

/** Pauses take no time; `random` sets their jitter. */
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

/** The pipeline's own push, for an image that passes the gate. */
export async function push({ host, ...to }: PushTo): Promise<PushReport> {
  const [report] = await pushToEach([host], to);
  return report;
}

/** The same, to several destinations. */
export async function pushToEach(
  hosts: OneOrMore<string>,
  { folder, publicKey, signal, ...options }: Omit<PushTo, 'host'>,
): Promise<OneOrMore<PushReport>> {
  const registries = mapEach(
    hosts,
    (host) =>
      new Registry(
        { registry: host, repository: REPOSITORY },
        {
          timing: impatient(),
          credentials: staticCredentials(host, LOGIN.username, LOGIN.password),
          ...options,
        },
      ),
  );
  try {
    const services = silentServices(signal);
    const target = await openTarget(folder);
    const verdict = { passed: true, rules: [], decidedOn: new Date() };
    return await pushStages(
      { registries, tags: TAGS, immutableTags: false },
      effectivePolicy({ version: 1 }).policy,
      {
        image: async () => target,
        examine: () => ({ mayLeave: Promise.resolve(true), done: Promise.resolve() }),
        judge: async () => ({ verdict, evidence: [], trust: { publicKeys: [parsePublicKey(publicKey)] } }),
      },
      services,
    );
  } finally {
    for (const registry of registries) registry.close();
  }
}

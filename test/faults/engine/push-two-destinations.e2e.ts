/**
 * One thing goes wrong at one step of a push to two destinations, in one of them: every kind of fault at every step.
 * There is never a tag on one while the other lacks evidence.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { type RegistryServer, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import { FAULTS, type FaultType, STALLS } from './support/faults.ts';
import { missingBehindAnyTag, unfinished } from './support/landed.ts';
import { LOGIN, pushToEach, QUICK_TO_GIVE_UP } from './support/push.ts';
import { type SignedLayout, signedLayout } from './support/signed-layout.ts';
import { stepOf } from './support/steps.ts';

/** Where a scene is about a few steps, one fault of each family. */
const FEW =
  /reset|lost$|no answer comes|answer is cut$|answered (404|413|429|503)$|expired|forgotten|web page|another digest|wrong bit|lacks its end/;

/** The destination with the faults; the other one has the referrers API. */
interface Scene {
  readonly name: string;
  readonly registry: RegistryServerOptions;
  readonly faults: (name: string) => boolean;
  readonly steps?: RegExp;
}
const SCENES: readonly Scene[] = [
  { name: 'has the referrers API', registry: {}, faults: () => true },
  {
    ...{ name: 'has a fallback tag under If-Match', registry: { referrers: false } },
    ...{ faults: (name) => FEW.test(name), steps: /fallback|GET referrers/ },
  },
  {
    ...{ name: 'has a fallback tag and no If-Match', registry: { referrers: false, conditions: false } },
    ...{ faults: (name) => FEW.test(name), steps: /fallback|GET referrers/ },
  },
];

/** Stalls are waited for side by side. */
const AT_ONCE = 4;
/** Milliseconds before something goes wrong. */
const LEAD = 150;
const AUTH = { kind: 'token', ...LOGIN } as const;

let layout: SignedLayout;
beforeAll(async () => {
  layout = await signedLayout();
});
afterAll(async () => layout[Symbol.asyncDispose]());

const counts = {
  pairs: 0,
  'ended well at once': 0,
  'failed before the tags': 0,
  'failed between the tags': 0,
  wrong: 0,
};

const FAULTY = [
  { which: 'the first', faulty: 0 },
  { which: 'the second', faulty: 1 },
] as const;
const PLACES = SCENES.flatMap((scene) => FAULTY.map((one) => ({ ...one, scene, what: scene.name })));

/** Steps of the destination with the faults, over all scenes. */
const steps = new Map<string, number>();

describe.each(PLACES)('a push to two destinations, of which $which $what', ({ faulty, scene }) => {
  const place = { faulty, registry: scene.registry };
  let its: readonly string[];
  beforeAll(async () => {
    const seen = new Set<string>();
    await using both = await registries(place, (step) => {
      seen.add(step);
      return undefined;
    });
    await push(both.servers);
    its = [...seen].filter((step) => scene.steps?.test(step) ?? true);
    expect(its.length).toBeGreaterThan(scene.steps ? 1 : 10);
    steps.set(scene.name, its.length);
  });

  test.each(FAULTS.filter(({ name }) => scene.faults(name)).map((fault) => ({ ...fault, shown: fault.name })))(
    'has a request that is $shown, leaves no tag while one lacks evidence, and converges',
    async (fault) => {
      const wrong: string[] = [];
      const queue = its.values();
      const worker = async () => {
        for (const step of queue) {
          for (const what of await wrongWith(place, step, fault)) wrong.push(`${step}: ${what}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      counts.wrong += wrong.length;
      expect(wrong).toEqual([]);
    },
  );
});

test('these were pairs of fault and step enough, and pushes ended in every way', async () => {
  await keepFigures('push-two-destinations', 'faults', { steps: Object.fromEntries(steps), ...counts });
  expect(counts.pairs).toBeGreaterThanOrEqual(600);
  // A test in which all pushes end alike would show nothing.
  expect(counts['ended well at once']).toBeGreaterThan(counts.pairs / 10);
  expect(counts['failed before the tags']).toBeGreaterThan(20);
  expect(counts['failed between the tags']).toBeGreaterThan(0);
});

interface Place {
  readonly faulty: 0 | 1;
  readonly registry: RegistryServerOptions;
}

async function wrongWith(place: Place, step: string, { fault, heals, name }: FaultType): Promise<readonly string[]> {
  let done = false;
  await using both = await registries(place, (at, request) => {
    if (done || at !== step) return undefined;
    done = true;
    return fault(request);
  });
  const { servers } = both;
  counts.pairs += 1;
  const wrong: string[] = [];
  const patience = STALLS.test(name) ? QUICK_TO_GIVE_UP : {};
  const failure = await push(servers, patience).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!done) wrong.push('the fault never happened');
  if (failure === undefined) counts['ended well at once'] += 1;
  else {
    const tagged = servers.some((server) => server.tags('faults/app').has('1.2.3'));
    counts[tagged ? 'failed between the tags' : 'failed before the tags'] += 1;
    if (heals) wrong.push(`failed: ${failure}`);
    else if (!isClear(failure, servers[place.faulty])) wrong.push(`no clear error: ${failure}`);
    wrong.push(...missingBehindAnyTag(servers, layout));
    await push(servers).catch((error: unknown) => wrong.push(`did not converge: ${error}`));
  }
  for (const server of servers) wrong.push(...unfinished(server, layout));
  return wrong;
}

/** It names the destination, and says what to do. */
function isClear(error: unknown, { host }: RegistryServer): boolean {
  if (!(error instanceof TidegateError) || error.kind === 'cancelled') return false;
  return error.next !== undefined && error.message.includes(`${host}/faults/app`);
}

function push(servers: readonly [RegistryServer, RegistryServer], more = {}) {
  return pushToEach([servers[0].host, servers[1].host], { ...layout, ...more });
}

/** Two registries, the requests to one of which can fail. */
async function registries(
  { faulty, registry }: Place,
  faultAt: (step: string, request: Parameters<FaultType['fault']>[0]) => ReturnType<FaultType['fault']> | undefined,
) {
  const start = (at: 0 | 1) =>
    startRegistry({
      ...(at === faulty ? registry : {}),
      auth: AUTH,
      onRequest: async (request) => {
        const fault = at === faulty ? faultAt(stepOf(request, layout), request) : undefined;
        // The other one is ahead by then: it has everything, and only waits to be tagged.
        if (fault) await wait(LEAD);
        return fault;
      },
    });
  const servers = [await start(0), await start(1)] as const;
  return {
    servers,
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server.close();
    },
  };
}

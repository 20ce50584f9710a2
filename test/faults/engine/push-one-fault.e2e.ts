/** One thing goes wrong at one step of a push: every kind of fault at every step. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasKind, TidegateError } from '@tidegate/core';
import { type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import { FAULTS, type FaultType, STALLS } from './support/faults.ts';
import { missingBehindTags, taken, unfinished } from './support/landed.ts';
import { LOGIN, push, QUICK_TO_GIVE_UP } from './support/push.ts';
import { type SignedLayout, signedLayout } from './support/signed-layout.ts';
import { stepOf } from './support/steps.ts';

/** Stalls are waited for side by side. */
const AT_ONCE = 6;
/** Where a scene is about a few steps, one fault of each family. */
const FEW =
  /reset|lost$|no answer comes|answer is cut$|answered (404|413|429|503)$|expired|forgotten|web page|another digest|wrong bit|lacks its end/;
const AUTH = { kind: 'token', ...LOGIN } as const;

let layout: SignedLayout;
beforeAll(async () => {
  layout = await signedLayout();
});
afterAll(async () => layout[Symbol.asyncDispose]());

interface Scene {
  readonly name: string;
  readonly registry: RegistryServerOptions;
  /** Goes wrong before, at the first request of this step: what is under test is how that is mended. */
  readonly before?: { readonly step: string; readonly cut: number };
  /** The steps under test; all where it says nothing. */
  readonly steps?: RegExp;
}

const SCENES: readonly Scene[] = [
  { name: 'with the referrers API', registry: { referrers: true } },
  { name: 'with a fallback tag under If-Match', registry: { referrers: false }, steps: /fallback|GET referrers/ },
  {
    name: 'with a fallback tag and no If-Match',
    registry: { referrers: false, conditions: false },
    steps: /fallback|GET referrers/,
  },
  {
    name: 'that resumes a blob',
    registry: { referrers: true },
    before: { step: 'PUT upload', cut: 50_000 },
    steps: /(GET|PATCH|PUT) upload|HEAD blobs/,
  },
];

/** Faults by which a registry forgets, or denies, what it had confirmed: only then may bytes go out again. */
const FORGETS = /forgotten|answered (4|by)|leads nowhere|redirect|another digest/;

const scenes: Record<string, { steps: number; faults: number; pairs: number; wrong: number }> = {};

describe.each(SCENES)('a push $name', (scene) => {
  let steps: readonly string[];
  beforeAll(async () => {
    steps = await stepsOf(scene);
    expect(steps.length).toBeGreaterThan(1);
    scenes[scene.name] = { steps: steps.length, faults: 0, pairs: 0, wrong: 0 };
  });

  test.each(FAULTS.filter(({ name }) => !scene.steps || FEW.test(name)))(
    'leaves no tag without its evidence, and converges, when a request is $name',
    async (fault) => {
      const wrong: string[] = [];
      const queue = steps.values();
      const worker = async () => {
        for (const step of queue)
          for (const what of await wrongWith(scene, step, fault)) wrong.push(`${step}: ${what}`);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const count = scenes[scene.name];
      if (count) {
        count.faults += 1;
        count.pairs += steps.length;
        count.wrong += wrong.length;
      }
      expect(wrong).toEqual([]);
    },
  );
});

test('these were pairs of fault and step enough', async () => {
  const pairs = Object.values(scenes).reduce((sum, scene) => sum + scene.pairs, 0);
  await keepFigures('push-one-fault', 'faults', { pairs, 'a push': scenes });
  expect(pairs).toBeGreaterThanOrEqual(300);
});

/** Those that a push is seen to take. */
async function stepsOf(scene: Scene): Promise<readonly string[]> {
  const seen = new Set<string>();
  await using server = await registryFor(scene, (step) => {
    seen.add(step);
    return undefined;
  });
  await push({ host: server.host, ...layout });
  expect(unfinished(server, layout)).toEqual([]);
  return [...seen].filter((step) => scene.steps?.test(step) ?? true);
}

async function wrongWith(scene: Scene, step: string, { fault, heals, name }: FaultType): Promise<readonly string[]> {
  let done = false;
  await using server = await registryFor(scene, (at, request) => {
    if (done || at !== step) return undefined;
    done = true;
    return fault(request);
  });
  const wrong: string[] = [];
  const patience = STALLS.test(name) ? QUICK_TO_GIVE_UP : {};
  const failure = await push({ host: server.host, ...layout, ...patience }).then(
    () => undefined,
    (error: unknown) => error,
  );
  // A broken upload may be mended in more than one way: on a slow machine not by each of these steps.
  if (!done && !scene.before) wrong.push('the fault never happened');
  if (failure !== undefined) {
    if (heals) wrong.push(`failed: ${failure}`);
    else if (!isClear(failure)) wrong.push(`no clear error: ${failure}`);
    wrong.push(...missingBehindTags(server, layout));
    await push({ host: server.host, ...layout }).catch((error: unknown) => wrong.push(`did not converge: ${error}`));
  }
  wrong.push(...unfinished(server, layout));
  const size = [...layout.blobs.values()].reduce((sum, each) => sum + each, 0);
  const sent = taken(server.requests);
  if (sent > size && !FORGETS.test(name)) wrong.push(`${sent} bytes for blobs of ${size}`);
  return wrong;
}

function isClear(error: unknown): boolean {
  return error instanceof TidegateError && error.next !== undefined && !hasKind(error, 'cancelled');
}

async function registryFor(
  scene: Scene,
  faultAt: (step: string, request: Parameters<FaultType['fault']>[0]) => ReturnType<FaultType['fault']> | undefined,
) {
  let cut = scene.before?.cut;
  const server = await startRegistry({
    ...scene.registry,
    auth: AUTH,
    onRequest: (request) => {
      const step = stepOf(request, layout);
      if (cut !== undefined && step === scene.before?.step && Number(request.headers['content-length']) > cut) {
        const after = cut;
        cut = undefined;
        return { kind: 'cut-request', after };
      }
      return cut === undefined ? faultAt(step, request) : undefined;
    },
  });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

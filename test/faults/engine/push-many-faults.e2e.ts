/** Several things go wrong in one push, at requests that a seed decides. A seed that fails is printed: `only` runs it alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import { FAULTS } from './support/faults.ts';
import { missingBehindTags, unfinished } from './support/landed.ts';
import { impatient, LOGIN, push, QUICK_TO_GIVE_UP } from './support/push.ts';
import { seeded } from './support/random.ts';
import { type SignedLayout, signedLayout } from './support/signed-layout.ts';

const RUNS = 500;
const BLOCK = 50;
const AT_ONCE = 6;
/** For one block, on a machine that does much else. Milliseconds. */
const PATIENCE = 300_000;
/** Seeds to replay, in place of all. */
const only: readonly number[] = [];
/** Stalls have their own test, at every step: here they would be most of the time. */
const SOME = FAULTS.filter(({ name }) => !/stall|no answer comes/.test(name));

let layout: SignedLayout;
beforeAll(async () => {
  layout = await signedLayout();
});
afterAll(async () => layout[Symbol.asyncDispose]());

const outcomes = { ended: 0, failed: 0, faults: 0, wrong: 0 };
const seeds = only.length > 0 ? only : Array.from({ length: RUNS }, (_run, at) => at + 1);
const blocks = Array.from({ length: Math.ceil(seeds.length / BLOCK) }, (_block, at) =>
  seeds.slice(at * BLOCK, (at + 1) * BLOCK),
).map((block) => ({ block, from: block[0], to: block.at(-1) }));

test.each(blocks)(
  'pushes with several faults (seeds $from to $to) leave no tag without its evidence, and converge',
  async ({ block }) => {
    const wrong: string[] = [];
    const queue = block.values();
    const worker = async () => {
      for (const seed of queue) for (const what of await wrongWith(seed)) wrong.push(`seed ${seed}: ${what}`);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    outcomes.wrong += wrong.length;
    expect(wrong).toEqual([]);
  },
  PATIENCE,
);

test('some of them ended well at once, some failed, and much went wrong in them', async () => {
  await keepFigures('push-many-faults', 'faults', {
    runs: seeds.length,
    faults: outcomes.faults,
    'ended well at once': outcomes.ended,
    'failed, and ended well when run again': outcomes.failed,
    wrong: outcomes.wrong,
  });
  // A test in which nothing goes wrong, or everything, would show nothing.
  expect(outcomes.faults).toBeGreaterThan(2 * seeds.length);
  expect(outcomes.ended).toBeGreaterThan(seeds.length / 10);
  expect(outcomes.failed).toBeGreaterThan(seeds.length / 10);
});

async function wrongWith(seed: number): Promise<readonly string[]> {
  const random = seeded(seed);
  const scene = { referrers: random() < 0.5, conditions: random() < 0.5 };
  // Half of the runs meet only what a client must get over.
  const faults = random() < 0.5 ? SOME : SOME.filter(({ heals }) => heals);
  let left = 2 + Math.floor(random() * 5);
  await using server = await registryFor(scene, (request) => {
    if (left === 0 || random() > 0.15) return undefined;
    left -= 1;
    outcomes.faults += 1;
    return faults[Math.floor(random() * faults.length)]?.fault(request);
  });
  const wrong: string[] = [];
  const to = { host: server.host, ...layout, idle: QUICK_TO_GIVE_UP.idle * 40, timing: impatient(random) };
  await push(to).then(
    () => {
      outcomes.ended += 1;
      wrong.push(...unfinished(server, layout));
    },
    () => {
      outcomes.failed += 1;
    },
  );
  wrong.push(...missingBehindTags(server, layout));
  left = 0;
  await push(to).catch((error: unknown) => wrong.push(`did not converge: ${error}`));
  wrong.push(...unfinished(server, layout));
  return wrong;
}

async function registryFor(
  scene: { readonly referrers: boolean; readonly conditions: boolean },
  onRequest: NonNullable<Parameters<typeof startRegistry>[0]>['onRequest'] & {},
) {
  const server = await startRegistry({ ...scene, auth: { kind: 'token', ...LOGIN }, onRequest });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

/**
 * Each tool, each way to fail: no tag, no manifest, one error that names the tool and the cause. The chain is the real
 * one, in this process; what fails is a real process in the tool's place. What the bundles make of it is in cuts.e2e.ts.
 */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { scratch } from '../faults/engine/support/signed-layout.ts';
import { BAD_OUTPUTS, DOCUMENTS, ENDINGS, type Failure, GOOD_PEM, HANGS, REAL_TIME } from './failures.ts';
import { STEPS } from './good-tools.ts';
import { type Failing, type Shipped, type Stage, shipWith, stageIn } from './shipping.ts';

let folder: string;
let server: RegistryServer;
let stage: Stage;
beforeAll(async () => {
  folder = scratch('tool-failures');
  server = await startRegistry();
  stage = await stageIn(folder, server);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** The name of the tool in an error. */
const NAMES: Readonly<Record<Failing['step'], RegExp>> = {
  buildkitd: /BuildKit/,
  buildx: /buildx|BuildKit/,
  syft: /syft/i,
  'grype db import': /grype/i,
  'grype db status': /grype/i,
  grype: /grype/i,
  'cosign public-key': /cosign/,
  'cosign sign-blob': /cosign/,
};
/** Grype's 2 says that its threshold was reached, and the gate holds that against the report. */
const DISAGREES = /scanner-agrees: linux\/arm64: by its exit code the scan reached high, but by its report it does not/;
const ALL: readonly Failing['step'][] = ['buildkitd', ...STEPS];

function expectShut(shipped: Shipped, step: Failing['step'], says: RegExp): void {
  const { error, ...left } = shipped;
  expect(left).toEqual({ tags: [], manifestsSent: 0, leftBehind: [] });
  expect(error).toBeInstanceOf(TidegateError);
  const { message, next } = error as TidegateError;
  // The gate's rule does not ask which scanner it was.
  if (says !== DISAGREES) expect(message).toMatch(NAMES[step]);
  expect(message).toMatch(says);
  expect(message.length).toBeLessThan(5000);
  expect(next).toBeTruthy();
}

test('with tools that do their work the image is signed and has its tags', async () => {
  const { error, tags, manifestsSent } = await shipWith(stage, undefined);
  expect(error).toBeUndefined();
  expect(tags).toEqual(['1.2.3', 'latest']);
  expect(manifestsSent).toBeGreaterThanOrEqual(20);
});

/** Real processes are no better or worse than what is done in their place: the stand-in itself does not fail. */
test.each(STEPS)('%s, by a process that does its work: likewise', async (step) => {
  const { error, tags } = await shipWith(stage, { step, end: { kind: 'exit', code: 0 } });
  expect(error).toBeUndefined();
  expect(tags).toEqual(['1.2.3', 'latest']);
});

/** Where an exit code means something to whoever called. */
function expected(step: Failing['step'], { what, says }: Failure): RegExp {
  if (step === 'buildkitd') return /exited with|was killed by/;
  if (step === 'grype' && what === 'does all of its work and ends with 2') return DISAGREES;
  if (step === 'grype' && what.endsWith('ends with 2')) return /exited 0|did not write/;
  // Its 1 says that there is no database, or none that is whole.
  if (step === 'grype db status' && what.endsWith('with 1')) return /db status|cannot be used/;
  return says;
}

describe.each(ALL)('%s', (step) => {
  test.each(ENDINGS)('$what', async (failure) => {
    expectShut(await shipWith(stage, { step, ...failure }), step, expected(step, failure));
  });

  // Only the files that it leaves show a failure; a daemon leaves none and must go on.
  test.each(REAL_TIME)('$what', async (failure) => {
    // An import leaves nothing to see but its exit code: what Grype then says of its database counts.
    if (step === 'grype db import') return;
    expectShut(await shipWith(stage, { step, ...failure }), step, failure.says);
  });
});

describe('a tool that does not end is ended', () => {
  const running = new Map<string, Promise<Shipped>>();
  const cells = ALL.flatMap((step) => HANGS.map((failure) => ({ step, failure, what: failure.what })));
  beforeAll(() => {
    for (const { step, failure } of cells) running.set(step + failure.what, shipWith(stage, { step, ...failure }));
  });
  afterAll(async () => void (await Promise.allSettled(running.values())));
  test.each(cells)('$step $what', async ({ step, failure }) => {
    const shipped = await running.get(step + failure.what);
    if (!shipped) throw new Error('It was not started.');
    expectShut(shipped, step, step === 'buildkitd' ? /did not respond on .* within 0\.4 s/ : failure.says);
  });
});

describe.each(
  Object.entries(DOCUMENTS).flatMap(([step, documents]) =>
    Object.entries(documents).map(([name, bad]) => ({ step: step as Failing['step'], name, bad })),
  ),
)('$step ends with 0, and its $name', ({ step, name, bad }) => {
  test.each(bad)('$what', async (one) => {
    const spoil: Failing['spoil'] = (each, good, of) => (each === name ? one.bad(good, of) : good);
    expectShut(await shipWith(stage, { step, spoil, end: { kind: 'exit', code: 0 } }), step, one.says);
  });
});

describe.each(['grype db status', 'cosign public-key'] as const)('%s ends with 0, and what it prints', (step) => {
  const bad = BAD_OUTPUTS.filter(({ what }) => step !== 'cosign public-key' || !GOOD_PEM.includes(what));
  test.each(bad)('$what', async ({ bad }) => {
    const spoil: Failing['spoil'] = (_name, good, of) => bad(good, of);
    expectShut(await shipWith(stage, { step, spoil, end: { kind: 'exit', code: 0 } }), step, /db status|public key/);
  });
});

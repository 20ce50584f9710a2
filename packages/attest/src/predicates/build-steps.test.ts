import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { originsOf } from '@tidegate/core';
import { readBuildSteps } from './build-steps.ts';

/** Output of BuildKit 0.31 for a two-stage build on a base image given as a context, with COPY --link. */
const recorded: unknown = JSON.parse(
  await readFile(new URL('../../testdata/buildkit-provenance-max.json', import.meta.url), 'utf8'),
);

const told = readBuildSteps(recorded);

test('the Dockerfile is the one that was built', () => {
  expect(told?.dockerfile.split('\n')[5]).toBe('FROM debian:bookworm-slim');
});

test('each layer is found at its instruction, those of the base at the FROM', () => {
  const chains = told?.steps.flatMap((step) => step.chains) ?? [];
  const layers = chains.toSorted((a, b) => b.length - a.length)[0] ?? [];
  expect(layers).toHaveLength(10);
  const bases = [{ image: 'debian:bookworm-slim', line: 6 }];
  const origins = originsOf(layers, told?.steps ?? [], told?.dockerfile ?? '', bases);
  expect(origins.map((origin) => origin && [origin.kind, origin.line])).toEqual([
    ...Array(5).fill(['base', 6]),
    ['instruction', 7],
    ['instruction', 9],
    ['instruction', 10],
    ['instruction', 11],
    ['instruction', 12],
  ]);
  expect(origins[0]).toMatchObject({
    image: 'docker.io/library/debian:bookworm-slim',
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  expect(origins[5]).toMatchObject({ text: 'COPY --link --from=build /x /y' });
});

describe('other provenance is unchanged', () => {
  test.each([
    [undefined],
    [null],
    [[]],
    ['text'],
    [{}],
    [{ buildConfig: {}, metadata: {} }],
    [{ buildConfig: { llbDefinition: [{ id: 1 }] }, metadata: {} }],
    [{ ...(recorded as object), metadata: { 'https://mobyproject.org/buildkit@v1#metadata': { source: 'x' } } }],
  ])('%j', (value) => {
    expect(readBuildSteps(value)).toBeUndefined();
  });

  test('a line that is no line, a layer that is no digest', () => {
    const hostile = {
      buildConfig: { llbDefinition: [{ id: 'step0' }] },
      metadata: {
        'https://mobyproject.org/buildkit@v1#metadata': {
          source: {
            locations: { step0: { locations: [{ ranges: [{ start: { line: -1 }, end: { line: 1.5 } }] }] } },
            infos: [],
          },
          layers: { 'step0:0': [[{ digest: 'sha256:../../etc' }]] },
        },
      },
    };
    expect(readBuildSteps(hostile)).toEqual({ dockerfile: '', steps: [{ lines: [], chains: [[]] }] });
  });
});

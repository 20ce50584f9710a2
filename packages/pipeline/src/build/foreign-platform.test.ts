import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePlatform } from '@tidegate/core';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';
import { assertCanRun, firstRunIn } from './foreign-platform.ts';
import type { BuildOptions } from './options.ts';

const lineOf = (lines: readonly string[], target?: string) => firstRunIn(lines.join('\n'), target, new Map());

test.each<[string, readonly string[], number | undefined]>([
  ['a plain Dockerfile', ['FROM debian', 'COPY a /', 'RUN true'], 3],
  ['a stage that is copied from', ['FROM debian AS build', 'RUN true', 'FROM scratch', 'COPY --from=build /a /'], 2],
  ['a stage that is built on', ['FROM debian AS build', 'RUN true', 'FROM build'], 2],
  ['a stage of the target platform by name', ['FROM --platform=$TARGETPLATFORM debian', 'RUN true'], 2],
])('%s runs something on the platform of the image', (_, lines, line) => {
  expect(lineOf(lines)).toBe(line);
});

test.each<[string, readonly string[]]>([
  ['no RUN', ['FROM debian', 'COPY a /']],
  [
    'RUN on the machine that builds',
    ['FROM --platform=$BUILDPLATFORM golang AS b', 'RUN true', 'FROM scratch', 'COPY --from=b /a /'],
  ],
  [
    'a stage on such a stage',
    ['FROM --platform=$BUILDPLATFORM golang AS a', 'FROM a AS b', 'RUN true', 'FROM scratch', 'COPY --from=b / /'],
  ],
  ['a stage that nothing needs', ['FROM debian AS tests', 'RUN true', 'FROM scratch', 'COPY a /']],
  ['no Dockerfile that can be read', ['RUN <<EOF', 'FROM']],
])('%s needs no emulation', (_, lines) => {
  expect(lineOf(lines)).toBeUndefined();
});

test('a target ends the stages that count', () => {
  const lines = ['FROM debian AS one', 'COPY a /', 'FROM one AS two', 'RUN true'];
  expect(lineOf(lines, 'one')).toBeUndefined();
  expect(lineOf(lines, 'two')).toBe(4);
});

describe('a RUN step', () => {
  let context: string;
  beforeAll(async () => {
    context = await mkdtemp(join(tmpdir(), 'tidegate-platforms-'));
    await writeFile(join(context, 'Dockerfile'), 'FROM debian\nRUN true\n');
  });
  afterAll(() => rm(context, { recursive: true, force: true }));

  const HERE = parsePlatform('linux/amd64');
  const OURS: Builder = { name: 'own', env: {}, isHere: true };
  const THEIRS: Builder = { name: 'theirs', env: {} };

  /** @returns number of queries to the builder */
  async function check(wanted: string, builder: Builder, platforms: string): Promise<number> {
    let asked = 0;
    const services = {
      children: { create: async () => ({}) },
      run: async (_: string, argv: readonly string[]) => {
        expect(argv).toEqual(['inspect', builder.name, '--bootstrap']);
        asked += 1;
        return { stdout: `Name: ${builder.name}\nNodes:\nName: one\n${platforms}\n` };
      },
    } as unknown as Services;
    const options = { context, platforms: [parsePlatform(wanted)], buildArgs: [] } as unknown as BuildOptions;
    await assertCanRun(options, builder, 'buildx', services, HERE);
    return asked;
  }

  test("runs on a remote builder's machine, whatever this one is", async () => {
    expect(await check('linux/arm64', THEIRS, 'Platforms: linux/arm64*')).toBe(1);
    const refused = check('linux/amd64', THEIRS, 'Platforms: linux/arm64*, linux/arm/v7');
    await expect(refused).rejects.toThrow(
      'Dockerfile:2 RUN needs linux/amd64, which this builder cannot run. It can run linux/arm64, linux/arm/v7.',
    );
  });

  test('runs on any node of a builder, emulated or not', async () => {
    const nodes = 'Platforms: linux/amd64, linux/amd64/v2\nName: two\nPlatforms: linux/arm64*, linux/strange';
    expect(await check('linux/arm64', THEIRS, nodes)).toBe(1);
    expect(await check('linux/amd64', THEIRS, nodes)).toBe(1);
    await expect(check('linux/s390x', THEIRS, nodes)).rejects.toThrow('RUN needs linux/s390x');
  });

  test('for this machine is no question to a daemon of ours', async () => {
    expect(await check('linux/amd64', OURS, '')).toBe(0);
    expect(await check('linux/arm64', OURS, 'Platforms: linux/amd64, linux/arm64')).toBe(1);
    await expect(check('linux/arm64', OURS, 'Platforms: linux/amd64')).rejects.toThrow('RUN needs linux/arm64');
  });

  test('is left to a builder that does not say what it runs', async () => {
    expect(await check('linux/arm64', THEIRS, 'Status: inactive')).toBe(1);
  });
});

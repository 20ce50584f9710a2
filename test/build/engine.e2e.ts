/** The engine that build-image uses, and its cache. */
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runPost } from '@tidegate/testkit';
import { theSuite } from '../support/suite.ts';
import { cached, probes } from './probe.ts';

const exec = promisify(execFile);
const suite = await theSuite();
const { checkout, build, leaveAll } = probes(suite);
afterAll(leaveAll);

describe('caches', () => {
  test("steps come from BuildKit's cache, and run again if configured", async () => {
    const job = await checkout();
    await build(job);
    expect(cached(await build(job, { 'no-cache': 'false' }))).toBeGreaterThan(0);
    expect(cached(await build(job))).toBe(0);
  });

  test('of one stage are left out alone', async () => {
    const job = await checkout();
    const inputs = { target: 'stamped', 'build-contexts': '', 'no-cache': 'false' };
    await build(job, inputs);
    const { log } = await build(job, { ...inputs, 'no-cache-filters': 'stamped' });
    const isCached = (step: RegExp) => {
      const id = log.map((line) => step.exec(line)?.[1]).find((found) => found !== undefined);
      return log.includes(`#${id} CACHED`);
    };
    expect(isCached(/^#(\d+) \[shell \d\/\d] RUN/)).toBe(true);
    expect(isCached(/^#(\d+) \[stamped \d\/\d] RUN/)).toBe(false);
  });

  test('are written and read where it is said', async () => {
    const job = await checkout();
    const place = join(job.temp, '..', 'cache');
    await build(job, { 'cache-to': `type=local,dest=${place},mode=max` });
    expect(await readdir(place)).toContain('index.json');
    const { log } = await build(job, { 'cache-from': `type=local,src=${place}`, 'no-cache': 'false' });
    expect(log.join('\n')).toMatch(/importing cache manifest from local/);
  });
});

describe('the engine', () => {
  test('is the builder that is named, whatever BUILDKIT_HOST says', async () => {
    const job = await checkout();
    const BUILDX_CONFIG = join(job.temp, '..', 'buildx');
    await exec(join(suite.tools, 'buildx'), ['create', '--name', 'mine', '--driver', 'remote', suite.buildkit], {
      env: { PATH: process.env.PATH, HOME: job.temp, BUILDX_CONFIG },
    });
    await build(job, { builder: 'mine' }, { BUILDX_CONFIG, BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' });
    // Notes of buildx about the user's builder belong to the user.
    expect(await readdir(join(BUILDX_CONFIG, 'refs', 'mine'), { recursive: true })).toHaveLength(2);
  });

  test('leaves no notes of builds behind, done or failed, in what is kept between jobs', async () => {
    const job = await checkout();
    await build(job);
    await expect(build(job, { target: '' })).rejects.toThrow(/exit code: 9/);
    const config = join(job.toolCache, 'tidegate-buildx');
    const there = await readdir(config, { recursive: true, withFileTypes: true });
    const notes = there.filter(({ parentPath }) => parentPath.includes('/refs/'));
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.filter((entry) => entry.isFile())).toEqual([]);
  });

  test('that is started here keeps its state where it is said, and lets a step have the network', async () => {
    const job = await checkout();
    const state = join(job.temp, '..', 'state');
    const own = { 'buildkit-state': state, network: 'host', 'no-cache': 'false' };
    const first = await build(job, own, { BUILDKIT_HOST: '' });
    expect(cached(first)).toBe(0);
    expect((await runPost(first))?.exitCode).toBe(0);
    const second = await build(job, own, { BUILDKIT_HOST: '' });
    expect((await runPost(second))?.exitCode).toBe(0);
    expect(cached(second)).toBeGreaterThan(0);
    await rm(state, { recursive: true, force: true });
  });
});

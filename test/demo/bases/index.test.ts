import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '@tidegate/testkit';
import { basesOf } from './index.ts';
import { MADE_BASES } from './made.ts';

const EXAMPLE = join(repositoryRoot, 'examples/app/Dockerfile');

describe('the base images of a Dockerfile', () => {
  test('are its FROM lines, each once, and not its own stages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bases-'));
    const file = join(folder, 'Dockerfile');
    await writeFile(file, 'FROM --platform=$BUILDPLATFORM a:1 AS one\nfrom b@sha256:0 as two\nFROM one\nFROM a:1\n');
    const found = await basesOf(file);
    await rm(folder, { recursive: true });
    expect(found).toEqual(['a:1', 'b@sha256:0']);
  });

  test("the example's are pinned by digest, and each can be made where no registry is reached", async () => {
    const found = await basesOf(EXAMPLE);
    expect(found).toHaveLength(2);
    for (const reference of found) {
      expect(reference).toMatch(/@sha256:[0-9a-f]{64}$/);
      expect(Object.keys(MADE_BASES)).toContain(reference.split('@')[0]);
    }
  });
});

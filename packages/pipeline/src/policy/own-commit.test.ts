/** Commits of `extends`: only those of the repository itself, not other commits that a host stores with it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Services } from '../services.ts';
import { gitSource } from './git-source.ts';
import { git, gitServices, newRepository, type Repository } from './repository.fixture.ts';

const POLICY = '.github/tidegate.yml';
const folders: string[] = [];
let temp: string;
let services: Services;

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'tidegate-own-'));
  folders.push(temp);
  services = gitServices(temp);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function repository(format?: 'sha1' | 'sha256'): Promise<Repository> {
  const made = await newRepository(format);
  folders.push(made.folder);
  // A host serves every object by its id, regardless of who has pushed it.
  await git(made.folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  return made;
}

async function read({ url }: Repository, commit: string): Promise<string | undefined> {
  await using source = gitSource(url, commit, services, ['file']);
  const bytes = await source.read(POLICY);
  return bytes && Buffer.from(bytes).toString();
}

/** A commit on top of main that no branch contains any more. */
async function imposter(made: Repository, ref?: string): Promise<string> {
  await git(made.folder, 'checkout', '--quiet', '-b', 'stranger');
  const commit = await made.commit({ [POLICY]: 'lax' });
  await git(made.folder, 'checkout', '--quiet', 'main');
  await git(made.folder, 'branch', '--quiet', '-D', 'stranger');
  if (ref) await git(made.folder, 'update-ref', ref, commit);
  return commit;
}

describe.each(['sha1', 'sha256'] as const)('of a repository with %s', (format) => {
  test('the head of a branch is read, and a commit before it', async () => {
    const made = await repository(format);
    const first = await made.commit({ [POLICY]: 'first' });
    const second = await made.commit({ [POLICY]: 'second' });
    await made.commit({ [POLICY]: 'third' });
    expect(await read(made, first)).toBe('first');
    expect(await read(made, second)).toBe('second');
  });

  test('a commit of a fork is refused', async () => {
    const made = await repository(format);
    await made.commit({ [POLICY]: 'strict' });
    const commit = await imposter(made);
    await expect(read(made, commit)).rejects.toThrow(
      `The commit ${commit} is not on any branch or tag of ${made.url}.`,
    );
  });
});

describe('a commit', () => {
  test('that only a pull request has is refused', async () => {
    const made = await repository();
    await made.commit({ [POLICY]: 'strict' });
    await expect(read(made, await imposter(made, 'refs/pull/7/head'))).rejects.toThrow(
      'is not on any branch or tag of',
    );
  });

  test.each(['refs/tags/v1', 'refs/heads/release/1.x'])('that %s leads to is read', async (ref) => {
    const made = await repository();
    await made.commit({ [POLICY]: 'strict' });
    expect(await read(made, await imposter(made, ref))).toBe('lax');
  });

  test('that an annotated tag names is read, also when it is older', async () => {
    const made = await repository();
    const old = await made.commit({ [POLICY]: 'old' });
    const tagged = await imposter(made);
    await git(made.folder, 'tag', '--annotate', '--message=v2', 'v2', tagged);
    expect(await read(made, tagged)).toBe('lax');
    expect(await read(made, old)).toBe('old');
  });

  test('that is the id of something else is refused', async () => {
    const made = await repository();
    await made.commit({ [POLICY]: 'strict' });
    const tree = await git(made.folder, 'rev-parse', 'HEAD^{tree}');
    await expect(read(made, tree)).rejects.toThrow();
  });

  test('is held to the same where the host sends whole histories only', async () => {
    const made = await repository();
    await git(made.folder, 'config', 'uploadpack.allowFilter', 'false');
    const old = await made.commit({ [POLICY]: 'old' });
    await made.commit({ [POLICY]: 'new' });
    expect(await read(made, old)).toBe('old');
    await expect(read(made, await imposter(made))).rejects.toThrow('is not on any branch or tag of');
  });

  test('leaves nothing behind, read or refused', async () => {
    const made = await repository();
    const own = await made.commit({ [POLICY]: 'strict' });
    await read(made, own);
    await expect(read(made, await imposter(made))).rejects.toThrow();
    expect((await readdir(temp)).filter((name) => /^(refs|policy|object)-/.test(name))).toEqual([]);
  });
});

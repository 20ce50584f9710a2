/** The testkit's registry answers as real ones do: the same conversation with all of them, step by step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { devTools, ensureDebianPackages, startRegistry } from '@tidegate/testkit';
import { startDockerRegistry, startOlareg } from '../../support/servers.ts';
import { CONVERSATION, type Said, talk } from './support/conversation.ts';

const stack = new AsyncDisposableStack();
const heard = new Map<string, ReadonlyMap<string, Said>>();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-contract-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureDebianPackages(['docker-registry']);
  const { olareg } = await devTools(['olareg']);
  const real = {
    olareg: stack.use(await startOlareg(olareg)),
    'docker-registry': stack.use(await startDockerRegistry(folder)),
  };
  for (const [name, { address }] of Object.entries(real)) heard.set(name, await talk(`http://${address}`));
  for (const referrers of [true, false]) {
    const server = await startRegistry({ referrers, conditions: false });
    stack.defer(() => server.close());
    heard.set(referrers ? 'testkit' : 'testkit without referrers', await talk(server.url));
  }
}, 600_000);
afterAll(() => stack.disposeAsync());

/** Where a real registry goes its own way, or a stricter one; the testkit keeps to the specification and to distribution. */
const PECULIAR: Readonly<Record<string, readonly string[]>> = {
  olareg: [
    // An empty list.
    'tags of a repository that is not there',
    // BLOB_UPLOAD_INVALID, where the digest is at fault.
    'an upload that lies is refused',
    // SIZE_INVALID beside the 416.
    'a chunk that is not the next',
    // 202.
    'an upload is given up',
  ],
  'docker-registry': [
    // distribution 2.8 reads no Content-Range: it takes any chunk for the next.
    'a chunk that is not the next',
    // It lists all tags, whatever `n` says.
    'some tags',
  ],
};

describe.each([
  ['olareg', 'testkit'],
  ['docker-registry', 'testkit without referrers'],
])('%s and the %s', (real, own) => {
  /** The testkit may say more than a real one does, and must say all that it says. */
  const agree = (what: string) => expect(heard.get(own)?.get(what)).toMatchObject(heard.get(real)?.get(what) ?? {});

  test.each(CONVERSATION.map(({ what }) => what).filter((what) => !PECULIAR[real]?.includes(what)))('%s', agree);

  test.each(PECULIAR[real] ?? [])('still differ: %s', (what) => {
    expect(() => agree(what)).toThrow();
  });
});

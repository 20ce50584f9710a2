/** Code of others in the workflows is pinned: actions by commit, and QEMU's image by digest. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readWorkflow, repositoryRoot } from '@tidegate/testkit';

const WORKFLOW = 'commit-to-registry.yml';
const folder = join(repositoryRoot, '.github/workflows');
const sources = new Map<string, string>();

beforeAll(async () => {
  for (const file of (await readdir(folder)).toSorted()) sources.set(file, await readFile(join(folder, file), 'utf8'));
});

/**
 * Actions of others that run in our users' jobs, by the commit of their release: compared with the tag in the action's
 * own repository when it is entered here. A new version is a decision, so an update changes this list too.
 */
const REVIEWED = {
  'actions/checkout': '3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
  'actions/upload-artifact': '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1',
  'actions/download-artifact': '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1',
  'docker/setup-qemu-action': '96fe6ef7f33517b61c61be40b68a1882f3264fb8 # v4.2.0',
};

describe('every workflow', () => {
  test('pins every action of others by commit, names its release, and has one commit for each', () => {
    const commits = new Map<string, Set<string>>();
    for (const [file, source] of sources) {
      for (const line of source.split('\n').filter((text) => /^\s+(- )?uses: /.test(text))) {
        if (line.includes('uses: $/')) continue;
        const [, action = '', pin = ''] = /uses: ([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(line) ?? [];
        expect([file, line.trim(), pin !== '']).toEqual([file, line.trim(), true]);
        commits.set(action, (commits.get(action) ?? new Set()).add(pin));
      }
    }
    expect([...commits].filter(([, pins]) => pins.size !== 1)).toEqual([]);
    expect(commits.size).toBeGreaterThan(3);
  });
});

describe('commit-to-registry.yml', () => {
  test('uses the reviewed releases of four actions of others, and no other', () => {
    const uses = [...(sources.get(WORKFLOW) ?? '').matchAll(/^\s+(?:- )?uses: ([^$@\s]+)@(.+)$/gm)];
    expect(Object.fromEntries(uses.map(([, action, pin]) => [action, pin]))).toEqual(REVIEWED);
  });

  test('installs QEMU only if configured, from an image by digest, without a cache', async () => {
    const workflow = await readWorkflow(join(folder, WORKFLOW));
    const qemu = Object.values(workflow.jobs)
      .flatMap(({ steps = [] }) => steps)
      .filter((step) => step.uses?.startsWith('docker/setup-qemu-action@'));
    // To build, to build again, and to run the tests.
    expect(qemu.map((step) => [step.if, step.with])).toEqual(
      Array(3).fill([
        'inputs.setup-qemu',
        {
          image: expect.stringMatching(/^tonistiigi\/binfmt:\S+@sha256:[0-9a-f]{64}$/),
          platforms: `\${{ matrix.platform }}`,
          'cache-image': false,
        },
      ]),
    );
  });
});

import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { Buffers } from './buffers.ts';
import { EarlySync } from './early-sync.ts';
import { scratchFolder } from './fixture.ts';
import { receive, WRITE_SIZE } from './receive.ts';

const base = scratchFolder('early-sync');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const MIB = 1024 * 1024;
const NO_FILE = 2 ** 31 - 1;

test('a file is synced once so much more of it is there, and two of all at once', async () => {
  const files = ['a', 'b', 'c'].map((name) => openSync(join(base, name), 'w'));
  const [first, second, third] = files.map((file) => new EarlySync(file)) as [EarlySync, EarlySync, EarlySync];
  first.reached(16 * MIB - 1);
  expect(first.settled()).toBeUndefined();
  first.reached(16 * MIB);
  second.reached(20 * MIB);
  third.reached(40 * MIB);
  expect(first.settled()).toBeInstanceOf(Promise);
  expect(second.settled()).toBeInstanceOf(Promise);
  expect(third.settled()).toBeUndefined();
  await Promise.all([first.settled(), second.settled()]);
  expect(first.settled()).toBeUndefined();
  first.reached(32 * MIB - 1);
  expect(first.settled()).toBeUndefined();
  third.reached(41 * MIB);
  await third.settled();
  for (const file of files) closeSync(file);
});

test('what a sync met is said to who waits, and none follows it', async () => {
  const early = new EarlySync(NO_FILE);
  early.reached(16 * MIB);
  await expect(early.settled()).rejects.toThrow(/EBADF/);
  early.reached(64 * MIB);
  await expect(early.settled()).rejects.toThrow(/EBADF/);
  // It does not count among those under way for ever.
  const file = openSync(join(base, 'later'), 'w');
  const later = new EarlySync(file);
  later.reached(16 * MIB);
  await later.settled();
  closeSync(file);
});

test('bytes that the disk lost before their end are not taken for written', async () => {
  const bytes = Buffer.alloc(17 * MIB, 'x');
  const blob = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
  const sink = { number: NO_FILE, write: () => undefined };
  const content = { open: () => Readable.from([bytes.subarray(0, 16 * MIB), bytes.subarray(16 * MIB)]) };
  await expect(receive(blob, content, sink, 'here', new Buffers(WRITE_SIZE), {})).rejects.toMatchObject({
    code: 'layout',
    message: expect.stringMatching(/^here could not be written: .*EBADF/),
  });
});

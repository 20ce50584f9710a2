import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { processesNaming } from './processes.ts';

test.each(['cmdline', 'environ'] as const)(
  'a process is found by its %s, and by nothing that is not there',
  async (where) => {
    const text = where === 'cmdline' ? 'jest' : 'PATH=';
    expect(await processesNaming(text, where)).toContainEqual({
      pid: process.pid,
      line: expect.stringContaining('jest'),
    });
    expect(await processesNaming(randomUUID(), where)).toEqual([]);
  },
);

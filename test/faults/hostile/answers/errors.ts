/** The words in which a registry refuses. */
import type { HostileCase } from '../case.ts';
import { answering, checkPush, endless, json, resolve } from './registry.ts';

export const errors: readonly HostileCase[] = [
  ...(
    [
      [
        'a workflow command',
        JSON.stringify({ errors: [{ code: 'X', message: '\n::set-output name=x::y\n##[error]z' }] }),
      ],
      ['escape sequences', JSON.stringify({ errors: [{ code: 'X', message: '\u001b[31mred\u001b]0;title\u0007' }] })],
      ['text that runs backwards', JSON.stringify({ errors: [{ code: 'X', message: '\u202egpj.exe' }] })],
      ['errors that are no list', JSON.stringify({ errors: 5 })],
      ['errors that are null', JSON.stringify({ errors: [null, [], 'x', { code: {}, message: [] }] })],
      [
        'ten thousand errors',
        JSON.stringify({ errors: Array.from({ length: 10_000 }, () => ({ code: 'X', message: 'y' })) }),
      ],
      ['brackets', '['.repeat(60_000)],
      ['a page', `<html>${'x'.repeat(100_000)}`],
      ['NUL', '\0\0\0'],
    ] as const
  ).map(([what, body]) => answering(`refuses with ${what}`, checkPush, () => ({ status: 403, headers: json, body }))),
  answering('refuses without end', checkPush, () => ({ status: 403, body: endless })),
  answering('wants to be asked again in a thousand years', resolve, () => ({
    status: 503,
    headers: { 'retry-after': '31536000000' },
  })),
  answering('wants to be asked again never', resolve, () => ({ status: 429, headers: { 'retry-after': 'never' } })),
  answering('wants to be asked again before now', resolve, () => ({ status: 429, headers: { 'retry-after': '-1' } })),
];

/** docs/limits.md against the constants in the sources. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './repository.ts';

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, min: 60_000 };
const page = await readFile(join(ROOT, 'docs/limits.md'), 'utf8');
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap((cells) => {
    const [, path, constant] = /^`([^`]+)` `([^`]+)`$/.exec(cells.at(-2) ?? '') ?? [];
    return path && constant ? [{ value: cells[2] ?? '', warning: cells[3] ?? '', path, constant }] : [];
  });

/** `48 MiB`, in bytes; `10 min`, in milliseconds. */
function numberOf(text: string): number {
  const [amount, unit] = text.split(' ');
  return Number(amount) * (unit === undefined ? 1 : (UNITS[unit] ?? Number.NaN));
}

/** Products and powers of numbers. */
function amountOf(expression: string): number {
  return expression
    .replaceAll('_', '')
    .split(/ \* (?!\*)/)
    .map((factor) => factor.split(' ** ').map(Number))
    .reduce((product, [base = Number.NaN, power = 1]) => product * base ** power, 1);
}

test.each(rows.map((row) => [row.constant, row.path, row] as const))('%s of %s is %s', async (_, path, row) => {
  const source = await readFile(join(ROOT, path), 'utf8');
  const [, expression = ''] = new RegExp(`^(?:export )?const ${row.constant} = ([^;]+);`, 'm').exec(source) ?? [];
  expect(amountOf(expression)).toBe(numberOf(row.value));
});

test('the page has every limit that evidence and reports have', () => {
  const names = rows.map(({ constant }) => constant);
  expect(names).toEqual(
    expect.arrayContaining([
      ...['MOST_SIGNATURES', 'MOST_BYTES', 'MOST_MILLISECONDS', 'MAX_STATEMENT_BYTES', 'MAX_SIGNED_BYTES'],
      ...['MAX_REPORT_BYTES', 'MAX_CONTENTS_BYTES', 'MAX_VEX_BYTES', 'MAX_POLICY_BYTES', 'MOST_IMAGES'],
    ]),
  );
});

test('the page says from when users are warned', async () => {
  const source = await readFile(join(ROOT, 'packages/pipeline/src/verify/signed-contents.ts'), 'utf8');
  expect(source).toContain('const [MANY_SIGNATURES, MANY_BYTES] = [MOST_SIGNATURES / 10, MOST_BYTES / 4];');
  const warnings = rows.filter(({ constant }) => constant === 'MOST_SIGNATURES' || constant === 'MOST_BYTES');
  expect(warnings.map(({ warning }) => numberOf(warning))).toEqual([500, 256 * 1024 ** 2]);
});

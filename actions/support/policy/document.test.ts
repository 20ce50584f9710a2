import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { effectivePolicy, hexOf, policyDocument } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { givenDocument, writeDocument } from './document.ts';

let folder: string;
let job: Job;
const document = policyDocument(effectivePolicy({ version: 1 }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-document-'));
  const quiet = () => {};
  job = { temp: folder, workspace: folder, log: { info: quiet } } as unknown as Job;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const given = async (over: Readonly<Record<string, unknown>> = {}) =>
  givenDocument(
    {
      'policy-document': await writeDocument(document, job),
      'policy-document-sha256': hexOf(document.digest),
      ...over,
    },
    job,
  );

test('the document that plan wrote is read as it was resolved', async () => {
  expect(await given()).toStrictEqual(document);
  expect(await given({ policy: '', require: [], 'max-db-age': undefined, 'fail-on': '' })).toStrictEqual(document);
});

test('without either input there is none', async () => {
  expect(await givenDocument({ 'policy-document': '', 'policy-document-sha256': '' }, job)).toBeUndefined();
});

test.each([
  ['without a path', { 'policy-document': '' }, 'Input policy-document: got "", expected a file'],
  ['without a checksum', { 'policy-document-sha256': '' }, 'Input policy-document-sha256: got "", expected 64 hex'],
  ['that is not there', { 'policy-document': 'none.json' }, 'Input policy-document: got "none.json"'],
  ['that is a folder', { 'policy-document': '.' }, 'Input policy-document: got "."'],
  ['beside policy', { policy: 'p.yml' }, 'policy: no effect together with policy-document.'],
  ['beside a threshold', { 'fail-on': 'none', 'only-fixed': 'true' }, 'fail-on, only-fixed: no effect together with'],
  ['beside an age', { 'max-db-age': 0 }, 'max-db-age: no effect together with'],
  ['beside required evidence', { require: ['none'] }, 'require: no effect together with'],
])('a document %s is refused', async (_, over, said) => {
  await expect(given(over)).rejects.toThrow(said);
});

test('other bytes than the checksum names are refused before they are read', async () => {
  const other = join(folder, 'other.json');
  await writeFile(other, '{"format":"tidegate/effective-policy/1","policy":{"failOn":"none"}}');
  await expect(given({ 'policy-document': other })).rejects.toThrow(
    `${other} does not match its checksum: got sha256:`,
  );
});

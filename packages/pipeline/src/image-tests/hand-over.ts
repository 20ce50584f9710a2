/** Test results travel between jobs as statements alone: the job that runs the image hands over no other evidence. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceOf, parseStatement } from '@tidegate/attest';
import { type Descriptor, type Digest, hexOf, PredicateType, TidegateError } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import { attachStatement } from '../evidence/store.ts';
import type { Target } from '../target.ts';

/** In bytes: several thousand names of tests. */
const MAX_BYTES = 4 * 1024 * 1024;
const SUFFIX = '.json';

/** Write the result of each platform to a folder, named by the digest of the platform. */
export async function writeTestResults(folder: string, results: ReadonlyMap<Digest, Uint8Array>): Promise<void> {
  await makeFolder(folder);
  for (const [digest, bytes] of results) await writeFile(join(folder, `${hexOf(digest)}${SUFFIX}`), bytes);
}

/**
 * Store the test results in a folder as evidence. The folder may contain nothing else: it comes from a job that ran code
 * of the image, which must not add or replace other evidence.
 * @throws TidegateError `evidence` for any other file, and for a result of another image
 */
export async function takeTestResults(target: Target, folder: string): Promise<void> {
  const platforms = new Map(target.image.platforms.map(({ descriptor }) => [hexOf(descriptor.digest), descriptor]));
  for (const name of (await readdir(folder)).toSorted()) {
    const subject = platforms.get(name.slice(0, -SUFFIX.length));
    if (!name.endsWith(SUFFIX) || !subject) {
      throw new TidegateError(
        'evidence-of-other-image',
        `${JSON.stringify(name)} is not a test result of a platform of ${target.image.root.digest}.`,
      );
    }
    await take(target, subject, join(folder, name));
  }
}

async function take(target: Target, subject: Descriptor, file: string): Promise<void> {
  const { size } = await stat(file);
  const refused = (why: string) =>
    new TidegateError('evidence-invalid', `${file} is not a test result of ${subject.digest}: ${why}.`);
  if (size > MAX_BYTES) throw refused(`it has ${size} bytes, more than ${MAX_BYTES}`);
  const bytes = await readFile(file);
  const statement = parseStatement(bytes);
  if (statement.predicateType !== PredicateType.tests) throw refused('it is another kind of statement');
  // The signature covers every subject: no other image may be among them.
  if (statement.subject.length !== 1) throw refused(`it has ${statement.subject.length} subjects`);
  const said = evidenceOf(bytes, subject.digest);
  if (said?.kind === 'unreadable') throw refused(said.why.replace(/\.$/, ''));
  await attachStatement(target, subject, { statement, bytes });
}

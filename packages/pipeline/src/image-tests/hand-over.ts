/** Test results travel between jobs as statements alone: the job that runs the image hands over no other evidence. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceOf, parseStatement } from '@tidegate/attest';
import { type Descriptor, type Digest, hexOf, PredicateType, quoted, TidegateError } from '@tidegate/core';
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
 * Store the test results in a folder as evidence. The folder may contain nothing else: it comes from jobs that ran code
 * of the image, which must not add or replace other evidence.
 * @param artifacts folders in it that come from one job each, and the platforms that the job has tested: it must not
 * replace the results of other jobs
 * @throws TidegateError `evidence` for any other file, and for a result of another image
 */
export async function takeTestResults(
  target: Target,
  folder: string,
  artifacts: ReadonlyMap<string, readonly Digest[]> = new Map(),
): Promise<void> {
  const all = target.image.platforms.map(({ descriptor }) => descriptor);
  for (const entry of await entriesOf(folder)) {
    const own = entry.isDirectory() ? artifacts.get(entry.name) : undefined;
    if (!own) {
      await takeFile(target, all, folder, entry.name);
      continue;
    }
    const tested = all.filter(({ digest }) => own.includes(digest));
    const inside = join(folder, entry.name);
    for (const { name } of await entriesOf(inside)) await takeFile(target, tested, inside, name);
  }
}

async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function takeFile(target: Target, tested: readonly Descriptor[], folder: string, name: string): Promise<void> {
  const subject = tested.find(({ digest }) => name === `${hexOf(digest)}${SUFFIX}`);
  if (!subject) {
    const platforms = tested.map(({ digest }) => digest).join(', ');
    throw new TidegateError(
      'evidence-of-other-image',
      `${quoted(join(folder, name))} is not a test result of a platform of ${target.image.root.digest}: expected ${platforms}.`,
    );
  }
  await take(target, subject, join(folder, name));
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

/** An editor with the schema and the reader of policy files accept the same documents. */
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { POLICY_FILE } from './definition.ts';
import { type Json, VALID } from './document-values.fixture.ts';
import { changedDocument, generator, validDocument } from './generated.fixture.ts';
import { policySchema } from './json-schema.ts';
import { Reading } from './problem.ts';
import { readPolicyFile } from './read.ts';
import { treeOf } from './tree.ts';
import { POLICY_FORMATS } from './words.ts';

const ROUNDS = 8000;

const ajv = formats.default(new Ajv({ strict: true, allowUnionTypes: true }));
for (const [name, validate] of Object.entries(POLICY_FORMATS)) ajv.addFormat(name, validate);
const bySchema = ajv.compile(policySchema());
/** Editors do not know our formats: only the reader checks them. */
const bare = new Ajv({ strict: true, allowUnionTypes: true });
for (const name of ['date', ...Object.keys(POLICY_FORMATS)]) bare.addFormat(name, true);
const byEditor = bare.compile(policySchema());

function byReader(document: Json): { readonly accepted: boolean; readonly why: string } {
  const reading = new Reading('policy.yml');
  const policy = POLICY_FILE.read(treeOf(document), '', reading);
  const [problem] = reading.problems;
  return { accepted: policy !== undefined && !problem, why: problem ? `${problem.key}: ${problem.why}` : '' };
}

describe('schema and reader accept the same', () => {
  test('of every value of every key', () => {
    for (const [key, values] of Object.entries(VALID)) {
      for (const value of values) {
        const document = { version: 1, [key]: value };
        expect({ document, schema: bySchema(document), reader: byReader(document) }).toMatchObject({
          ...{ schema: true, reader: { accepted: true } },
        });
      }
    }
  });

  test(`of ${ROUNDS} documents, most of them spoilt`, () => {
    const random = generator(20261128);
    const counts = { both: 0, neither: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const document = changedDocument(validDocument(random), random);
      const reader = byReader(document);
      const schema = bySchema(document);
      if (reader.accepted !== schema) {
        expect({ round, document, reader, errors: bySchema.errors, schema }).toMatchObject({ schema: reader.accepted });
      }
      if (reader.accepted) expect(byEditor(document)).toBe(true);
      counts[schema ? 'both' : 'neither'] += 1;
    }
    // Otherwise a reader that accepts everything, or nothing, would pass unnoticed.
    expect(counts.both).toBeGreaterThan(ROUNDS / 10);
    expect(counts.neither).toBeGreaterThan(ROUNDS / 10);
  });

  test('of the same documents as files', async () => {
    const random = generator(7);
    for (let round = 0; round < 600; round += 1) {
      const document = changedDocument(validDocument(random), random);
      // No file can contain half a character.
      const text = JSON.stringify(document);
      if (!text.isWellFormed() || /\\ud[89a-f]/i.test(text)) continue;
      const read = await readPolicyFile(Buffer.from(text), 'policy.yml').then(
        () => true,
        () => false,
      );
      expect({ round, text, read }).toMatchObject({ read: bySchema(JSON.parse(text)) });
    }
  });
});

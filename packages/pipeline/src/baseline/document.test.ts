import { expect, test } from '@jest/globals';
import { compared, LIVE } from './baseline.fixture.ts';
import { baselineDocument, readBaselineDocument } from './document.ts';

test('the baseline is passed on as a document, and no other content is accepted as one', () => {
  const baseline = compared([LIVE], { 'CVE-1': 'high' }, 'key');
  const bytes = baselineDocument(baseline);
  expect(readBaselineDocument(bytes, 'b.json')).toEqual(baseline);
  const text = Buffer.from(bytes).toString();
  for (const wrong of [
    text.replace('baseline/1', 'baseline/2'),
    text.replace('"high"', '"severe"'),
    text.replace('"findings"', '"more":1,"findings"'),
    text.slice(1),
  ]) {
    expect(() => readBaselineDocument(Buffer.from(wrong), 'b.json')).toThrow(
      expect.objectContaining({
        id: 'baseline-document-invalid',
        message: expect.stringContaining('b.json is not a baseline'),
      }),
    );
  }
});

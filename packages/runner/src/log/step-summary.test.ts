import { expect, test } from '@jest/globals';
import { createStepSummary } from './step-summary.ts';

const FAILURE = '## ❌ Failed\n';

function summary() {
  const written: string[] = [];
  const made = createStepSummary(async (markdown) => {
    written.push(markdown);
  });
  return { ...made, written };
}

test('a run that succeeds shows its sections in order', async () => {
  const { add, succeed, written } = summary();
  add('# one', false);
  add('# two\n', false);
  await succeed();
  expect(written).toEqual(['# one\n\n# two\n']);
});

test('a run that reports nothing writes nothing', async () => {
  const { succeed, written } = summary();
  await succeed();
  expect(written).toEqual([]);
});

test('a failure comes first, and earlier reports are folded below it', async () => {
  const { add, fail, written } = summary();
  add('## ✅ gate passed', false);
  await fail(FAILURE, undefined);
  expect(written).toEqual([`${FAILURE}\n<details><summary>Report</summary>\n\n## ✅ gate passed\n\n</details>\n`]);
});

test('the verdict that failed the run is the only headline', async () => {
  const { add, fail, written } = summary();
  add('## ❌ app: gate failed', true);
  add('## Sources', false);
  await fail(FAILURE, 'TG6001');
  expect(written).toEqual(['## ❌ app: gate failed\n\nTG6001\n\n## Sources\n']);
});

test('a verdict is folded if something else failed the run', async () => {
  const { add, fail, written } = summary();
  add('## ❌ app: gate failed', true);
  await fail(FAILURE, undefined);
  expect(written[0]).toMatch(/^## ❌ Failed\n/);
});

test('sources that fail without a verdict on an image still have their headline', async () => {
  const { add, fail, written } = summary();
  add('## Sources', false);
  await fail(FAILURE, 'TG6001');
  expect(written[0]).toMatch(/^## ❌ Failed\n.*<details>.*## Sources/s);
});

test('a second failure is not written again', async () => {
  const { fail, written } = summary();
  await Promise.all([fail(FAILURE, undefined), fail('## ❌ Another\n', undefined)]);
  expect(written).toEqual([FAILURE]);
});

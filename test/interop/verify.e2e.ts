/**
 * Results of cosign 3 and Tidegate for the same image in the same registry, signed by a real Sigstore and then spoilt in
 * one place. They agree; where they do not, `right` says who is, and by which section.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { attach, pushImage } from './support/signed-image.ts';
import { CERTIFICATE } from './verify/certificate.ts';
import { CONTENT } from './verify/content.ts';
import { LOG } from './verify/log.ts';
import { image, newRegistry, prepare, running } from './verify/signatures.ts';
import { GOOD, IDENTITIES } from './verify/signers.ts';
import { TIME } from './verify/time.ts';
import { cosignSays, rootOf, spoilt, weSay } from './verify/verdicts.ts';

beforeAll(prepare, 1_800_000);

afterAll(() => running.disposeAsync());

describe.each(
  Object.entries({
    'what is sound': GOOD,
    'who signed': IDENTITIES,
    'what was signed': CONTENT,
    'the transparency log': LOG,
    'the time': TIME,
    'the certificate': CERTIFICATE,
  }),
)('%s', (_, cases) => {
  test.each(Object.entries(cases))('%s', async (_name, one) => {
    const { registry, reference } = newRegistry(one.registry ?? 'olareg');
    await pushImage(registry, 'the image');
    if (one.bundle) await attach(registry, image, spoilt(one), one.predicateType ?? PredicateType.signature);
    await one.place?.({ registry, reference });
    const root = await rootOf(one);
    const [cosign, ours] = await Promise.all([cosignSays(one, reference, root.file), weSay(one, registry, root.bytes)]);
    const wanted = { ours: one.says, cosign: one.right === undefined ? one.says : one.says === 'yes' ? 'no' : 'yes' };
    expect({
      ours: ours.says,
      cosign: cosign.says,
      ...(ours.says === wanted.ours && cosign.says === wanted.cosign ? {} : { why: [ours.why, cosign.why] }),
    }).toEqual(wanted);
  });
});

test('the matrix is as large as it is said to be', () => {
  const cases = [GOOD, IDENTITIES, CONTENT, LOG, TIME, CERTIFICATE].flatMap((part) => Object.values(part));
  expect(cases.length).toBeGreaterThanOrEqual(100);
});

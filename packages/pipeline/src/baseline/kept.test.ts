import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KeySigner, makeStatement, type Trust } from '@tidegate/attest';
import { MediaType, PredicateType } from '@tidegate/core';
import { attachLocal, readEvidence, readStatements, TRUST_NONE } from '../evidence/store.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget, type Target } from '../target.ts';
import { compared, LIVE, newImages, newSigner } from './baseline.fixture.ts';
import { dropBaseline, keepBaseline } from './kept.ts';

let signer: KeySigner;
let images: Awaited<ReturnType<typeof newImages>>;
beforeAll(async () => {
  [images, signer] = await Promise.all([newImages(), newSigner()]);
});
afterAll(() => images.remove());

const trustIn = ({ publicKey }: KeySigner): Trust => ({ publicKeys: [publicKey] });
const baselinesOf = async (target: Target, trust = TRUST_NONE) =>
  (await readEvidence(await openTarget(target.layout.folder), trust)).filter((one) => one.kind === 'baseline');

describe('beside the image', () => {
  test('lies what both have, and the signature is over it', async () => {
    const target = await images.imageWith({ findings: { 'CVE-1': 'high', 'CVE-9': 'low' } });
    await keepBaseline(target, compared([LIVE], { 'CVE-1': 'high', 'CVE-2': 'low' }, signer.identity));
    const [found, ...more] = await baselinesOf(target);
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      live: [LIVE],
      signer: signer.identity,
      findings: [{ id: 'CVE-1', severity: 'high' }],
    });
    await sign(target, { signer, witnesses: [], trust: trustIn(signer) }, services);
    const signatures = (await readEvidence(target, trustIn(signer))).filter((one) => one.kind === 'signature');
    expect(signatures.map(({ payload }) => payload)).toContain(found?.statement);
  });

  test('lies why nothing was compared', async () => {
    const target = await images.imageWith({ findings: { 'CVE-1': 'high' } });
    await keepBaseline(target, { why: 'This run signs nothing.', findings: {} });
    expect(await baselinesOf(target)).toMatchObject([{ why: 'This run signs nothing.', findings: [] }]);
  });

  test('lies nothing that the layout brought, whatever its manifest calls it', async () => {
    const target = await images.imageWith({ findings: { 'CVE-1': 'high' } });
    const { root } = target.image;
    const forged = makeStatement(PredicateType.baseline, [root], {
      ...{ live: [LIVE], signer: signer.identity },
      findings: [{ id: 'CVE-1', type: 'go-module', name: 'golang.org/x/text', severity: 'high' }],
    });
    // As a statement whose manifest has no predicate type.
    const forge = () => attachLocal(target.layout, root, forged.bytes, MediaType.inToto);
    const held = async () =>
      (await readStatements(target, root)).filter(({ predicateType }) => predicateType === PredicateType.baseline);
    await forge();
    expect(await held()).toHaveLength(1);
    await keepBaseline(target, { why: 'Nothing is live.', findings: {} });
    expect(await baselinesOf(target)).toMatchObject([{ why: 'Nothing is live.', findings: [] }]);
    await forge();
    expect(await held()).toHaveLength(1);
    await dropBaseline(target);
    expect(await held()).toEqual([]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { type Digest, digestOf } from '../image/digest.ts';
import type { VerifiedFact } from './check.ts';
import { superseded, supersededGroup } from './superseded.ts';

const IMAGE = digestOf('image');
const referrer = (name: string): Digest => digestOf(`referrer ${name}`);

const fact = (name: string, evidence: object): VerifiedFact => {
  const payload = digestOf(name);
  return {
    ...{ subject: IMAGE, predicateType: '', signer: 'key', referrer: referrer(name), payload },
    evidence: { subject: IMAGE, statement: payload, ...evidence } as VerifiedFact['evidence'],
  };
};
const day = (at: number) => new Date(Date.UTC(2026, 0, at));
const scan = (at: number, more: object = {}) => fact(`scan ${at}`, { kind: 'scan', finishedOn: day(at), ...more });
const HERE = 'ghcr.io/acme/app';
const OTHER = 'ghcr.io/acme/other';
const verdict = (at: number, passed = true, destination = HERE, more: object = {}) =>
  fact(`verdict ${at}`, { kind: 'verdict', decidedOn: day(at), passed, destination, ...more });
const rescanned = (at: number, passed = true) => verdict(at, passed, HERE, { isPartial: true });
const gone = (facts: readonly VerifiedFact[], keep: number, added?: ReadonlyMap<string, number>) =>
  superseded(facts, { keep, destination: HERE, added }).map((one) => one.referrer);

describe('superseded are', () => {
  test('all but the newest of a kind, in any order', () => {
    expect(gone([scan(2), scan(4), scan(1), scan(3)], 2)).toEqual([referrer('scan 2'), referrer('scan 1')]);
    expect(gone([scan(1), scan(2)], 2)).toEqual([]);
    expect(gone([scan(1), verdict(2)], 1)).toEqual([]);
  });

  test('one more for each that was just added', () => {
    const added = new Map([[supersededGroup('scan', IMAGE), 1]]);
    expect(gone([scan(1), scan(2), verdict(1), verdict(2)], 2, added)).toEqual([referrer('scan 1')]);
    expect(gone([scan(1)], 1, added)).toEqual([referrer('scan 1')]);
    const here = new Map([[supersededGroup('verdict', IMAGE, HERE), 1]]);
    expect(gone([verdict(1, false), verdict(2, false, OTHER)], 1, here)).toEqual([referrer('verdict 1')]);
  });

  test('counted once, however often a referrer is listed', () => {
    expect(gone([scan(2), scan(2), scan(1)], 2)).toEqual([]);
  });
});

describe('never superseded is', () => {
  test('the newest, whatever the number', () => {
    expect(gone([scan(1), scan(2)], 0)).toEqual([referrer('scan 1')]);
  });

  test('the newest verdict that passed', () => {
    expect(gone([verdict(1), verdict(2), verdict(3, false), verdict(4, false)], 1)).toEqual([
      referrer('verdict 3'),
      referrer('verdict 1'),
    ]);
  });

  test('the newest that judged the whole policy, because of rescans that passed, and one that was just added', () => {
    const facts = [verdict(1), verdict(2), rescanned(3), rescanned(4), rescanned(5)];
    expect(gone(facts, 2)).toEqual([referrer('verdict 3'), referrer('verdict 1')]);
    const added = new Map([[supersededGroup('verdict', IMAGE, HERE), 1]]);
    expect(gone([verdict(1), rescanned(2), rescanned(3)], 1, added)).toEqual([referrer('verdict 2')]);
  });

  test('what is attached in many copies, or something older because of them', () => {
    const copies = Array.from({ length: 10 }, (_, at) => ({ ...scan(9), referrer: referrer(`copy ${at}`) }));
    expect(gone([...copies, scan(9), scan(8), scan(7)], 2)).toEqual([referrer('scan 7')]);
    const old = { ...scan(7), referrer: referrer('a copy of scan 7') };
    expect(gone([...copies, scan(9), scan(8), scan(7), old], 2)).toEqual([referrer('scan 7'), old.referrer]);
  });

  test('a verdict for another repository, whatever there is for this', () => {
    expect(gone([verdict(1, true, OTHER), verdict(2), verdict(3)], 1)).toEqual([referrer('verdict 2')]);
    expect(gone([verdict(1, true, OTHER), verdict(2, true, OTHER), verdict(3, false, OTHER)], 1)).toEqual([]);
  });

  test('evidence of another kind, without a valid date, or that another tool stores elsewhere', () => {
    const sbom = (name: string) => fact(name, { kind: 'sbom' });
    const undated = scan(1, { finishedOn: new Date(Number.NaN) });
    const elsewhere: VerifiedFact = { ...scan(2), referrer: undefined };
    const referred = scan(3, { statement: digestOf('elsewhere') });
    expect(gone([scan(9), scan(8), undated, elsewhere, referred, sbom('a'), sbom('b')], 1)).toEqual([
      referrer('scan 8'),
    ]);
  });
});

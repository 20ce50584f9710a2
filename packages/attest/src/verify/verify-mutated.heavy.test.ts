/**
 * A third-party signature on an image is reported and skipped. Therefore any content must give one of our errors: a DER
 * parser that crashes would abort the whole verification.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { hasKind } from '@tidegate/core';
import { bundle, bytesOf, entryOf, type Json, keylessTrust, RECORDED, stampsOf } from './recorded-sigstore.fixture.ts';
import { verifyBundle } from './verify.ts';

/** Marsaglia's xorshift32: the same mutations on each run. */
function randoms(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/**
 * One mutation that breaks parsers: a flipped bit, a changed tag or length, bytes omitted, repeated, inserted,
 * truncated or appended.
 */
function mutated(base64: string, random: (below: number) => number): string {
  const bytes = Buffer.from(base64, 'base64');
  const at = random(bytes.length);
  const byte = bytes[at] ?? 0;
  switch (random(7)) {
    case 0:
      bytes[at] = byte ^ (1 << random(8));
      break;
    case 1:
      bytes[at] = [0x00, 0x01, 0x02, 0x05, 0x06, 0x0c, 0x30, 0x31, 0x7f, 0x80, 0x84, 0xa0, 0xff][random(13)] ?? 0;
      break;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(4))]).toString('base64');
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at - random(at + 1))]).toString('base64');
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)]).toString('base64');
    case 5:
      return bytes.subarray(0, at).toString('base64');
    case 6:
      return Buffer.concat([bytes, Buffer.from([random(256)])]).toString('base64');
  }
  return bytes.toString('base64');
}

test.each<[string, number, (of: Json) => [Json, string]]>([
  ['certificate', 1200, (of) => [of.verificationMaterial.certificate, 'rawBytes']],
  ['timestamp', 1200, (of) => [stampsOf(of)[0], 'signedTimestamp']],
  ['log entry', 100, (of) => [entryOf(of), 'canonicalizedBody']],
  ['signature', 100, (of) => [of.dsseEnvelope.signatures[0], 'sig']],
])(
  'a %s that was changed in one place, %i times',
  async (name, rounds, part) => {
    const trust = await keylessTrust();
    const random = randoms(0x7d6a7e);
    const sound = verifyBundle(bytesOf(bundle()), trust, RECORDED.image);
    const strange = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      const spoilt = bundle();
      const [holder, field] = part(spoilt);
      const before = holder[field];
      holder[field] = mutated(before, random);
      if (holder[field] === before) continue;
      let said: string;
      try {
        // A token has bytes that the authority does not sign: the timestamp may still verify, with the same result.
        const same = isDeepStrictEqual(verifyBundle(bytesOf(spoilt), trust, RECORDED.image), sound);
        said = same && name === 'timestamp' ? '' : `accepted: ${holder[field]}`;
      } catch (error) {
        said = hasKind(error, 'evidence', 'signature') ? '' : `${error}`;
      }
      if (said !== '') strange.set(said, (strange.get(said) ?? 0) + 1);
    }
    expect([...strange]).toEqual([]);
  },
  120_000,
);

/** All errors in a trusted root: each gives one clear message, and never a stack trace. */
import { describe, expect, test } from '@jest/globals';
import { bundle, bytesOf, IDENTITY, type Json, RECORDED } from './recorded-sigstore.fixture.ts';
import { readTrustedRoots } from './trusted-root.ts';
import { type Trust, verifyBundle } from './verify.ts';
import { clear, cut, rejected, set, top } from './verify-input.fixture.ts';

describe('a trusted root', () => {
  const ca = (root: Json) => root.certificateAuthorities[0];
  const tsa = (root: Json) => root.timestampAuthorities[0];
  const log = (root: Json) => root.tlogs[0];
  const leaf = (of: Json) => of.certChain.certificates[0];
  test.each<[string, (root: Json) => void, string]>([
    ['without a media type', set(top, 'mediaType', undefined), 'mediaType is missing'],
    ['of another media type', set(top, 'mediaType', 'application/json'), 'mediaType: expected'],
    [
      'of a signing config',
      set(top, 'mediaType', 'application/vnd.dev.sigstore.signingconfig.v0.2+json'),
      'mediaType: expected',
    ],
    ['with an object as logs', set(top, 'tlogs', {}), 'tlogs'],
    ['with a log of null', set(top, 'tlogs', [null]), 'tlogs.0'],
    ['with a log without a URL', set(log, 'baseUrl', undefined), 'baseUrl is missing'],
    ['with a log without a key', set(log, 'publicKey', undefined), 'publicKey is missing'],
    ['with a log without an id', set(log, 'logId', undefined), 'logId is missing'],
    ['with a log key of no base64', set((root) => log(root).publicKey, 'rawBytes', '%'), 'rawBytes'],
    ['with an empty log key', set((root) => log(root).publicKey, 'rawBytes', ''), 'rawBytes'],
    ['with a log key of rubbish', set((root) => log(root).publicKey, 'rawBytes', 'AAAA'), 'key or certificate'],
    [
      'with a log key without its kind',
      set((root) => log(root).publicKey, 'keyDetails', undefined),
      'keyDetails is missing',
    ],
    [
      'with a log key of an unknown kind',
      set((root) => log(root).publicKey, 'keyDetails', 'SHAMIR'),
      'key or certificate',
    ],
    [
      'with a start that is no time',
      set((root) => log(root).publicKey, 'validFor', { start: 'once' }),
      'validFor.start',
    ],
    [
      'with an end that is no time',
      set((root) => log(root).publicKey, 'validFor', { start: '2026-01-01T00:00:00Z', end: 7 }),
      'validFor.end',
    ],
    [
      'with a log that has been valid for ever',
      set((root) => log(root).publicKey, 'validFor', undefined),
      'validFor is missing',
    ],
    [
      'with a log whose window has no beginning',
      set((root) => log(root).publicKey, 'validFor', { end: '2027-01-01T00:00:00Z' }),
      'validFor.start is missing',
    ],
    [
      'with a log whose window begins at null',
      set((root) => log(root).publicKey, 'validFor', { start: null }),
      'validFor.start is missing',
    ],
    [
      'with a certificate log whose window has no beginning',
      set((root) => root.ctlogs[0].publicKey, 'validFor', {}),
      'validFor.start is missing',
    ],
    [
      'with an end before its start',
      set((root) => log(root).publicKey, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    [
      'with an authority that ends before it begins',
      set(ca, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    [
      'with a timestamp authority that ends before it begins',
      set(tsa, 'validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      'ends before it begins',
    ],
    ['with an end that only Date.parse reads', set(ca, 'validFor', { end: '1 Jan 2027' }), 'validFor.end'],
    ['with an end of no time zone', set(ca, 'validFor', { end: '2027-01-01T00:00:00' }), 'validFor.end'],
    ['with text as authorities', set(top, 'certificateAuthorities', 'x'), 'certificateAuthorities'],
    ['with an authority without a chain', set(ca, 'certChain', undefined), 'certChain is missing'],
    ['with an empty chain', set(ca, 'certChain', { certificates: [] }), 'certificates'],
    [
      'with a certificate of no base64',
      set((root) => leaf(ca(root)), 'rawBytes', '-----BEGIN CERTIFICATE-----'),
      'rawBytes',
    ],
    ['with a certificate of rubbish', set((root) => leaf(ca(root)), 'rawBytes', 'AAAA'), 'key or certificate'],
    [
      'with a certificate cut short',
      (root) => {
        leaf(ca(root)).rawBytes = cut(leaf(ca(root)).rawBytes);
      },
      'key or certificate',
    ],
    [
      'with a timestamp authority of another use',
      set(
        (root) => leaf(tsa(root)),
        'rawBytes',
        RECORDED.trustedRoot.certificateAuthorities[0].certChain.certificates[0].rawBytes,
      ),
      'not for time stamping',
    ],
    [
      'with the root of a timestamp authority alone',
      (root) => {
        tsa(root).certChain.certificates.shift();
      },
      'not for time stamping',
    ],
    [
      'with a certificate log of rubbish',
      set((root) => root.ctlogs[0].publicKey, 'rawBytes', 'AAAA'),
      'key or certificate',
    ],
    [
      'that names nobody',
      (root) => {
        root.tlogs = [];
        root.certificateAuthorities = [];
        root.timestampAuthorities = [];
      },
      'neither an authority nor a log',
    ],
  ])('%s', async (_, mangle, why) => {
    const root = structuredClone(RECORDED.trustedRoot);
    mangle(root);
    clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', why);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'is empty'],
    ['no JSON', 'hello', 'not JSON in UTF-8'],
    ['a PEM certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'not JSON in UTF-8'],
    ['a list', '[]', 'mediaType is missing'],
    ['null', 'null', 'not a trusted root'],
    ['twenty documents', `${JSON.stringify(RECORDED.trustedRoot)}\n`.repeat(20), 'contains 20 documents'],
    [
      'two documents, one of them another thing',
      `${JSON.stringify(RECORDED.trustedRoot)}\n{}\n`,
      'mediaType is missing',
    ],
    ['a key twice', JSON.stringify(RECORDED.trustedRoot).replace('{', '{"tlogs":[],'), 'appears twice'],
  ])('that is %s', async (_, text, why) => {
    clear(await rejected(readTrustedRoots(Buffer.from(text), 'Root.json')), 'bad-input', why);
  });

  test('reads null as protobuf does: the field is not set', async () => {
    const root = structuredClone(RECORDED.trustedRoot);
    Object.assign(top(root), { signingConfig: null });
    Object.assign(log(root), { checkpointKeyId: null, operator: null });
    Object.assign(log(root).publicKey.validFor, { end: null });
    Object.assign(ca(root), { operator: null, uri: null });
    Object.assign(ca(root).validFor, { end: null });
    const trust: Trust = { publicKeys: [], identities: [IDENTITY], roots: await readTrustedRoots(bytesOf(root), 'x') };
    expect(verifyBundle(bytesOf(bundle()), trust, RECORDED.image).signer.identity?.subject).toBe(RECORDED.identity);
    // null does not make a required field optional.
    Object.assign(log(root), { logId: null });
    clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', 'logId is missing');
  });

  describe('one of whose authorities cannot be used', () => {
    const spoilt = async (spoil: (root: Json) => void) => {
      const root = structuredClone(RECORDED.trustedRoot);
      spoil(root);
      const notices: string[] = [];
      const roots = await readTrustedRoots(bytesOf(root), 'Root.json', (message) => notices.push(message));
      return { notices, trust: { publicKeys: [], identities: [IDENTITY], roots } satisfies Trust };
    };
    const rubbish = (of: Json) => {
      of.certChain.certificates[0].rawBytes = 'AAAA';
      return of;
    };
    test.each<[string, (root: Json) => void, string]>([
      [
        'a timestamp authority of another use',
        (root) => root.timestampAuthorities.unshift({ ...structuredClone(ca(root)) }),
        'timestamp authority is not used. timestampAuthorities.0: a timestamp authority',
      ],
      [
        'a timestamp authority of rubbish',
        (root) => root.timestampAuthorities.unshift(rubbish(structuredClone(tsa(root)))),
        'timestamp authority is not used. timestampAuthorities.0: it has a key or certificate',
      ],
      [
        'an authority of rubbish',
        (root) => root.certificateAuthorities.push(rubbish(structuredClone(ca(root)))),
        'certificate authority is not used. certificateAuthorities.1: it has a key or certificate',
      ],
      [
        'a log whose key is of a kind that nobody here knows',
        (root) => {
          const { publicKey, ...rest } = structuredClone(log(root));
          root.tlogs.push({ ...rest, publicKey: { ...publicKey, rawBytes: 'AAAA', keyDetails: 'ML_DSA_65' } });
        },
        'transparency log is not used. tlogs.1: it has a key or certificate',
      ],
      [
        'a certificate log of rubbish',
        (root) => {
          const { publicKey, ...rest } = structuredClone(root.ctlogs[0]);
          root.ctlogs.push({ ...rest, publicKey: { ...publicKey, rawBytes: 'AAAA' } });
        },
        'certificate log is not used. ctlogs.1: it has a key or certificate',
      ],
    ])('%s: the others count, and a notice says so', async (_, spoil, notice) => {
      const { notices, trust } = await spoilt(spoil);
      expect(notices).toEqual([expect.stringContaining(notice)]);
      expect(verifyBundle(bytesOf(bundle()), trust, RECORDED.image).signer.times).toHaveLength(1);
    });

    test('asks no less of a signature: with the last one of a kind gone the root is refused', async () => {
      for (const kind of ['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities']) {
        const root = structuredClone(RECORDED.trustedRoot);
        for (const one of root[kind]) {
          const of = one.publicKey ?? one.certChain.certificates[0];
          of.rawBytes = 'AAAA';
        }
        clear(await rejected(readTrustedRoots(bytesOf(root), 'Root.json')), 'bad-input', `${kind}.0: it has a key`);
      }
    });
  });

  test('may be several documents, one a line, or one over many lines', async () => {
    const line = JSON.stringify(RECORDED.trustedRoot);
    expect(await readTrustedRoots(Buffer.from(`${line}\n${line}\n`), 'x')).toHaveLength(2);
    expect(await readTrustedRoots(Buffer.from(JSON.stringify(RECORDED.trustedRoot, undefined, 2)), 'x')).toHaveLength(
      1,
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { parseSigningConfig, SIGNING_SERVICES } from './signing-config.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const START = '2025-01-01T00:00:00Z';
const END = '2026-01-01T00:00:00Z';

interface Listed {
  readonly url?: string;
  readonly majorApiVersion?: number;
  readonly operator?: string;
  readonly validFor?: object;
}

const service = (more: Listed = {}) => ({
  url: 'https://one.example',
  majorApiVersion: 1,
  operator: 'one.example',
  validFor: { start: START },
  ...more,
});

function config(more: Record<string, unknown> = {}): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [service()],
      rekorTlogUrls: [service({ majorApiVersion: 2 })],
      tsaUrls: [service()],
      rekorTlogConfig: { selector: 'ANY' },
      tsaConfig: { selector: 'ANY' },
      ...more,
    }),
  );
}

const read = (more: Record<string, unknown> = {}) => parseSigningConfig(config(more), NOW, 'own.json');
const urls = (services: readonly { readonly url: string }[]) => services.map(({ url }) => url);

describe('of the services that are listed', () => {
  test.each<[string, readonly Listed[], readonly string[]]>([
    ['one that is valid now is used', [{}], ['https://one.example']],
    ['one that has ended is not', [{ validFor: { start: START, end: END } }], []],
    ['one that has not begun is not', [{ validFor: { start: '2027-01-01T00:00:00Z' } }], []],
    ['one of a version that is not spoken is not', [{ majorApiVersion: 3 }], []],
    ['one without dates is', [{ validFor: {} }], ['https://one.example']],
    [
      'of one operator the highest version is used',
      [{ url: 'https://v1.example' }, { url: 'https://v2.example', majorApiVersion: 2 }],
      ['https://v2.example'],
    ],
    [
      'of one operator and version the newest is',
      [{ url: 'https://old.example' }, { url: 'https://new.example', validFor: { start: END } }],
      ['https://new.example'],
    ],
    [
      'of two operators both are, the newest first',
      [{}, { url: 'https://two.example', operator: 'two.example', validFor: { start: END } }],
      ['https://two.example', 'https://one.example'],
    ],
    [
      'without an operator each counts for itself',
      [
        { url: 'https://a.example', operator: '' },
        { url: 'https://b.example', operator: '' },
      ],
      ['https://a.example', 'https://b.example'],
    ],
  ])('%s', (_name, listed, expected) => {
    expect(urls(read({ rekorTlogUrls: listed.map(service) }).rekor.services)).toEqual(expected);
  });

  const two = [service(), service({ url: 'https://two.example', operator: 'two.example' })];
  test.each<[string, object, number]>([
    ['ANY', { selector: 'ANY' }, 1],
    ['ALL', { selector: 'ALL' }, 2],
    ['EXACT', { selector: 'EXACT', count: 2 }, 2],
  ])('%s asks for so many', (_name, tsaConfig, count) => {
    expect(read({ tsaUrls: two, tsaConfig }).timestamps.count).toBe(count);
  });

  test('a kind of service that is not listed is not used', () => {
    const { timestamps, rekor } = read({ tsaUrls: undefined, rekorTlogUrls: [] });
    expect([timestamps, rekor]).toEqual([
      { services: [], count: 0 },
      { services: [], count: 0 },
    ]);
  });
});

test.each<[string, Uint8Array]>([
  ['nothing', Buffer.from('')],
  ['no JSON', Buffer.from('caUrls: []')],
  ['a list', Buffer.from('[]')],
  ['another version', config({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' })],
  ['a trusted root', config({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' })],
  ['a service that is no object', config({ caUrls: ['https://one.example'] })],
  ['a URL that is none', config({ caUrls: [service({ url: 'fulcio' })] })],
  ['a date that is none', config({ caUrls: [service({ validFor: { start: 'yesterday' } })] })],
  ['a selector that nobody knows', config({ tsaConfig: { selector: 'SOME' } })],
  ['a count of more than there are', config({ tsaConfig: { selector: 'EXACT', count: 2 } })],
  ['a count of none', config({ tsaConfig: { selector: 'EXACT', count: 0 } })],
  ['a key twice', Buffer.from('{"caUrls":[],"caUrls":[]}')],
])('%s is refused by its name', (_name, bytes) => {
  expect(() => parseSigningConfig(bytes, NOW, 'own.json')).toThrow(
    expect.objectContaining({ kind: 'bad-input', message: expect.stringContaining('own.json') }),
  );
});

test("what is built in is complete: Sigstore's with a log, GitHub's without", () => {
  const shape = ({ fulcio, rekor, timestamps }: (typeof SIGNING_SERVICES)['github']) =>
    [fulcio.length, rekor.count, timestamps.count] as const;
  expect(shape(SIGNING_SERVICES['public-good'])).toEqual([1, 1, 1]);
  expect(shape(SIGNING_SERVICES.github)).toEqual([1, 0, 1]);
});

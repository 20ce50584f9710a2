import { describe, expect, test } from '@jest/globals';
import { formatPlatform, parsePlatform } from '@tidegate/core';
import { type BuilderNodesInputs, builderNodes } from './builder-nodes.ts';

const NONE = {
  builder: '',
  'builder-endpoints': [],
  'builder-driver-opts': [],
  'builder-ca': '',
  'builder-cert': '',
  'builder-key': '',
} as const;
const TLS = { 'builder-ca': 'CA', 'builder-cert': 'CERT', 'builder-key': 'KEY' };

const nodes = (given: Partial<BuilderNodesInputs>, platforms: readonly string[] = []) =>
  builderNodes(
    { ...NONE, ...given },
    platforms.map((one) => parsePlatform(one)),
  );
const shown = (...given: Parameters<typeof nodes>) =>
  nodes(...given)?.nodes.map(({ platforms, address }) => [platforms.map(formatPlatform).join(), address]);

const TWO = ['linux/amd64=tcp://a.example:1234', 'linux/arm64, linux/arm/v7=tcp://b.example:1234'];

test('no line means no node', () => {
  expect(nodes({})).toBeUndefined();
});

test('each line is a node of its platforms, of which a build uses those that it needs', () => {
  const given = { 'builder-endpoints': TWO, ...TLS };
  expect(shown(given)).toEqual([
    ['linux/amd64', 'tcp://a.example:1234'],
    ['linux/arm64,linux/arm/v7', 'tcp://b.example:1234'],
  ]);
  expect(shown(given, ['linux/aarch64'])).toEqual([['linux/arm64', 'tcp://b.example:1234']]);
  expect(nodes(given)?.tls).toEqual({ ca: 'CA', client: { cert: 'CERT', key: 'KEY' } });
});

test('nodes of this machine need no TLS', () => {
  const lines = ['linux/amd64=unix:///run/buildkit/buildkitd.sock', 'linux/arm64=tcp://127.0.0.1:1234'];
  expect(nodes({ 'builder-endpoints': lines })?.tls).toBeUndefined();
});

test('pods of a cluster have options from a list', () => {
  const options = [
    ['namespace', 'buildkit'],
    ['limits.memory', '4Gi'],
    ['image', `example.com/buildkit@sha256:${'a'.repeat(64)}`],
  ] as const;
  const engine = nodes({ 'builder-endpoints': ['linux/arm64=kubernetes'], 'builder-driver-opts': options });
  expect(engine?.nodes).toEqual([{ platforms: [parsePlatform('linux/arm64')], address: undefined }]);
  expect(engine?.driverOptions).toEqual(options);
});

const POD = { 'builder-endpoints': ['linux/arm64=kubernetes'] };

describe('an error that names the input', () => {
  test.each<[string, Partial<BuilderNodesInputs>, RegExp]>([
    [
      'a line without a platform',
      { 'builder-endpoints': ['tcp://a:1'] },
      /^Input builder-endpoints: .*PLATFORMS=ADDRESS/,
    ],
    ['an address of another kind', { 'builder-endpoints': ['linux/amd64=ssh://a'] }, /PLATFORMS=ADDRESS/],
    ['an address with a path', { 'builder-endpoints': ['linux/amd64=tcp://a:1/x'] }, /PLATFORMS=ADDRESS/],
    ['an unknown platform', { 'builder-endpoints': ['linux/x=tcp://a:1'] }, /^Input builder-endpoints: got "linux\/x"/],
    ['a platform twice', { 'builder-endpoints': [TWO[0] ?? '', TWO[0] ?? ''], ...TLS }, /each platform once/],
    ['a builder beside it', { ...POD, builder: 'mine' }, /^Input builder: .*builder-endpoints names the builders/],
    [
      'another machine without TLS',
      { 'builder-endpoints': TWO },
      /^Input builder-ca: .*tcp:\/\/a\.example:1234 is another/,
    ],
    ['TLS for no machine', { ...POD, ...TLS }, /^Input builder-ca: .*no line of builder-endpoints has tcp/],
    ['TLS without a line', TLS, /^Input builder-ca: .*builder-endpoints is empty/],
    ['a certificate without its key', { 'builder-endpoints': TWO, ...TLS, 'builder-key': '' }, /^Input builder-key: /],
    [
      'a key without its certificate',
      { 'builder-endpoints': TWO, ...TLS, 'builder-cert': '' },
      /^Input builder-cert: /,
    ],
    [
      'options without a pod',
      { 'builder-endpoints': TWO, ...TLS, 'builder-driver-opts': [['namespace', 'x']] },
      /^Input builder-driver-opts: .*no line of builder-endpoints is `kubernetes`/,
    ],
    [
      'an option that changes nodes',
      { ...POD, 'builder-driver-opts': [['qemu.install', 'true']] },
      /got "qemu\.install"/,
    ],
    ['an option that changes BuildKit', { ...POD, 'builder-driver-opts': [['env.X', '1']] }, /got "env\.X"/],
    ['an image by tag', { ...POD, 'builder-driver-opts': [['image', 'moby/buildkit:x']] }, /an image by digest/],
  ])('%s', (_, given, says) => {
    expect(() => nodes(given)).toThrow(says);
  });

  test('a platform of the build without a line', () => {
    expect(() => nodes({ 'builder-endpoints': TWO, ...TLS }, ['linux/s390x'])).toThrow(/got "linux\/s390x"/);
  });

  test('never with the text of a key', () => {
    expect(() => nodes(TLS)).toThrow(/^(?!.*KEY)/s);
    expect(() => nodes({ ...POD, 'builder-key': 'KEY' })).toThrow(/^(?!.*"KEY)/s);
  });
});

import { describe, expect, test } from '@jest/globals';
import { digestOf } from './digest.ts';
import { artifactTypeOf, parseIndexFile, parseManifest, platformOfConfig } from './manifest.ts';
import { MediaType } from './media-type.ts';
import { formatExactPlatform } from './platform.ts';

const blob = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf('layer'), size: 5 };
const config = { mediaType: MediaType.config, digest: digestOf('config'), size: 6 };
const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [blob] };
const child = { mediaType: MediaType.manifest, digest: digestOf('manifest'), size: 8 };
const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: [child] };

function described(text: string, mediaType: string) {
  const bytes = Buffer.from(text);
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

function parse(content: unknown, mediaType: string = MediaType.manifest) {
  const { bytes, descriptor } = described(typeof content === 'string' ? content : JSON.stringify(content), mediaType);
  return parseManifest(bytes, descriptor);
}

describe('a manifest', () => {
  test('gives its config, layers, subject and annotations', () => {
    expect(parse({ ...manifest, artifactType: 'application/x', subject: child, annotations: { a: 'b' } })).toEqual({
      kind: 'manifest',
      mediaType: MediaType.manifest,
      artifactType: 'application/x',
      config,
      layers: [blob],
      subject: child,
      annotations: { a: 'b' },
    });
  });

  test.each([
    ['OCI without mediaType', { ...manifest, mediaType: undefined }, MediaType.manifest],
    ["Docker's own media type", { ...manifest, mediaType: MediaType.dockerManifest }, MediaType.dockerManifest],
    [
      'what Go writes for nothing',
      { ...manifest, subject: null, annotations: null, artifactType: '' },
      MediaType.manifest,
    ],
    [
      'a name that only looks like a field',
      { ...manifest, annotations: { Layers: 'x', layers: 'y' } },
      MediaType.manifest,
    ],
  ])('is read: %s', (_, content, mediaType) => {
    expect(parse(content, mediaType)).toMatchObject({ kind: 'manifest', config, layers: [blob] });
  });

  test('without artifactType is listed by its config’s media type', () => {
    expect(artifactTypeOf(parse(manifest))).toBe(MediaType.config);
    expect(artifactTypeOf(parse({ ...manifest, artifactType: 'application/x' }))).toBe('application/x');
    expect(artifactTypeOf(parse(index, MediaType.index))).toBeUndefined();
  });
});

describe('an index', () => {
  test('gives its entries with their platforms', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
    const read = parse({ ...index, manifests: [{ ...child, platform }] }, MediaType.index);
    expect(read).toEqual({ kind: 'index', mediaType: MediaType.index, manifests: [{ ...child, platform }] });
  });

  test('keeps which build of Windows an entry is for', () => {
    const platform = {
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.20348.2700',
      'os.features': ['win32k'],
    };
    const read = parse({ ...index, manifests: [{ ...child, platform }] }, MediaType.index);
    expect(read).toMatchObject({ manifests: [{ platform }] });
    expect(formatExactPlatform(platform)).toBe('windows(10.0.20348.2700)/amd64');
  });

  test('may be empty', () => {
    expect(parseIndexFile(Buffer.from('{"schemaVersion":2,"manifests":[]}'), 'index.json').manifests).toEqual([]);
  });
});

const bigList = Array.from({ length: 5000 }, () => blob);
const descriptorWith = (fields: object) => ({ ...manifest, layers: [{ ...blob, ...fields }] });

describe('an ambiguous or mislabeled manifest is rejected:', () => {
  test.each([
    ['a digest named twice', JSON.stringify(manifest).replace('"size":6', '"size":6,"size":7'), 'appears twice'],
    [
      'the same with an escape',
      JSON.stringify(manifest).replace('"size":6', '"size":6,"\\u0073ize":7'),
      'appears twice',
    ],
    ['a name Go would take for another', { ...manifest, Layers: [] }, 'could be read as layers'],
    // encoding/json folds by Unicode: this name replaces the layers in every runtime that uses it.
    ['a name with a long s', { ...manifest, 'layer\u017f': [] }, 'could be read as layers'],
    ['the same in a descriptor', descriptorWith({ Digest: digestOf('other') }), 'could be read as digest'],
    ['layers and manifests both (CVE-2021-41190)', { ...manifest, manifests: [] }, 'with `manifests`'],
    ['another mediaType inside', { ...manifest, mediaType: MediaType.index }, 'but the descriptor says'],
    ['schema 1', { ...manifest, schemaVersion: 1 }, 'schemaVersion'],
    ['no JSON', 'hello', 'not JSON'],
    ['a byte order mark', `\uFEFF${JSON.stringify(manifest)}`, 'not JSON'],
    ['a list', '[]', 'not an object'],
    ['null', 'null', 'not an object'],
    ['no config', { ...manifest, config: undefined }, 'not an object'],
    ['layers that are no list', { ...manifest, layers: {} }, 'not a list'],
    ['five thousand layers', { ...manifest, layers: bigList }, '5000 entries'],
    ['a negative size', descriptorWith({ size: -1 }), 'not a number of bytes'],
    ['a size with a fraction', descriptorWith({ size: 1.5 }), 'not a number of bytes'],
    ['a size beyond 2^53', JSON.stringify(manifest).replace('"size":5', '"size":9007199254740993'), 'number of bytes'],
    ['a size as text', descriptorWith({ size: '5' }), 'not a number of bytes'],
    ['a digest in capitals', descriptorWith({ digest: blob.digest.toUpperCase() }), 'not a digest'],
    ['a digest that climbs', descriptorWith({ digest: 'sha256:../../../../etc/passwd' }), 'not a digest'],
    ['another algorithm', descriptorWith({ digest: `md5:${'0'.repeat(32)}` }), 'not a digest'],
    ['a media type with a line break', descriptorWith({ mediaType: 'a/b\nx: y' }), 'not a media type'],
    ['no media type', descriptorWith({ mediaType: undefined }), 'not a media type'],
    [
      'embedded data that is other content',
      descriptorWith({ data: Buffer.from('other').toString('base64') }),
      'embedded',
    ],
    ['annotations that are no text', { ...manifest, annotations: { a: 1 } }, 'not text'],
    ['urls that are no list of texts', { ...manifest, layers: [{ ...child, urls: [1] }] }, 'urls is not'],
    ['65 levels', `{"schemaVersion":2,"x":${'['.repeat(64)}${']'.repeat(64)}}`, 'deeper than'],
    ['more values than anyone writes', `{"x":[${'0,'.repeat(300_000)}0]}`, 'more than 200000 values'],
    ['a string that never ends', '{"schemaVersion', 'not JSON'],
    ['a petabyte', descriptorWith({ size: 2 ** 50 }), 'that any blob may have'],
    [
      'an os.version that climbs',
      descriptorWith({ platform: { os: 'windows', architecture: 'amd64', 'os.version': '../x' } }),
      'os.version',
    ],
    [
      'os.features that are no names',
      descriptorWith({ platform: { os: 'windows', architecture: 'amd64', 'os.features': [1] } }),
      'os.features',
    ],
    ['a platform without a system', descriptorWith({ platform: { architecture: 'amd64' } }), 'os and architecture'],
  ])('%s', (_, content, why) => {
    expect(() => parse(content)).toThrow(
      expect.objectContaining({ kind: 'integrity', message: expect.stringContaining(why) }),
    );
  });

  test('bytes other than the digest says', () => {
    const { bytes, descriptor } = described(JSON.stringify(manifest), MediaType.manifest);
    const other = Buffer.from(bytes.toString().replace('"size":6', '"size":7'));
    expect(() => parseManifest(other, descriptor)).toThrow(/hash to sha256:/);
    expect(() => parseManifest(bytes.subarray(1), descriptor)).toThrow(/bytes, but the descriptor says/);
  });

  test('more than 4 MiB', () => {
    const { bytes, descriptor } = described(`{"x":"${'x'.repeat(4 * 1024 * 1024)}"}`, MediaType.manifest);
    expect(() => parseManifest(bytes, descriptor)).toThrow(/more than the 4194304/);
  });

  test('a media type that is no manifest', () => {
    expect(() => parse(manifest, 'application/json')).toThrow(/neither an image manifest nor an index/);
  });
});

describe("an image configuration's platform", () => {
  const read = (fields: object) => {
    const bytes = Buffer.from(JSON.stringify(fields));
    return platformOfConfig(bytes, digestOf(bytes));
  };
  test('is normalised', () => {
    expect(read({ os: 'linux', architecture: 'arm64', variant: 'v8', config: {} })).toEqual({
      os: 'linux',
      architecture: 'arm64',
    });
  });
  test.each([
    [{}],
    [{ os: 'linux' }],
    [{ os: 'unknown', architecture: 'unknown' }],
    [{ os: 'linux', architecture: '../x' }],
  ])('is refused when it is none: %j', (fields) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ kind: 'integrity' }));
  });
});

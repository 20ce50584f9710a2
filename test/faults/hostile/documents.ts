import { MediaType } from '@tidegate/core';
import { type Fields, LAYER } from './image.ts';

/**
 * Documents that no reader should take, made from a good one. `text` is what is hashed and served: everything that
 * describes it is right.
 */
export interface HostileDocument {
  readonly name: string;
  /** Made when it is wanted: all of them together are more memory than any may take. */
  readonly text: () => string | Uint8Array;
}

type Make = (good: { readonly fields: Fields; readonly text: string }) => string | Uint8Array | Fields;

const HEX = 'a'.repeat(64);
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

/** Replacements for any JSON document. */
const SHAPES: readonly (readonly [string, Make])[] = [
  ['is empty', () => ''],
  ['is white space', () => ' \n\t '],
  ['is null', () => 'null'],
  ['is a list', ({ text }) => `[${text}]`],
  ['is text', () => '"manifest"'],
  ['is a number', () => '1e400'],
  ['is an HTML page', () => '<!doctype html><title>Sign in</title>'],
  ['is cut off', ({ text }) => text.slice(0, -1)],
  ['is two documents', ({ text }) => text + text],
  ['has a comment', ({ text }) => `/* x */${text}`],
  ['has a comma too many', ({ text }) => text.replace(/\}$/, ',}')],
  ['has single quotes', ({ text }) => text.replaceAll('"', "'")],
  ['has a byte order mark', ({ text }) => `\ufeff${text}`],
  ['is UTF-16', ({ text }) => Buffer.from(text, 'utf16le')],
  [
    'has bytes that are no UTF-8',
    ({ text }) =>
      Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]),
  ],
  [
    'has half a surrogate encoded',
    ({ text }) =>
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  ],
  ['is a gzip stream', () => Buffer.from('1f8b0800000000000003ab56', 'hex')],
  ['ends in NUL', ({ text }) => `${text}\0`],
  ['is 5 MiB', ({ text }) => `${text.slice(0, -1)},"x":"${'x'.repeat(5 * 1024 * 1024)}"}`],
  ['is two million brackets', () => nested('[', ']', 2_000_000)],
  ['is two million open brackets', () => '['.repeat(2_000_000)],
  ['is half a million nested objects', () => '{"a":'.repeat(500_000)],
  ['has a million empty objects', ({ text }) => `${text.slice(0, -1)},"x":[${'{},'.repeat(1_000_000)}{}]}`],
  [
    'has a million names',
    ({ text }) => `${text.slice(0, -1)},"x":{${Array.from({ length: 300_000 }, (_, at) => `"${at}":0`).join()}}}`,
  ],
  ['is 65 levels deep', ({ text }) => `${text.slice(0, -1)},"x":${nested('[', ']', 64)}}`],
  ['names something twice', ({ text }) => text.replace(/^\{/, '{"schemaVersion":2,')],
  ['names something twice, once escaped', ({ text }) => text.replace(/^\{/, '{"\\u0073chemaVersion":2,')],
  ['names something as Go would read it', ({ fields }) => ({ ...fields, SchemaVersion: 2 })],
  ['has a string that never ends', ({ text }) => text.slice(0, -1).concat(',"x":"')],
];

const HEAD: readonly (readonly [string, Make])[] = [
  ['is of schema 1', ({ fields }) => ({ ...fields, schemaVersion: 1 })],
  ['is of schema 2 in text', ({ fields }) => ({ ...fields, schemaVersion: '2' })],
  ['is of no schema', ({ fields }) => ({ ...fields, schemaVersion: undefined })],
  ['calls itself something else', ({ fields }) => ({ ...fields, mediaType: 'application/json' })],
  ['calls itself by a number', ({ fields }) => ({ ...fields, mediaType: 2 })],
  ['has annotations in a list', ({ fields }) => ({ ...fields, annotations: ['a'] })],
  ['has an annotation that is an object', ({ fields }) => ({ ...fields, annotations: { a: {} } })],
  ['has an artifactType that is no media type', ({ fields }) => ({ ...fields, artifactType: 'evil\r\nx-header: 1' })],
  ['has a subject that is text', ({ fields }) => ({ ...fields, subject: 'sha256:x' })],
  [
    'is a referrer of something',
    ({ fields }) => ({ ...fields, subject: { mediaType: MediaType.manifest, digest: `sha256:${HEX}`, size: 2 } }),
  ],
];

/** Replacements for a descriptor, wherever one stands. */
const DESCRIPTORS: readonly (readonly [string, (good: Fields) => unknown])[] = [
  ['null', () => null],
  ['text', () => 'sha256:x'],
  ['a list', (good) => [good]],
  ['empty', () => ({})],
  ...(
    [
      ['none', undefined],
      ['null', null],
      ['a number', 5],
      ['empty', ''],
      ['without a name', HEX],
      ['in capitals', `sha256:${HEX.toUpperCase()}`],
      ['with an upper-case name', `SHA256:${HEX}`],
      ['of md5', `md5:${'a'.repeat(32)}`],
      ['of sha512', `sha512:${'a'.repeat(128)}`],
      ['too short', `sha256:${HEX.slice(1)}`],
      ['too long', `sha256:${HEX}a`],
      ['with a line break', `sha256:${HEX}\n`],
      ['with NUL', `sha256:${HEX}\0`],
      ['climbing', 'sha256:../../../../etc/passwd'],
      ['absolute', 'sha256:/etc/passwd'],
      ['climbing by escapes', 'sha256:%2e%2e%2f%2e%2e%2fetc%2fpasswd'],
      ['of full-width digits', `sha256:${'\uff11'.repeat(64)}`],
    ] as const
  ).map(([name, digest]) => [`of a digest ${name}`, (good: Fields) => ({ ...good, digest })] as const),
  ...(
    [
      ['none', undefined],
      ['null', null],
      ['text', '5'],
      ['negative', -1],
      ['minus zero', -0],
      ['a fraction', 1.5],
      ['a petabyte', 2 ** 50],
      ['beyond counting', 2 ** 60],
      ['one too many', 'more'],
      ['true', true],
    ] as const
  ).map(
    ([name, size]) =>
      [
        `of a size ${name}`,
        (good: Fields) => ({ ...good, size: size === 'more' ? Number(good.size) + 1 : size }),
      ] as const,
  ),
  ['of a media type none', (good) => ({ ...good, mediaType: undefined })],
  ['of a media type with a line break', (good) => ({ ...good, mediaType: 'a/b\r\nx: y' })],
  ['of a media type that is a path', (good) => ({ ...good, mediaType: '../../x' })],
  ['of a media type of a thousand letters', (good) => ({ ...good, mediaType: `application/${'x'.repeat(1000)}` })],
  ['that is described twice over', (good) => ({ ...good, Digest: `sha256:${HEX}` })],
  ['with other content embedded', (good) => ({ ...good, data: Buffer.from('other').toString('base64') })],
  ['with content embedded that is no base64', (good) => ({ ...good, data: '\u0000' })],
  ['with content embedded that is a number', (good) => ({ ...good, data: 1 })],
  ['with annotations that are no text', (good) => ({ ...good, annotations: { a: 1 } })],
];

const FOREIGN = { mediaType: LAYER, digest: `sha256:${HEX}`, size: 5 };

const OF_MANIFESTS: readonly (readonly [string, Make])[] = [
  ['has manifests besides (CVE-2021-41190)', ({ fields }) => ({ ...fields, manifests: [] })],
  ['has no config', ({ fields }) => ({ ...fields, config: undefined })],
  ['has no layers', ({ fields }) => ({ ...fields, layers: undefined })],
  ['has layers in an object', ({ fields }) => ({ ...fields, layers: {} })],
  ['has ten thousand layers', ({ fields }) => ({ ...fields, layers: Array.from({ length: 10_000 }, () => FOREIGN) })],
  ['has a layer that is missing', ({ fields }) => ({ ...fields, layers: [FOREIGN] })],
  [
    'has a layer that lies elsewhere on the web',
    ({ fields }) => ({ ...fields, layers: [{ ...FOREIGN, urls: ['https://evil.example/layer'] }] }),
  ],
  [
    'has one layer with two sizes',
    ({ fields }) => {
      const [layer] = fields.layers as [Fields];
      return { ...fields, layers: [layer, { ...layer, size: Number(layer.size) + 1 }] };
    },
  ],
  ['has its layer for a config', ({ fields }) => ({ ...fields, config: (fields.layers as [Fields])[0] })],
  [
    'is of an artifact',
    ({ fields }) => ({ ...fields, config: { ...(fields.config as Fields), mediaType: MediaType.empty } }),
  ],
];

const OF_INDEXES: readonly (readonly [string, Make])[] = [
  ['has layers besides (CVE-2021-41190)', ({ fields }) => ({ ...fields, layers: [] })],
  ['has a config besides', ({ fields }) => ({ ...fields, config: {} })],
  ['has no manifests', ({ fields }) => ({ ...fields, manifests: undefined })],
  ['has no manifest in its list', ({ fields }) => ({ ...fields, manifests: [] })],
  ['has manifests in an object', ({ fields }) => ({ ...fields, manifests: { 0: {} } })],
  [
    'has ten thousand manifests',
    ({ fields }) => ({
      ...fields,
      manifests: Array.from({ length: 10_000 }, () => ({ ...FOREIGN, mediaType: MediaType.manifest })),
    }),
  ],
  [
    'has one platform twice',
    ({ fields }) => ({ ...fields, manifests: [...(fields.manifests as Fields[]), ...(fields.manifests as Fields[])] }),
  ],
  [
    'has a manifest that is missing',
    ({ fields }) => ({ ...fields, manifests: [{ ...FOREIGN, mediaType: MediaType.manifest }] }),
  ],
  ['has a layer in its list', ({ fields }) => ({ ...fields, manifests: [FOREIGN] })],
  [
    'calls its manifest an index',
    ({ fields }) => ({
      ...fields,
      manifests: (fields.manifests as Fields[]).map((one) => ({ ...one, mediaType: MediaType.index })),
    }),
  ],
  [
    'calls its manifest Docker’s',
    ({ fields }) => ({
      ...fields,
      manifests: (fields.manifests as Fields[]).map((one) => ({ ...one, mediaType: MediaType.dockerManifest })),
    }),
  ],
  ...(
    [
      ['unknown/unknown', { os: 'unknown', architecture: 'unknown' }],
      ['another one', { os: 'linux', architecture: 'arm64' }],
      ['a path', { os: '../..', architecture: 'amd64' }],
      ['half of one', { os: 'linux' }],
      ['a number', 5],
      ['one with a version that climbs', { os: 'windows', architecture: 'amd64', 'os.version': '../x' }],
      ['one described twice over', { os: 'linux', architecture: 'amd64', OS: 'windows' }],
    ] as const
  ).map(
    ([name, platform]) =>
      [
        `says its image is for ${name}`,
        ({ fields }: { fields: Fields }) => ({
          ...fields,
          manifests: (fields.manifests as Fields[]).map((one) => ({ ...one, platform })),
        }),
      ] as const,
  ),
];

const OF_CONFIGS: readonly (readonly [string, Make])[] = [
  ['names its system twice', ({ text }) => text.replace(/^\{/, '{"os":"windows",')],
  ['names its system as Go would read it', ({ fields }) => ({ ...fields, OS: 'windows' })],
  ['names no platform', ({ fields }) => ({ ...fields, os: undefined })],
  ['is for unknown/unknown', ({ fields }) => ({ ...fields, os: 'unknown', architecture: 'unknown' })],
  ['is for a platform that climbs', ({ fields }) => ({ ...fields, architecture: '../../x' })],
  ['is for a system of a million letters', ({ fields }) => ({ ...fields, os: 'x'.repeat(1_000_000) })],
  ['is for a platform that is a list', ({ fields }) => ({ ...fields, os: ['linux'] })],
];

function from(good: Fields, makes: readonly (readonly [string, Make])[]): readonly HostileDocument[] {
  const text = JSON.stringify(good);
  return makes.map(([name, make]) => ({
    name,
    text: () => {
      const made = make({ fields: good, text });
      return typeof made === 'string' || made instanceof Uint8Array ? made : JSON.stringify(made);
    },
  }));
}

/** The same for each descriptor below `key`. */
function descriptorsOf(key: string, inList: boolean, what: string): readonly (readonly [string, Make])[] {
  return DESCRIPTORS.map(([name, make]) => [
    `has ${what} ${name}`,
    ({ fields, text }) => {
      const good = (inList ? (fields[key] as Fields[])[0] : fields[key]) as Fields;
      // JSON has no minus zero of its own that JSON.stringify would write.
      if (name === 'of a size minus zero') return text.replace(/"size":\d+/g, '"size":-0');
      const made = make(good);
      return { ...fields, [key]: inList ? [made] : made };
    },
  ]);
}

export const badManifests = (good: Fields): readonly HostileDocument[] =>
  from(good, [
    ...SHAPES,
    ...HEAD,
    ...OF_MANIFESTS,
    ...descriptorsOf('layers', true, 'a layer'),
    ...descriptorsOf('config', false, 'a config'),
  ]);

export const badIndexes = (good: Fields): readonly HostileDocument[] =>
  from(good, [...SHAPES, ...HEAD, ...OF_INDEXES, ...descriptorsOf('manifests', true, 'a manifest')]);

/** For `index.json`, which nothing describes and no media type is said of. */
export const badIndexFiles = (good: Fields): readonly HostileDocument[] =>
  from(good, [
    ...SHAPES,
    ...HEAD.slice(0, 3),
    ['has layers besides', ({ fields }) => ({ ...fields, layers: [] })],
    ['has no image', ({ fields }) => ({ ...fields, manifests: [] })],
    [
      'has ten thousand entries',
      ({ fields }) => ({
        ...fields,
        manifests: Array.from({ length: 10_000 }, () => (fields.manifests as Fields[])[0]),
      }),
    ],
    [
      'has entries of more than anyone reads',
      ({ fields }) => ({
        ...fields,
        manifests: Array.from({ length: 40 }, (_, at) => ({
          ...FOREIGN,
          mediaType: MediaType.manifest,
          size: 4_000_000,
          digest: `sha256:${String(at).padStart(64, '0')}`,
        })),
      }),
    ],
    ...descriptorsOf('manifests', true, 'an entry'),
  ]);

export const badConfigs = (good: Fields): readonly HostileDocument[] =>
  from(good, [...SHAPES.filter(([name]) => !name.startsWith('names something')), ...OF_CONFIGS]);

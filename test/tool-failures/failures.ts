/** Every way to fail, and what is said of it. */
import { constants } from 'node:os';
import { MediaType } from '@tidegate/core';
import { testImage } from './image.ts';
import type { Failing, Spoilt } from './shipping.ts';
import type { End, Left } from './stand-in.ts';

export interface Failure extends Omit<Failing, 'step'> {
  readonly what: string;
  readonly says: RegExp;
}

/** Sent to a process by default, these do not end it (signal(7)). */
const HARMLESS = ['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGWINCH'];
/** Two names of one signal: the one that Node does not use. */
const SECOND_NAMES = ['SIGIOT', 'SIGPOLL'];
const DEADLY = (Object.keys(constants.signals) as NodeJS.Signals[]).filter(
  (name) => !HARMLESS.includes(name) && !SECOND_NAMES.includes(name),
);

const nothing = () => undefined;
const exit = (code: number): End => ({ kind: 'exit', code });
/** The first half: what a program leaves that dies while it writes. */
const half = (_name: string, good: Buffer) => good.subarray(0, good.length >> 1);

/** The output is complete or missing: only the way the tool ends shows the failure. */
export const ENDINGS: readonly Failure[] = [
  ...[1, 2, 3, 126, 127, 128, 137, 255].map((code) => ({
    what: `does all of its work and ends with ${code}`,
    end: exit(code),
    says: new RegExp(`exited with code ${code}, without output`),
  })),
  ...[1, 2, 127].flatMap((code) => [
    { what: `leaves nothing, says nothing and ends with ${code}`, spoil: nothing, end: exit(code), says: said(code) },
    { what: `leaves half and ends with ${code}`, spoil: half, end: exit(code), says: said(code) },
  ]),
  {
    what: 'says why and ends with 1',
    stderr: { text: 'no space left on device\n', times: 1 },
    end: exit(1),
    says: /exited with code 1\. Last output:\nno space left on device/,
  },
  {
    what: 'says 16 MB and ends with 1',
    stderr: { text: `${'x'.repeat(1023)}\n`, times: 16 * 1024 },
    end: exit(1),
    says: /exited with code 1\. Last output:\nx+/,
  },
  ...DEADLY.map((signal) => ({
    what: `does all of its work and dies of ${signal}`,
    end: { kind: 'signal', signal } as const,
    says: new RegExp(`was killed by ${signal}\\b`),
  })),
  ...(['SIGKILL', 'SIGSEGV'] as const).flatMap((signal) => [
    { what: `dies of ${signal} before it has done anything`, spoil: nothing, end: dies(signal), says: killed(signal) },
    { what: `dies of ${signal} while it writes`, spoil: half, end: dies(signal), says: killed(signal) },
  ]),
  {
    what: 'prints without end',
    spoil: (name, good) => (name === 'stdout' ? Buffer.alloc(1 << 20, 'x') : good),
    stdoutTimes: 80,
    end: exit(0),
    says: /printed more than 67108864 bytes and was stopped/,
  },
];

/** These take as long as patience does, so they are gone through side by side. */
export const HANGS: readonly Failure[] = (['idle', 'deaf', 'stopped'] as const).flatMap((how) => [
  {
    what: `goes on for ever (${how})`,
    spoil: nothing,
    end: { kind: 'hang', how },
    says: /did not finish within 0\.4 s and was stopped/,
  },
  {
    what: `does all of its work and goes on (${how})`,
    end: { kind: 'hang', how },
    says: /did not finish within 0\.4 s and was stopped/,
  },
]);

/**
 * Node has no names for real-time signals, and calls such a death an exit with 0. Go's runtime ignores them, so none of
 * the tools dies of one; of a program that does, what it leaves tells.
 */
export const REAL_TIME: readonly Failure[] = [34, 64].flatMap((signal) => [
  { what: `dies of signal ${signal} before it has done anything`, spoil: nothing, end: dies(signal), says: /./ },
  { what: `dies of signal ${signal} while it writes`, spoil: half, end: dies(signal), says: /./ },
]);

/** It ends with 0, and one of the things that it leaves is not what was asked for. */
export interface BadContent {
  readonly what: string;
  readonly bad: (good: Buffer, of: Spoilt) => Buffer | Left | undefined;
  readonly says: RegExp;
}

const text = (words: string) => () => Buffer.from(words);
const unusable = /that is not valid/;
const absent = /did not write|wrote no/;

/** For whatever is JSON in a file. */
const BAD_FILES: readonly BadContent[] = [
  { what: 'is not there', bad: nothing, says: absent },
  { what: 'is empty', bad: text(''), says: absent },
  { what: 'is a folder', bad: () => ({ kind: 'folder' }), says: absent },
  { what: 'is a pipe', bad: () => ({ kind: 'pipe' }), says: absent },
  { what: 'is a device that never ends', bad: () => ({ kind: 'device' }), says: absent },
  {
    what: 'is a gigabyte long',
    bad: () => ({ kind: 'large', size: 2 ** 30 }),
    says: /of 1073741824 bytes, more than the limit of \d+/,
  },
  { what: 'is a line end', bad: text('\n'), says: unusable },
  { what: 'is cut in half', bad: (good) => good.subarray(0, good.length >> 1), says: unusable },
  { what: 'lacks its last byte', bad: (good) => good.subarray(0, -1), says: unusable },
  { what: 'stands there twice', bad: (good) => Buffer.concat([good, good]), says: unusable },
  { what: 'is bytes at random', bad: () => Buffer.from('ff00fe9b5b41c3280a', 'hex'), says: unusable },
  { what: 'is zeros', bad: (good) => Buffer.alloc(good.length), says: unusable },
  { what: 'is UTF-16', bad: (good) => Buffer.from(good.toString(), 'utf16le'), says: unusable },
  { what: 'is a web page', bad: text('<html>502 Bad Gateway</html>'), says: unusable },
  { what: 'is null', bad: text('null'), says: unusable },
  { what: 'is a number', bad: text('7'), says: unusable },
  { what: 'is a text', bad: text('"done"'), says: unusable },
  { what: 'is an empty list', bad: text('[]'), says: unusable },
  { what: 'is an empty object', bad: text('{}'), says: unusable },
  { what: 'is nested a hundred thousand deep', bad: text('['.repeat(100_000)), says: unusable },
];

/** The same where it is printed: what cannot be read is said of the output. */
export const BAD_OUTPUTS: readonly Pick<BadContent, 'what' | 'bad'>[] = BAD_FILES.filter(
  ({ what }) => !/is not there|folder|pipe|device|gigabyte/.test(what),
);

/** Variants that PEM allows: a line break at the end, and more blocks after the first. */
export const GOOD_PEM = ['lacks its last byte', 'stands there twice'];

/** A document of the same kind with one value changed; undefined takes it out. The path is of keys and places. */
function changed(what: string, path: readonly (string | number)[], value: unknown, says = unusable): BadContent {
  return {
    what,
    bad: (good) => Buffer.from(JSON.stringify(withChange(JSON.parse(good.toString()), path, value))),
    says,
  };
}

function withChange(document: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  const inner = (document as Record<string | number, unknown>)[key];
  const made = withChange(inner, rest, value);
  if (Array.isArray(document)) return document.toSpliced(Number(key), 1, made);
  return { ...(document as object), [key]: made };
}

/** Every mention of one digest exchanged for another. */
function ofAnother(what: string, from: (of: Spoilt) => string, to: (of: Spoilt) => string): BadContent {
  return {
    what,
    bad: (good, of) => Buffer.from(good.toString().replaceAll(from(of), to(of))),
    says: unusable,
  };
}

const OTHER = testImage('another');
const arm64 = ({ image }: Spoilt) => image.platforms.arm64;
const FOREIGN: readonly BadContent[] = [
  ofAnother('is of another image', arm64, () => OTHER.platforms.arm64),
  ofAnother('is of another platform of this image', arm64, ({ image }) => image.platforms.amd64),
  ofAnother('is of the index and not of the platform', arm64, ({ image }) => image.digest),
];
/** A document is replaced by another one of the same run. */
const instead = (name: string): BadContent => ({
  what: `is the ${name} document`,
  bad: (_good, { outcome }) => outcome.files.get(name)?.bytes,
  says: unusable,
});

/** By step, and by what it leaves. */
export const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, readonly BadContent[]>>>> = {
  buildx: {
    metadata: [
      ...BAD_FILES,
      changed('says another image was built', ['containerimage.digest'], OTHER.digest, /BuildKit reports/),
      changed('names one platform', ['containerimage.digest'], OTHER.platforms.arm64, /BuildKit reports/),
      changed('names no digest', ['containerimage.digest'], undefined),
      changed('names a digest of SHA-1', ['containerimage.digest'], `sha1:${'0'.repeat(40)}`),
      changed('names a number for a digest', ['containerimage.digest'], 7),
      changed(
        'has no provenance for one platform',
        ['buildx.build.provenance/linux/arm64'],
        undefined,
        /BuildKit wrote no provenance for linux\/arm64/,
      ),
      changed(
        'has an empty provenance for one platform',
        ['buildx.build.provenance/linux/arm64'],
        {},
        /BuildKit's provenance/,
      ),
      changed(
        'has a provenance of another build type',
        ['buildx.build.provenance/linux/arm64', 'buildType'],
        'https://example.org/make',
        /BuildKit's provenance/,
      ),
    ],
    'index.json': [
      ...BAD_FILES.filter(({ what }) => what !== 'is a pipe'),
      changed('names no image', ['manifests'], []),
      changed('names another image', ['manifests', 0, 'digest'], OTHER.digest),
      changed('names two images', ['manifests', 1], { mediaType: MediaType.index, digest: OTHER.digest, size: 2 }),
    ].map((one) => ({ ...one, says: /BuildKit/ })),
    'oci-layout': [
      { what: 'is not there', bad: nothing, says: unusable },
      { what: 'is of a later version', bad: text('{"imageLayoutVersion":"2.0.0"}'), says: unusable },
    ],
  },
  syft: {
    'syft-json': [
      ...BAD_FILES,
      ...FOREIGN,
      instead('SPDX'),
      instead('CycloneDX'),
      changed('is of a folder', ['source', 'type'], 'directory'),
      changed('is by another program', ['descriptor', 'name'], 'trivy'),
      changed('lists nothing at all', ['artifacts'], null),
      changed('has a package without a name', ['artifacts', 0, 'name'], undefined),
      changed('does not say its schema', ['schema'], undefined),
    ],
    SPDX: [
      ...BAD_FILES,
      ...FOREIGN,
      instead('syft-json'),
      instead('CycloneDX'),
      changed('is SPDX 3', ['spdxVersion'], 'SPDX-3.0'),
      changed('is SPDX 2.2', ['spdxVersion'], 'SPDX-2.2'),
      changed('has an object for a list', ['packages'], {}),
      changed('describes nothing', ['relationships'], []),
      changed('describes a package of it', ['relationships', 0, 'relatedSpdxElement'], 'SPDXRef-Package-base-files'),
    ],
    CycloneDX: [
      ...BAD_FILES,
      ...FOREIGN,
      instead('syft-json'),
      instead('SPDX'),
      changed('is CycloneDX 1.4', ['specVersion'], '1.4'),
      changed('is a number for a version', ['specVersion'], 1.6),
      changed('has an object for a list', ['components'], {}),
      changed('describes nothing', ['metadata'], undefined),
    ],
  },
  grype: {
    report: [
      ...BAD_FILES,
      ...FOREIGN,
      changed('is of a folder', ['source'], { type: 'directory', target: '/' }),
      changed('is by another program', ['descriptor', 'name'], 'trivy'),
      changed('has no matches', ['matches'], undefined),
      changed('has an object for a list', ['matches'], {}),
      changed('has a match that says nothing', ['matches'], [{}]),
      changed('does not say of which database', ['descriptor', 'db'], undefined),
      changed('is of a database that is not valid', ['descriptor', 'db', 'status', 'valid'], false),
      changed('is of a database of no date', ['descriptor', 'db', 'status', 'built'], 'yesterday'),
    ],
  },
  'cosign sign-blob': {
    bundle: [
      ...BAD_FILES.map((one) => (/object|list|null|number|text/.test(one.what) ? { ...one, says: /cosign/ } : one)),
      changed('holds no signature', ['messageSignature'], {}, /does not match its public key/),
      changed('holds a number', ['messageSignature', 'signature'], 7, /does not match its public key/),
      changed('holds an empty signature', ['messageSignature', 'signature'], '', /does not match its public key/),
      changed('holds another signature', ['messageSignature', 'signature'], 'MAA=', /does not match its public key/),
    ],
  },
};

function said(code: number): RegExp {
  return new RegExp(`exited with code ${code}, without output`);
}

function dies(signal: NodeJS.Signals | number): End {
  return { kind: 'signal', signal };
}

function killed(signal: NodeJS.Signals): RegExp {
  return new RegExp(`was killed by ${signal}\\b`);
}

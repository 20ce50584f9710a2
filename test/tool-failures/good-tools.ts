/** Files that each tool leaves after a success, derived from its arguments. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cyclonedxOf, metadataOf, reportOf, spdxOf, syftOf, type TestImage } from './image.ts';

export const STEPS = [
  'buildx',
  'syft',
  'grype db import',
  'grype db status',
  'grype',
  'cosign public-key',
  'cosign sign-blob',
] as const;
export type Step = (typeof STEPS)[number];

export interface Outcome {
  /** By what a failure calls them. */
  readonly files: ReadonlyMap<string, { readonly path: string; readonly bytes: Buffer }>;
  readonly stdout: Buffer;
}

export interface World {
  readonly image: TestImage;
  readonly key: KeyObject;
}

/** Which step a call is, and of which platform's manifest where it is of one. */
export async function stepOf(path: string, argv: readonly string[]): Promise<{ step: Step; digest?: string }> {
  const name = basename(path);
  if (name === 'buildx') return { step: 'buildx' };
  if (name === 'cosign') return { step: argv[0] === 'public-key' ? 'cosign public-key' : 'cosign sign-blob' };
  if (name === 'syft') return { step: 'syft', digest: after(argv, '--source-version') };
  if (argv[0] === 'db') return { step: argv[1] === 'import' ? 'grype db import' : 'grype db status' };
  const sbom = JSON.parse(await readFile(argv[0]?.replace('sbom:', '') ?? '', 'utf8'));
  return { step: 'grype', digest: sbom.source.metadata.manifestDigest };
}

export async function goodOutcome(
  { step, digest = '' }: { step: Step; digest?: string },
  argv: readonly string[],
  { image, key }: World,
): Promise<Outcome> {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const output = (kind: string) => argv.find((word) => word.startsWith(kind))?.replace(/^[^/]*=/, '') ?? '';
  switch (step) {
    case 'buildx': {
      const layout = /dest=([^,]+)/.exec(after(argv, '--output'))?.[1] ?? '';
      const files = [...image.files].map(([path, bytes]) => [path, { path: join(layout, path), bytes }] as const);
      const metadata = { path: after(argv, '--metadata-file'), bytes: json(metadataOf(image)) };
      return { files: new Map([...files, ['metadata', metadata]]), stdout: Buffer.alloc(0) };
    }
    case 'syft':
      return {
        files: new Map([
          ['syft-json', { path: output('syft-json='), bytes: json(syftOf(digest)) }],
          ['SPDX', { path: output('spdx-json@2.3='), bytes: json(spdxOf(digest)) }],
          ['CycloneDX', { path: output('cyclonedx-json@1.6='), bytes: json(cyclonedxOf(digest)) }],
        ]),
        stdout: Buffer.alloc(0),
      };
    case 'grype db import':
      return { files: new Map(), stdout: Buffer.alloc(0) };
    case 'grype db status':
      return { files: new Map(), stdout: json({ built: new Date().toISOString(), valid: true }) };
    case 'grype':
      return {
        files: new Map([['report', { path: after(argv, '--file'), bytes: json(reportOf(digest, new Date())) }]]),
        stdout: Buffer.alloc(0),
      };
    case 'cosign public-key':
      return {
        files: new Map(),
        stdout: Buffer.from(createPublicKey(key).export({ type: 'spki', format: 'pem' })),
      };
    case 'cosign sign-blob': {
      const signature = sign('sha256', await readFile(argv.at(-1) ?? ''), key).toString('base64');
      const bundle = { path: after(argv, '--bundle'), bytes: json({ messageSignature: { signature } }) };
      return { files: new Map([['bundle', bundle]]), stdout: Buffer.alloc(0) };
    }
  }
}

function after(argv: readonly string[], flag: string): string {
  return argv[argv.indexOf(flag) + 1] ?? '';
}

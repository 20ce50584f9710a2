import { formatPlatform, type Platform, parseDigest, TidegateError } from '@tidegate/core';
import { type Expected, readAs, readLeft } from '../evidence/tool-document.ts';

/** In bytes. Provenance in `max` mode contains the Dockerfile and every step, once per platform. */
const MAX_METADATA_BYTES = 64 * 1024 * 1024;
export const otherwise = 'the build is not trusted';
const METADATA: Expected = { tool: 'BuildKit', what: 'metadata', otherwise };

/** BuildKit's provenance by platform; under '' that of a build of one platform. */
type Provenance = ReadonlyMap<string, unknown>;

/** The file of `--metadata-file`. */
export interface Metadata {
  readonly digest: string;
  readonly provenance: Provenance;
}

export async function readMetadata(file: string): Promise<Metadata> {
  const bytes = await readLeft(file, METADATA, MAX_METADATA_BYTES);
  return readAs(METADATA, () => {
    const record = parsed(bytes);
    const digest = parseDigest(record['containerimage.digest'], "BuildKit's containerimage.digest");
    return { digest, provenance: provenanceIn(record) };
  });
}

/** Of a build that writes files and no image. */
export async function readFileMetadata(file: string): Promise<Pick<Metadata, 'provenance'>> {
  const bytes = await readLeft(file, METADATA, MAX_METADATA_BYTES);
  return readAs(METADATA, () => ({ provenance: provenanceIn(parsed(bytes)) }));
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new TidegateError('build-provenance-missing', 'It is not JSON.', { cause });
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TidegateError('build-provenance-missing', 'It is not an object.');
}

function provenanceIn(record: Record<string, unknown>): Provenance {
  const provenance = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record)) {
    const [name, ...platform] = key.split('/');
    if (name === 'buildx.build.provenance') provenance.set(platform.join('/'), value);
  }
  return provenance;
}

/** BuildKit's provenance of a platform. */
export function buildkitOf({ provenance }: Pick<Metadata, 'provenance'>, platform: Platform): unknown {
  const name = formatPlatform(platform);
  const buildkit = provenance.get(name) ?? provenance.get('');
  if (buildkit !== undefined) return buildkit;
  throw new TidegateError('build-provenance-missing', `BuildKit wrote no provenance for ${name}.`, {
    next: 'Use BuildKit 0.11 or newer.',
  });
}

import type { Finding } from '../evidence.ts';
import { fixedOnlyIn } from '../gate/fix.ts';
import type { Digest } from '../image/digest.ts';
import { clipped } from '../text/wording.ts';
import type { ImageOrigin, LayerOrigin } from './origin.ts';

/** The layer and instruction that added a package. */
export interface Cause {
  /** Position of the layer, 0 the lowest. */
  readonly layer: number;
  readonly diffId: Digest;
  readonly origin: LayerOrigin;
  /** The Dockerfile that line numbers refer to. */
  readonly file: string;
}

/** The layers of one platform that added packages, and what created them. */
export interface CauseMap {
  readonly origin: ImageOrigin;
  /** By layer, as the config lists them. */
  readonly diffIds: readonly Digest[];
  /** The layer that added a package, by `packageKey`. */
  readonly packages: ReadonlyMap<string, Digest>;
}

/** Identifies a package of an image, the same for Syft and Grype. */
export function packageKey({ type, name, version }: Pick<Finding['package'], 'type' | 'name' | 'version'>): string {
  return JSON.stringify([type, name, version]);
}

/** Undefined if the package's layer or its instruction is unknown: no guesses. */
export function causeOf(finding: Pick<Finding, 'package'>, map: CauseMap): Cause | undefined {
  const diffId = map.packages.get(packageKey(finding.package));
  if (diffId === undefined) return undefined;
  const layer = map.diffIds.indexOf(diffId);
  const origin = map.origin.layers[layer];
  // Two layers with the same content (two `WORKDIR`s) cannot be told apart.
  if (layer < 0 || origin === undefined) return undefined;
  return { layer, diffId, origin, file: map.origin.file };
}

/** The location of an annotation or a SARIF result. */
export function placeOf(
  cause: Cause | undefined,
): { file: string; line: number; endLine?: number | undefined } | undefined {
  if (!cause) return undefined;
  const { origin, file } = cause;
  if (origin.kind === 'instruction') return { file, line: origin.line, endLine: origin.endLine };
  return origin.line === undefined ? undefined : { file, line: origin.line };
}

const DISTRIBUTION = new Set(['deb', 'rpm', 'apk', 'alpm', 'portage']);

/**
 * How to fix a finding, as a sentence without a full stop: `fixed by a newer base image than debian:12 (line 3), or by
 * upgrading openssl to 3.0.12 after it`. Contains untrusted text: escape it for display.
 */
export function fixSentence(finding: Finding, cause: Cause | undefined): string {
  const name = clipped(finding.package.name);
  const other = fixedOnlyIn(finding).map((version) => clipped(version));
  if (other.length > 0) return `${name} is fixed only in ${other.slice(0, 3).join(', ')}, another release line`;
  const versions = finding.fixedIn.map((version) => clipped(version)).slice(0, 3);
  const upgrade = versions.length > 0 ? `upgrading ${name} to ${versions.join(' or ')}` : undefined;
  if (!cause) return upgrade ? `fixed by ${upgrade}` : `${name} has no fix yet`;
  const { origin } = cause;
  if (origin.kind === 'base') {
    const at = origin.line === undefined ? '' : ` (line ${origin.line})`;
    const base = `${baseName(origin)}${at}`;
    if (!upgrade) return `${name} came with base image ${base} and has no fix yet`;
    if (DISTRIBUTION.has(finding.package.type)) {
      return `fixed by a newer base image than ${base}, or by ${upgrade} in a line after it`;
    }
    // A later line cannot upgrade a package that is compiled into the base image.
    return `fixed by a newer base image than ${base}, with ${name} ${versions.join(' or ')}`;
  }
  const line = `line ${origin.line} (${clipped(origin.text)})`;
  return upgrade ? `fixed by ${upgrade} in ${line}` : `${name} came in ${line} and has no fix yet`;
}

/** `debian:12@sha256:0123456789ab`: enough to identify it. Untrusted text. */
export function baseName({ image, digest }: Extract<LayerOrigin, { kind: 'base' }>): string {
  return `${clipped(shortImage(image), 120)}${digest ? `@${digest.slice(0, 19)}` : ''}`;
}

function shortImage(image: string): string {
  return image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/^docker\.io\/(library\/)?/, '');
}

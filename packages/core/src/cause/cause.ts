import type { DeclaredIn } from '../declared-in/declared-in.ts';
import type { Finding } from '../finding.ts';
import { fixedOnlyIn } from '../gate/fix.ts';
import type { Digest } from '../image/digest.ts';
import { DISTRIBUTION_PACKAGES } from '../purl/distribution.ts';
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

/**
 * How to fix a finding, as a sentence without a full stop: `fixed by a newer base image than debian:12 (line 3), or by
 * upgrading openssl to 3.0.12 after it`. Contains untrusted text: escape it for display.
 * @param declaredIn the file that a developer edits: named before the instruction that installs from it
 */
export function fixSentence(finding: Finding, cause: Cause | undefined, declaredIn?: DeclaredIn): string {
  const name = clipped(finding.package.name);
  const other = fixedOnlyIn(finding).map((version) => clipped(version));
  const declared = declaredIn ? declaredText(declaredIn) : '';
  if (other.length > 0) {
    const at = declared && `, declared in ${declared}`;
    return `${name} is fixed only in ${other.slice(0, 3).join(', ')}, another release line${at}`;
  }
  const versions = finding.fixedIn.map((version) => clipped(version)).slice(0, 3);
  const upgrade = versions.length > 0 ? `upgrading ${name} to ${versions.join(' or ')}` : undefined;
  const line = cause?.origin.kind === 'instruction' && `line ${cause.origin.line} (${clipped(cause.origin.text)})`;
  if (!upgrade) {
    const came = declared ? `is declared in ${declared}` : cause && cameIn(cause.origin);
    if (finding.fix === 'wont-fix') return `${came ? `${name} ${came}` : name}: the vendor will not fix this`;
    return came ? `${name} ${came} and has no fix yet` : `${name} has no fix yet`;
  }
  if (declared) return `fixed by ${upgrade} in ${declared}${line ? `, used by ${line}` : ''}`;
  if (line) return `fixed by ${upgrade} in ${line}`;
  if (cause?.origin.kind !== 'base') return `fixed by ${upgrade}`;
  const base = baseWithLine(cause.origin);
  if (DISTRIBUTION_PACKAGES.includes(finding.package.type)) {
    return `fixed by a newer base image than ${base}, or by ${upgrade} in a line after it`;
  }
  // A later line cannot upgrade a package that is compiled into the base image.
  return `fixed by a newer base image than ${base}, with ${name} ${versions.join(' or ')}`;
}

function cameIn(origin: LayerOrigin): string {
  if (origin.kind === 'base') return `came with base image ${baseWithLine(origin)}`;
  return `came in line ${origin.line} (${clipped(origin.text)})`;
}

function baseWithLine(origin: Extract<LayerOrigin, { kind: 'base' }>): string {
  return `${baseName(origin)}${origin.line === undefined ? '' : ` (line ${origin.line})`}`;
}

/** `web/package-lock.json:812 (required by express)`. Untrusted text. */
function declaredText({ file, line, via }: DeclaredIn): string {
  const at = `${clipped(file)}${line === undefined ? '' : `:${line}`}`;
  return via === undefined ? at : `${at} (required by ${clipped(via)})`;
}

/** `debian:12@sha256:0123456789ab`: enough to identify it. Untrusted text. */
function baseName({ image, digest }: Extract<LayerOrigin, { kind: 'base' }>): string {
  return `${clipped(shortImage(image), 120)}${digest ? `@${digest.slice(0, 19)}` : ''}`;
}

/** `node:22-slim`, as a Dockerfile names it, without a digest. Untrusted text. */
export function shortImage(image: string): string {
  return image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/^docker\.io\/(library\/)?/, '');
}

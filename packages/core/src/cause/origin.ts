import type { Digest } from '../image/digest.ts';

/** The origin of a layer. */
export type LayerOrigin =
  /** An instruction of the Dockerfile, in the last stage or one of its parents. */
  | {
      readonly kind: 'instruction';
      /** From 1; for a heredoc, the line of the instruction. */
      readonly line: number;
      readonly endLine: number;
      /** As in the file, on one line. */
      readonly text: string;
    }
  /** It is part of the image in a FROM. */
  | {
      readonly kind: 'base';
      /** `docker.io/library/debian:bookworm-slim`. */
      readonly image: string;
      readonly digest?: Digest | undefined;
      /** The line of the FROM, if it is in the Dockerfile: an image of a named context may be used elsewhere. */
      readonly line?: number | undefined;
    };

/** The origins of one platform's layers. */
export interface ImageOrigin {
  /** The Dockerfile, relative to the repository if that is known. */
  readonly file: string;
  /** By layer, lowest first. Undefined if the builder does not report it. */
  readonly layers: readonly (LayerOrigin | undefined)[];
}

/** One build step in BuildKit's provenance (slsa-definitions.md, "source" and "layers" of max mode). */
export interface BuildStep {
  /** Its lines in the Dockerfile; empty for BuildKit's internal steps. */
  readonly lines: readonly number[];
  /** The layers of the step's result, lowest first; several lists if they were packed in several ways. */
  readonly chains: readonly (readonly Digest[])[];
  /** The image that it used, if any. */
  readonly image?:
    | {
        readonly name: string;
        readonly digest?: Digest | undefined;
        /** From an image layout used in place of a name: it cannot be pulled. */
        readonly local?: true | undefined;
      }
    | undefined;
}

/** A FROM of the Dockerfile with an image, not a stage. */
export interface BaseLine {
  readonly image: string;
  readonly line: number;
}

/**
 * Which step made which layer of an image.
 *
 * A step's layers are those of the previous step and its own, so a layer belongs to the step whose list ends with it,
 * at its position in the image. COPY --link creates a layer without a parent and merges it later: then the list ends
 * with the layer at another position, or the merge has the same line.
 * @param layers digests of the manifest, lowest first
 * @param bases the FROM lines of the last stage and what it is built on, the last stage's own first
 */
export function originsOf(
  layers: readonly Digest[],
  steps: readonly BuildStep[],
  dockerfile: string,
  bases: readonly BaseLine[],
): readonly (LayerOrigin | undefined)[] {
  const source = dockerfile.split(/\r?\n/);
  return layers.map((digest, at) => {
    const made = steps.filter(({ chains }) => chains.some((chain) => chain.at(-1) === digest));
    const here = made.filter(({ chains }) => chains.some((chain) => isChainOf(chain, layers, at)));
    const written = [...here, ...made].find(({ lines }) => lines.length > 0);
    if (written) {
      const line = Math.min(...written.lines);
      return { kind: 'instruction', line, endLine: Math.max(...written.lines), text: oneLine(source, line) };
    }
    const from = steps.find(({ image, chains }) => image && chains.some((chain) => isWithin(chain, layers, at)));
    if (!from?.image) return undefined;
    const { name, digest: pinned } = from.image;
    const line = baseLine(name, bases);
    return {
      kind: 'base',
      image: name,
      digest: pinned,
      line,
    };
  });
}

/** The chain is exactly the image's layers up to `at`. */
function isChainOf(chain: readonly Digest[], layers: readonly Digest[], at: number): boolean {
  return chain.length === at + 1 && chain.every((digest, index) => digest === layers[index]);
}

/** A base image's chain covers the lowest layers, including `at`. */
function isWithin(chain: readonly Digest[], layers: readonly Digest[], at: number): boolean {
  return at < chain.length && chain.every((digest, index) => digest === layers[index]);
}

/** The FROM with that image; if only one FROM has an external image, that one, whatever its name. */
function baseLine(image: string, bases: readonly BaseLine[]): number | undefined {
  const exact = bases.find((base) => sameImage(base.image, image));
  return (exact ?? (bases.length === 1 ? bases[0] : undefined))?.line;
}

/** `debian` and `docker.io/library/debian:latest` are the same image; digests are compared only if both have one. */
export function sameImage(a: string, b: string): boolean {
  return familiar(a) === familiar(b);
}

function familiar(image: string): string {
  const [name = ''] = image.split('@', 1);
  const short = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
  return short.lastIndexOf(':') > short.lastIndexOf('/') ? short : `${short}:latest`;
}

const LONGEST = 200;

/**
 * The instruction that begins at `line`, with continued lines joined, and without the body of a heredoc, which is a
 * file.
 */
function oneLine(source: readonly string[], line: number): string {
  const parts: string[] = [];
  for (let at = line - 1; at < source.length; at += 1) {
    const part = (source[at] ?? '').trim();
    // A comment between continued lines is not part of the instruction.
    if (!part.startsWith('#')) parts.push(part.replace(/[\\`]$/, '').trim());
    if (parts.join(' ').length > LONGEST || !/[\\`]$/.test(part)) break;
  }
  const text = parts.join(' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

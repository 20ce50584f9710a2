import type { Digest } from '../image/digest.ts';

/** What made a layer. */
export type LayerOrigin =
  /** An instruction of the Dockerfile: of the last stage, or of one it is built on. */
  | {
      readonly kind: 'instruction';
      /** From 1; of a heredoc the line of the instruction itself. */
      readonly line: number;
      readonly endLine: number;
      /** As it stands in the file, in one line. */
      readonly text: string;
    }
  /** It came with the image that a FROM names. */
  | {
      readonly kind: 'base';
      /** `docker.io/library/debian:bookworm-slim`. */
      readonly image: string;
      readonly digest?: Digest;
      /** The FROM, where the Dockerfile has it: one from a named context may be reached otherwise. */
      readonly line?: number;
    };

/** How one platform's image came about, layer by layer. */
export interface ImageOrigin {
  /** The Dockerfile, relative to the repository where it is known. */
  readonly file: string;
  /** By layer, lowest first. Undefined where the builder does not say. */
  readonly layers: readonly (LayerOrigin | undefined)[];
}

/** One step of a build as BuildKit tells it in provenance (slsa-definitions.md, "source" and "layers" of max mode). */
export interface BuildStep {
  /** Lines of the Dockerfile it was written in; empty for what BuildKit does by itself. */
  readonly lines: readonly number[];
  /** The layers of what the step made, lowest first; more than one list where they were packed in several ways. */
  readonly chains: readonly (readonly Digest[])[];
  /** The image it took, where it took one. */
  readonly image?: {
    readonly name: string;
    readonly digest?: Digest;
    /** From an image layout that stands in for a name: nobody else can pull it. */
    readonly local?: true;
  };
}

/** A FROM of the Dockerfile that names an image and not a stage. */
export interface BaseLine {
  readonly image: string;
  readonly line: number;
}

/**
 * Which step made which layer of an image.
 *
 * A step's layers are those of the step before it and its own, so a layer belongs to the step whose list it ends, at
 * the place where it lies in the image. COPY --link makes a layer on nothing and merges it later: there the list ends
 * with the layer at another place, or the merge has the same line.
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
      ...(pinned === undefined ? {} : { digest: pinned }),
      ...(line === undefined ? {} : { line }),
    };
  });
}

/** The chain is the image's layers up to `at`, and no more. */
function isChainOf(chain: readonly Digest[], layers: readonly Digest[], at: number): boolean {
  return chain.length === at + 1 && chain.every((digest, index) => digest === layers[index]);
}

/** An image's own chain covers the lowest layers, `at` among them. */
function isWithin(chain: readonly Digest[], layers: readonly Digest[], at: number): boolean {
  return at < chain.length && chain.every((digest, index) => digest === layers[index]);
}

/** The FROM that names the image; where only one FROM leads out of the file it is that one, whatever it is called. */
function baseLine(image: string, bases: readonly BaseLine[]): number | undefined {
  const exact = bases.find((base) => sameImage(base.image, image));
  return (exact ?? (bases.length === 1 ? bases[0] : undefined))?.line;
}

/** `debian` and `docker.io/library/debian:latest` are one image; a digest that one of both lacks tells none apart. */
export function sameImage(a: string, b: string): boolean {
  return familiar(a) === familiar(b);
}

function familiar(image: string): string {
  const [name = ''] = image.split('@', 1);
  const short = name.replace(/^docker\.io\//, '').replace(/^library\//, '');
  return short.lastIndexOf(':') > short.lastIndexOf('/') ? short : `${short}:latest`;
}

const LONGEST = 200;

/** The instruction that begins at `line`, its continued lines joined. A heredoc's body is left out: it is a file. */
function oneLine(source: readonly string[], line: number): string {
  const parts: string[] = [];
  for (let at = line - 1; at < source.length; at += 1) {
    const part = (source[at] ?? '').trim();
    // A comment between continued lines is no part of them.
    if (!part.startsWith('#')) parts.push(part.replace(/[\\`]$/, '').trim());
    if (parts.join(' ').length > LONGEST || !/[\\`]$/.test(part)) break;
  }
  const text = parts.join(' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

import type { ManifestFile } from './document.ts';
import type { ManifestScalar } from './node.ts';

/** A text in a manifest that is YAML itself: a patch in a kustomization, or values of a Helm chart. */
export interface EmbeddedText {
  readonly scalar: ManifestScalar;
  readonly path: string;
  readonly as: 'patch' | 'values';
}

/** The place of an image in such a text. */
export interface Within {
  readonly scalar: ManifestScalar;
  /** The text as a file of its own. */
  readonly file: ManifestFile;
  /** The offset in the outer file of an offset in the text. */
  readonly offset: (inner: number) => number;
}

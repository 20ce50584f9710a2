import type { ManifestFile } from './document.ts';
import type { ManifestScalar } from './node.ts';

/** A text in a manifest that is YAML itself, such as a patch in a kustomization. */
export interface EmbeddedText {
  readonly scalar: ManifestScalar;
  readonly path: string;
}

/** The place of an image in such a text. */
export interface Within {
  readonly scalar: ManifestScalar;
  /** The text as a file of its own. */
  readonly file: ManifestFile;
  /** The offset in the outer file of an offset in the text. */
  readonly offset: (inner: number) => number;
}

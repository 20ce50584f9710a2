import type { Remark } from '../../finding.ts';
import type { ManifestContainer } from '../container.ts';

/** Facts about a manifest from other files of the repository. */
export interface ManifestContext {
  /** Images whose version a kustomization sets. */
  readonly setImages: ReadonlySet<string>;
  /** Folders that a Dockerfile declares as VOLUME. */
  readonly volumes: readonly string[];
}

export type ManifestRule = (container: ManifestContainer, context: ManifestContext) => Remark[];

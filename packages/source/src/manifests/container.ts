import type { At } from './yaml-map.ts';

/** A container that a manifest starts, in the same form for Kubernetes and Compose. */
export interface ManifestContainer {
  readonly format: 'kubernetes' | 'compose';
  /** `The container web of Deployment shop`, `The service web`. */
  readonly shown: string;
  /** Where it begins: findings about something that is missing are there. */
  readonly line: number;
  /** It ends before the others start. */
  readonly isInit: boolean;
  /** A patch of a container that another file defines: what is missing here may be there. */
  readonly isPatch: boolean;
  /** Windows has neither numeric users nor a read-only root file system. */
  readonly isWindows: boolean;
  readonly image: At | undefined;
  /** The image is built by the file itself (Compose): its tag names the result. */
  readonly isBuilt: boolean;
  /** In lower case: `never`, `ifnotpresent`, `if_not_present`, `missing`, `always`. */
  readonly pull: At | undefined;
  readonly isReadOnly: boolean;
  readonly user: User;
  readonly mounts: readonly Mount[];
  /** The words of `command`, `entrypoint` and `args`. */
  readonly words: readonly At[];
  readonly variables: readonly Variable[];
  readonly hasMemoryLimit: boolean;
}

export interface Variable extends At {
  readonly name: string;
}

export type User =
  | { readonly kind: 'root'; readonly how: string; readonly line: number }
  /** A user other than root is set or enforced. */
  | { readonly kind: 'other' }
  /** The image decides. */
  | { readonly kind: 'unset' };

export interface Mount {
  readonly path: string;
  readonly line: number;
  /**
   * `kept` outlives the container; `lost` ends with it; `host` is a folder of the machine; `given` is configuration
   * from the cluster.
   */
  readonly storage: 'kept' | 'lost' | 'host' | 'given';
  /** As the manifest writes it: `an emptyDir`, `the host's folder /var/run`. */
  readonly shown: string;
  readonly isWritable: boolean;
}

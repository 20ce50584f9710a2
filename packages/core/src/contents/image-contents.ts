import type { Digest } from '../image/digest.ts';

/** Kinds of files that a policy can reject. */
export const TRACE_KINDS = [
  'secret',
  'history',
  'hidden-package',
  'setuid',
  'shell',
  'package-manager',
  'state',
  'device',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** One finding and its location. */
export interface Trace {
  readonly kind: TraceKind;
  /** Absolute and normalized, but untrusted text. `image config` for findings in the config. */
  readonly path: string;
  /** Position of the layer, 0 the lowest; -1 for the image's config. */
  readonly layer: number;
  /** Description: `private key`, `GitHub token`, `setuid root 4755`, `bash`. Never the secret itself. */
  readonly what: string;
  /** Line in a text file, from 1. */
  readonly line?: number | undefined;
  /** The layer that deletes or replaces it. It can still be read in its own layer after a pull. */
  readonly hiddenBy?: number | undefined;
}

export interface LayerFacts {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Compressed bytes. */
  readonly size: number;
  /** Uncompressed bytes. */
  readonly unpacked: number;
  readonly entries: number;
  /** `created_by` of the config's history: the instruction as the builder ran it. */
  readonly createdBy?: string | undefined;
  /** The line of the Dockerfile that created it, or the FROM of its image: `Dockerfile:7`. */
  readonly line?: string | undefined;
  /**
   * Unpacked bytes of its files that later layers delete or replace, by the position of that layer: they are pulled but
   * never seen. Absent if nothing is wasted, or if the image has more files than are tracked.
   */
  readonly wasted?: readonly { readonly by: number; readonly bytes: number }[] | undefined;
}

/** Start settings of a container from the image's config (OCI image-spec, config.md). Empty if not set. */
export interface ConfigFacts {
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Undefined without one, or if `HEALTHCHECK NONE` removes that of the base image. */
  readonly healthcheck?: readonly string[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  /** Only names: values may be secrets. */
  readonly env: readonly string[];
}

/** Packages in the system's package lists, which the SBOM must contain. */
export interface SystemPackages {
  readonly deb: readonly string[];
  readonly apk: readonly string[];
  readonly rpm: readonly string[];
}

/** A package in the metadata of a language, as that language's tools read it. */
export interface LanguagePackage {
  /** Syft's package type: `npm`, `python`. */
  readonly type: 'npm' | 'python' | 'gem' | 'php-composer' | 'conda';
  readonly name: string;
  readonly version: string;
  /** Of the metadata. */
  readonly path: string;
  /** The layer of the metadata, 0 the lowest. */
  readonly layer: number;
}

/** The contents of one platform's image. */
export interface ImageContents {
  readonly config: ConfigFacts;
  readonly layers: readonly LayerFacts[];
  readonly traces: readonly Trace[];
  /** Kinds with more findings than are kept; the rest counts as found. */
  readonly overflow: readonly TraceKind[];
  /** State folders that were checked: those of the policy, and the image's own volumes. */
  readonly statePaths: readonly string[];
  readonly systemPackages: SystemPackages;
  /** The packages that a container sees. */
  readonly languagePackages: readonly LanguagePackage[];
}

import type { Digest } from '../image/digest.ts';

/** What a policy can object to in an image's files. */
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

/** One thing that was found, and where. */
export interface Trace {
  readonly kind: TraceKind;
  /** Absolute and clean; hostile text all the same. `image config` for what stands there. */
  readonly path: string;
  /** Position of the layer, 0 the lowest; -1 for the image's config. */
  readonly layer: number;
  /** What it is: `private key`, `GitHub token`, `setuid root 4755`, `bash`. Never the secret itself. */
  readonly what: string;
  /** Line of a text file in which it stands, from 1. */
  readonly line?: number;
  /** The layer that deletes or replaces it. Whoever pulls the image can still read it in its own layer. */
  readonly hiddenBy?: number;
}

export interface LayerFacts {
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes as it is sent. */
  readonly size: number;
  /** Bytes unpacked. */
  readonly unpacked: number;
  readonly entries: number;
  /** `created_by` of the config's history: the instruction as the builder ran it. */
  readonly createdBy?: string;
  /** The line of the Dockerfile that made it, or that names the image it came with: `Dockerfile:7`. */
  readonly line?: string;
}

/** What the image's config says a container starts with (OCI image-spec, config.md). Empty where it says nothing. */
export interface ConfigFacts {
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Undefined where none is given or `HEALTHCHECK NONE` takes the base's away. */
  readonly healthcheck?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  /** Names alone: values may be secrets. */
  readonly env: readonly string[];
}

/** Packages that the lists of an image's system name: what an SBOM of it has to list. */
export interface SystemPackages {
  readonly deb: readonly string[];
  readonly apk: readonly string[];
  readonly rpm: readonly string[];
}

/** A package that metadata of a language name, as the tools of that language read them. */
export interface LanguagePackage {
  /** Syft's word for its kind: `npm`, `python`. */
  readonly type: 'npm' | 'python' | 'gem' | 'php-composer' | 'conda';
  readonly name: string;
  readonly version: string;
  /** Of the metadata. */
  readonly path: string;
  /** The layer that the metadata are from, 0 the lowest. */
  readonly layer: number;
}

/** One platform's image, read through once. */
export interface ImageContents {
  readonly config: ConfigFacts;
  readonly layers: readonly LayerFacts[];
  readonly traces: readonly Trace[];
  /** More of these were there than are kept: what is left out counts as found. */
  readonly overflow: readonly TraceKind[];
  /** Folders of state that were watched: those the policy names, and the image's own volumes. */
  readonly statePaths: readonly string[];
  readonly systemPackages: SystemPackages;
  /** Those that a container sees. */
  readonly languagePackages: readonly LanguagePackage[];
}

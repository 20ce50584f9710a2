import type { ErrorId } from '@tidegate/core';
import type { StagedDockerfile } from '@tidegate/source';
import type { Step } from './transcript.ts';

/** A failed build, read. */
export interface Facts {
  /** BuildKit's error, without `failed to solve:`. */
  readonly reason: string;
  readonly step: Step | undefined;
  /** The instruction as written, joined: `COPY --from=build /app /app`. Empty if the error is at none. */
  readonly instruction: string;
  /** Upper case: `RUN`. Empty if the error is at no instruction. */
  readonly keyword: string;
  /** The image that BuildKit was resolving: `docker.io/library/node:22`. */
  readonly image: string | undefined;
  /** The platform of the failed step, if known: `linux/arm64`. */
  readonly platform: string | undefined;
  /** Undefined if the Dockerfile cannot be read or parsed. */
  readonly dockerfile: StagedDockerfile | undefined;
  /** Whether RUN steps have a network of their own, in which the runner's 127.0.0.1 cannot be reached. */
  readonly isNetworkApart: boolean;
  /** Whether a path of the context is missing, excluded by an ignore file (its name), or there. */
  readonly inContext: (path: string) => Promise<'missing' | 'there' | { readonly excludedBy: string }>;
  /** Names of the entries of a folder of the context. */
  readonly namesIn: (folder: string) => Promise<readonly string[]>;
  /** The use of the builder's disk, if the builder can be asked: `BuildKit's cache uses 9.1GB`. */
  readonly diskUse: () => Promise<string | undefined>;
}

/** A failure with a known cause. */
export interface Known {
  readonly id: ErrorId;
  /** One sentence, after the instruction and a colon. */
  readonly message: string;
  readonly next: string;
}

export type Cause = (facts: Facts) => Known | undefined | Promise<Known | undefined>;

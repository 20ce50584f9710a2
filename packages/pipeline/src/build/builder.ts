import type { OneOrMore, ProgramEvidence } from '@tidegate/core';
import type { RunNetwork } from '@tidegate/tools';
import type { BuilderNode } from './options.ts';

/** A builder that is registered in buildx under a name, and the environment in which it is registered. */
export interface Builder {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Set if Tidegate started it on this machine. */
  readonly isHere?: true;
  /** The daemon, if Tidegate started it. */
  readonly program?: ProgramEvidence | undefined;
  /** The network of RUN steps, if known. */
  readonly runNetwork?: RunNetwork;
  /** Namespace for the ids of cache mounts, on a BuildKit that other runs also use. */
  readonly cacheMounts?: string | undefined;
  /** Builders on several machines; `name` is that of the first. */
  readonly nodes?: OneOrMore<NodeBuilder> | undefined;
  /** The machine of this builder, if it is one of several. */
  readonly node?: NodeBuilder | undefined;
  /** Remove what was created for this build alone: builders and keys. */
  readonly dispose?: (() => Promise<void>) | undefined;
}

/** The builder of one machine. */
export interface NodeBuilder extends BuilderNode {
  readonly name: string;
  /** Why the machine does not respond; undefined if it does, or cannot be tested. */
  readonly silence: () => Promise<string | undefined>;
}

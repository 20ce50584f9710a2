import type { CauseMap } from '../../cause/cause.ts';
import type { DeclaredIn } from '../../declared-in/declared-in.ts';
import type { BaselineEvidence, ScanEvidence } from '../../evidence.ts';
import type { Digest } from '../../image/digest.ts';
import type { Image } from '../../image/image.ts';
import type { Policy, Verdict } from '../../policy.ts';
import type { LiveChanges } from '../changes.ts';
import type { PlatformLayers } from '../contents.ts';
import type { RescanFacts } from '../rescan.ts';
import type { RebuildSummary } from './rebuild.ts';

export interface PlatformSummary extends PlatformLayers {
  readonly scan?: ScanEvidence | undefined;
  readonly causes?: CauseMap | undefined;
  /** The files that declare packages, by `packageKey`. Undefined without a checkout. */
  readonly declared?: ReadonlyMap<string, DeclaredIn> | undefined;
  /** Number of packages in its SBOM. */
  readonly packages?: number | undefined;
  /** Compressed bytes of its layers and config, as in a registry. */
  readonly size?: number | undefined;
  readonly layers?: number;
}

interface TagSummary {
  readonly tag: string;
  /** `planned`: it would be set if this were published. `kept`: this image does not get it. */
  readonly outcome: 'set' | 'moved' | 'unchanged' | 'failed' | 'planned' | 'kept';
  /** Its previous digest. */
  readonly from?: Digest;
  /** Why it is among the tags or not, or why it failed. */
  readonly reason?: string;
}

/** Transfer of layers and configs to the registry: counts, each digest once. */
export interface TransferSummary {
  readonly sent: number;
  readonly mounted: number;
  /** Already in the registry. */
  readonly skipped: number;
  /** Uploads among the sent ones that were interrupted and resumed. */
  readonly resumed: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly bytesPerSecond?: number | undefined;
}

/** One of several destinations: what it has in the registry, and how to use it from there. */
export interface DestinationSummary {
  /** `registry/repository`. */
  readonly name: string;
  readonly tags?: readonly TagSummary[];
  readonly transfer?: TransferSummary;
  /** Full references that can be pulled, the one by digest first. */
  readonly references?: readonly string[];
  /** Shell lines that verify the published image. */
  readonly verifyCommands?: readonly string[];
}

/** The results at the end of a run, successful or not; absent results are not mentioned. */
export interface SummaryFacts extends DestinationSummary {
  /** `registry/repository`, of every destination, or the display name of an image that is not published. */
  readonly name: string;
  readonly image?: Image;
  readonly verdict?: Verdict;
  /** The policy of the verdict: separates the findings that fail the gate from the others. */
  readonly policy?: Policy;
  readonly platforms?: readonly PlatformSummary[];
  /** The baselines that the platforms were compared with. */
  readonly baselines?: readonly BaselineEvidence[];
  /** Whether it was pushed, and the reason in one sentence: `Push of branch main.` */
  readonly publication?: { readonly published: boolean; readonly why: string };
  /** Destinations after the first. */
  readonly others?: readonly DestinationSummary[] | undefined;
  /** Steps of the build, and how many of them a cache had. */
  readonly build?: { readonly steps: number; readonly cached: number } | undefined;
  /** Time of the SBOMs and of the verdict on the layers, if published ones were used again. */
  readonly reusedFrom?: Date | undefined;
  /** A second build, if one was requested. */
  readonly rebuilt?: RebuildSummary | undefined;
  /** The image was published before, and this is a rescan of it. */
  readonly rescan?: RescanFacts;
  /** Compared with the tag that is live now. */
  readonly changes?: readonly LiveChanges[];
}

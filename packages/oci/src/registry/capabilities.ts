import { BlobLocations } from './blob-locations.ts';

/**
 * Detected capabilities of registries, by host. Shared by every `Registry` of a run, so that the second repository on a
 * host needs no second probe.
 */
export class RegistryCapabilities {
  /**
   * Whether a host has the referrers API. A promise, so that concurrent callers share one probe. Detected by listing,
   * because ECR has sent OCI-Subject without having the API.
   */
  readonly referrersApi = new Map<string, Promise<boolean>>();
  /** Whether a host honors If-Match and If-None-Match when a tag is written. Unknown until the first write. */
  readonly honorsConditions = new Map<string, boolean>();
  /** Which repositories have which blobs. */
  readonly blobs = new BlobLocations();
}

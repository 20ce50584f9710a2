import { BlobLocations } from './blob-locations.ts';

/**
 * What has been found out about registries, by host. Handed to every `Registry` of a run, so that the second repository
 * of the same host does not ask again.
 */
export class RegistryCapabilities {
  /**
   * Whether a host has the referrers API, once somebody asks. A promise, so that those who ask at once ask once. Found
   * out by listing: ECR has answered OCI-Subject without having the API.
   */
  readonly referrersApi = new Map<string, Promise<boolean>>();
  /** Whether a host heeds If-Match and If-None-Match when a tag is written. Unknown until a write has shown it. */
  readonly heedsConditions = new Map<string, boolean>();
  /** Which repositories hold which blobs. */
  readonly blobs = new BlobLocations();
}

/** Detected capabilities of a registry. */
export class RegistryCapabilities {
  /**
   * Whether it has the referrers API. A promise, so that concurrent callers share one probe. Detected by listing,
   * because ECR has sent OCI-Subject without having the API.
   */
  referrersApi: Promise<boolean> | undefined;
  /** Whether it honors If-Match and If-None-Match when a tag is written. Unknown until the first write. */
  honorsConditions: boolean | undefined;
}

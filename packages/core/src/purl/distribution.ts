/** Package types that scanners match only through their distribution, in Syft's words. */
export const DISTRIBUTION_PACKAGES: readonly string[] = ['alpm', 'apk', 'deb', 'portage', 'rpm'];

/** The distribution of an image (os-release(5)). */
export interface DistributionRelease {
  /** `ID`: `debian`. */
  readonly id: string;
  /** `VERSION_ID`: `12`. Rolling distributions have none. */
  readonly version?: string | undefined;
  /** `VERSION_CODENAME`: `bookworm`. */
  readonly codename?: string | undefined;
}

/** `debian 12`; for a release without a version, its codename. */
export function releaseName({ id, version, codename }: DistributionRelease): string {
  return [id, version ?? codename].filter(Boolean).join(' ');
}

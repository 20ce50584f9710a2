/** Kinds of packages that a scanner matches through their distribution alone, in Syft's words. */
export const DISTRIBUTION_PACKAGES: readonly string[] = ['alpm', 'apk', 'deb', 'portage', 'rpm'];

/** What an image calls its distribution (os-release(5)). */
export interface DistributionRelease {
  /** `ID`: `debian`. */
  readonly id: string;
  /** `VERSION_ID`: `12`. Rolling distributions have none. */
  readonly version?: string | undefined;
  /** `VERSION_CODENAME`: `bookworm`. */
  readonly codename?: string | undefined;
}

/** `debian 12`; of a release without a version its codename. */
export function releaseName({ id, version, codename }: DistributionRelease): string {
  return [id, version ?? codename].filter(Boolean).join(' ');
}

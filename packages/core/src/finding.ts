import type { Severity } from './severity.ts';

/** One (package, version, advisory) that the scanner matched; duplicates over locations are merged. */
export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly fix: 'fixed' | 'not-fixed' | 'wont-fix' | 'unknown';
  readonly fixedIn: readonly string[];
  /** Release dates of fixed versions, by version; without those of unknown date. */
  readonly fixDates?: Readonly<Record<string, Date>> | undefined;
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly type: string;
    readonly purl?: string | undefined;
  };
  readonly locations: readonly string[];
  readonly aliases: readonly string[];
  readonly url?: string | undefined;
  /** The advisory's title, or the first sentence of its description, at most 120 characters. Untrusted text. */
  readonly title?: string | undefined;
  /** The highest CVSS base score of all sources. */
  readonly cvss?: Cvss | undefined;
  /** It is known to be exploited (CISA's KEV catalog), by its own id or an alias. */
  readonly knownExploited?: boolean | undefined;
  /** Probability of an attack within 30 days (FIRST's EPSS), 0 to 1; of several, the highest. */
  readonly epss?: number | undefined;
  /** Risk as calculated by Grype from severity, EPSS and known attacks, 0 to 100. */
  readonly risk?: number | undefined;
}

/** A CVSS base score (FIRST). */
export interface Cvss {
  /** 0 to 10. */
  readonly score: number;
  /** `CVSS:3.1/AV:N/…`. Untrusted text. */
  readonly vector: string;
  /** `3.1`. */
  readonly version: string;
  /** The organization that scored: `nvd@nist.gov`. Absent if the scanner does not say. */
  readonly source?: string | undefined;
}

import { canAdd, MOST_ADDED } from '@tidegate/attest';
import { clipped, counted, type Digest, type LanguagePackage, listed, uncatalogedPackages } from '@tidegate/core';
import type { PlatformContents } from '../sbom/contents.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { type PlatformScan, type ScanOptions, scanOf } from './scan.ts';

/**
 * Scan a platform again if its layers have packages of a language that the SBOM lacks: Syft drops metadata with a field
 * of an unexpected type, such as a list of authors, which the tools of the language accept. Grype then also gets these
 * packages. This is rare, so the first scan does not wait for the layers.
 * @returns the scans, with the repeated ones in their places
 */
export async function scanUncataloged(
  target: Target,
  contents: readonly PlatformContents[],
  scans: readonly PlatformScan[],
  options: Omit<ScanOptions, 'added' | 'document' | 'onRunning'>,
  services: Services,
): Promise<readonly PlatformScan[]> {
  const results: PlatformScan[] = [];
  for (const [at, one] of target.image.platforms.entries()) {
    const [found, first] = [contents[at]?.contents, scans[at]];
    if (!first) continue;
    const missing = found ? missingOf(found.languagePackages, target, one.descriptor.digest, first) : [];
    if (missing.length === 0) {
      results.push(first);
      continue;
    }
    services.log.notice(
      `${first.platform}: ${counted(missing.length, 'package')} added to the scan, because Syft cannot read the metadata: ${shown(missing)}.`,
    );
    const added = new Map([[one.descriptor.digest, missing]]);
    results.push(await scanOf(target, one, { ...options, added }, services));
  }
  return results;
}

/** Packages that the gate would report as not scanned. Those that cannot be added stay missing, and fail it. */
function missingOf(
  packages: readonly LanguagePackage[],
  target: Target,
  subject: Digest,
  { evidence }: PlatformScan,
): readonly LanguagePackage[] {
  if (packages.length === 0) return [];
  // As parsed for the scan: the document may have hundreds of megabytes.
  const components = target.evidence
    .stated(subject, evidence.sbom)
    ?.flatMap((said) => (said.kind === 'sbom' ? (said.components ?? []) : []));
  const missing = components ? uncatalogedPackages(packages, components) : [];
  return missing.length <= MOST_ADDED ? missing.filter(canAdd) : [];
}

const MOST_SHOWN = 3;

function shown(packages: readonly LanguagePackage[]): string {
  return listed(
    packages.map(({ type, name, version, path }) => `${type} ${clipped(name)} ${clipped(version)} (${clipped(path)})`),
    MOST_SHOWN,
  );
}

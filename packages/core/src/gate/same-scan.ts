import type { ScanEvidence } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { findingKey } from './merge-findings.ts';

/** Whether two lists have the same findings, with the same severity and fix. Scores that change daily are ignored. */
export function sameFindings(a: readonly Finding[], b: readonly Finding[]): boolean {
  return a.length === b.length && keysOf(a) === keysOf(b);
}

function keysOf(findings: readonly Finding[]): string {
  const keys = findings.map((finding) =>
    JSON.stringify([findingKey(finding), finding.severity, finding.fix, finding.fixedIn, finding.knownExploited]),
  );
  return keys.toSorted().join('\n');
}

/** Whether two scans of one image say the same: of the same SBOM, by the same scanner, with the same findings. */
export function sameScan(a: ScanEvidence, b: ScanEvidence): boolean {
  return JSON.stringify(factsOf(a)) === JSON.stringify(factsOf(b)) && sameFindings(a.findings, b.findings);
}

function factsOf(scan: ScanEvidence): readonly unknown[] {
  const { subject, sbom, scanner, program, distribution, covered, standIn, endOfLife, added = [] } = scan;
  const { suppressed, scannerTripped, scannerThreshold, onlyFixed, database } = scan;
  return [
    ...[subject, sbom, scanner.name, scanner.version, program?.digest, program?.release],
    ...[distribution, covered.toSorted(), standIn, endOfLife, added, suppressed],
    ...[scannerTripped, scannerThreshold, onlyFixed, database.source, database.schema],
  ];
}

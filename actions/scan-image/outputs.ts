import { countSeverities, type Severity } from '@tidegate/core';
import type { PlatformScan } from '@tidegate/pipeline';
import { htmlPath, jsonPath, sarifPath } from '../support/reports/findings-report.ts';

export function scanOutputs(scans: readonly PlatformScan[], passed: boolean, reportDir: string) {
  const findings = scans.flatMap((one) => one.evidence.findings);
  const counts = countSeverities(findings.map((finding) => finding.severity));
  const text = (severity: Severity) => String(counts[severity]);
  return {
    verdict: passed ? 'pass' : 'fail',
    critical: text('critical'),
    high: text('high'),
    medium: text('medium'),
    low: text('low'),
    negligible: text('negligible'),
    unknown: text('unknown'),
    'sarif-path': sarifPath(reportDir),
    'json-path': jsonPath(reportDir),
    'html-path': htmlPath(reportDir),
    'report-paths': JSON.stringify(Object.fromEntries(scans.map((one) => [one.platform, one.report]))),
  };
}

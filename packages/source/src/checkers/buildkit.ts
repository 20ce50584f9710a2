import { clipped, isRecord } from '@tidegate/core';
import type { SourceFinding } from '../finding.ts';
import { lineOf, textOf } from './json-fields.ts';

/**
 * The findings of `buildx build --call=check,format=json` for one Dockerfile. A build error (a line that BuildKit
 * rejects, an unreachable base image) is a finding too: the rest of the file was not checked.
 * @throws Error for anything but such a report.
 */
export function buildkitFindings(report: string, file: string): SourceFinding[] {
  // Some versions print nothing if there are no findings.
  const parsed: unknown = report.trim() === '' ? undefined : JSON.parse(report);
  if (!isRecord(parsed)) throw new Error('no report of checks');
  const { warnings, buildError } = parsed;
  if (warnings !== null && warnings !== undefined && !Array.isArray(warnings)) throw new Error('no list of warnings');
  if (!('warnings' in parsed) && !('sources' in parsed)) throw new Error('neither warnings nor sources');
  const findings = (warnings ?? []).map((warning: unknown): SourceFinding => {
    if (!isRecord(warning)) throw new Error('a warning that is none');
    const name = textOf(warning.ruleName);
    const place = placeOf(warning.location);
    return {
      rule: `buildkit/${/^[A-Za-z]{1,60}$/.test(name) ? name : 'Unknown'}`,
      level: 'warning',
      file,
      ...place,
      message: sentence(textOf(warning.detail)),
      why: sentence(textOf(warning.description)),
      fix: `See ${textOf(warning.url) || 'https://docs.docker.com/reference/build-checks/'}.`,
    };
  });
  if (!isRecord(buildError)) return findings;
  const message = textOf(buildError.message);
  const isSyntax = /dockerfile parse error|syntax error/i.test(message);
  return [
    ...findings,
    {
      rule: 'buildkit/BuildError',
      level: isSyntax ? 'error' : 'warning',
      file,
      ...placeOf(buildError.location),
      message: sentence(message),
      why: 'BuildKit could not check the rest of the file.',
      fix: isSyntax
        ? 'Correct the line.'
        : 'Make sure that BuildKit can reach the named image or address, then run the check again.',
    },
  ];
}

function placeOf(location: unknown): { line: number; endLine?: number | undefined } {
  const ranges = isRecord(location) && Array.isArray(location.ranges) ? (location.ranges as unknown[]) : [];
  const edge = (range: unknown, which: 'start' | 'end') => {
    const at = isRecord(range) ? range[which] : undefined;
    return lineOf(isRecord(at) ? at.line : undefined);
  };
  const line = edge(ranges[0], 'start') ?? 1;
  const endLine = edge(ranges.at(-1), 'end') ?? line;
  return { line, endLine: endLine > line ? endLine : undefined };
}

function sentence(text: string): string {
  const clean = clipped(text.trim(), 500);
  return clean === '' || /[.!?]$/.test(clean) ? clean : `${clean}.`;
}

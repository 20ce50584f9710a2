import { clipped, isRecord } from '@tidegate/core';
import type { Level, SourceFinding } from '../finding.ts';
import { lineOf, textOf } from './json-fields.ts';

const LEVELS: Readonly<Record<string, Level>> = { error: 'warning', warning: 'warning', info: 'note', style: 'note' };
/**
 * Files that hadolint cannot read. Its other errors are advice (`ADD` instead of `COPY`); our errors are never
 * acceptable.
 */
const UNREADABLE = 'DL1000';

/** The findings of `hadolint --format json` for one Dockerfile. @throws Error for anything but such a report. */
export function hadolintFindings(report: string, file: string): SourceFinding[] {
  const parsed: unknown = JSON.parse(report);
  if (!Array.isArray(parsed)) throw new Error('no list of findings');
  return parsed.map((one: unknown): SourceFinding => {
    if (!isRecord(one)) throw new Error('a finding that is none');
    const code = textOf(one.code);
    const name = /^(?:DL|SC)\d{1,6}$/.test(code) ? code : 'Unknown';
    const message = clipped(textOf(one.message).trim(), 500);
    const column = lineOf(one.column);
    const wiki = name.startsWith('SC')
      ? 'https://www.shellcheck.net/wiki'
      : 'https://github.com/hadolint/hadolint/wiki';
    return {
      rule: `hadolint/${name}`,
      level: name === UNREADABLE ? 'error' : (LEVELS[textOf(one.level)] ?? 'warning'),
      file,
      line: lineOf(one.line) ?? 1,
      column,
      message: /[.!?]$/.test(message) ? message : `${message}.`,
      why: `A rule of hadolint: ${wiki}/${name}`,
      fix: `See ${wiki}/${name}.`,
    };
  });
}

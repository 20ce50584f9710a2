import { errorAddress, harmlessLines, visibleLine } from '@tidegate/core';
import type { Explained } from '@tidegate/runner';
import { EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

export function exitCodeOf({ entry }: Explained): number {
  if (entry.kind === 'gate') return EXIT.refused;
  return entry.kind === 'bad-input' ? EXIT.usage : EXIT.broke;
}

/** A failure on the terminal: headline, cause, next step, code with its page. */
export function showFailure(failure: Explained, { line, paint }: Terminal): void {
  const { entry, message, next, place } = failure;
  line(`${paint.red('✗')} ${paint.bold(entry.title)}`);
  const lines = harmlessLines(message.trim());
  const at = place ? `${visibleLine(place.file)}:${place.line}` : '';
  // Messages about policy files and manifests name file and line themselves.
  const isNamed = at === '' || lines[0]?.startsWith(`${at}:`) || lines[0]?.includes(`${at} `);
  for (const [index, text] of lines.entries()) line(`  ${index === 0 && !isNamed ? `${at}: ` : ''}${text}`);
  line(`  → ${visibleLine(next).replaceAll('`', '')}`);
  line(paint.dim(`  ${entry.code} ${errorAddress(entry.code)}`));
}

import {
  clipped,
  codeBlock,
  type ErrorEntry,
  errorAddress,
  escapeMarkdown,
  inlineCode,
  type Redactor,
} from '@tidegate/core';
import type { Explained } from './failure.ts';

const LONGEST_SENTENCE = 1000;
const MOST_LINES = 50;
const LONGEST_LINE = 500;

/** The log's one line, `message — next [TG4001]`, still raw. */
export function annotationText({ entry, message, next }: Explained): string {
  return `${message} — ${next} [${entry.code}]`;
}

/** The text without secrets and commands, in one line: the words of the log, so that a reader finds them again. */
interface Harmless {
  readonly redactor: Pick<Redactor, 'redact'>;
  oneLine(text: string): string;
}

/**
 * The failure in the job summary: headline, cause, next step; further lines of the message are folded. Redacted before
 * it is escaped, cut or split into lines: afterwards a secret may be in a form that redaction does not recognize.
 */
export function summaryText(failure: Explained, actionTitle: string, log: Harmless): string {
  const [sentence = '', ...details] = log.redactor.redact(failure.message).trim().split('\n');
  const parts = [`## ❌ ${escapeMarkdown(`${actionTitle}: ${failure.entry.title}`)}`, prose(log.oneLine(sentence))];
  parts.push(`**What to do:** ${prose(log.oneLine(failure.next))} ${codeLink(failure.entry)}`);
  if (details.length > 0) parts.push(folded(details.map((line) => clipped(log.oneLine(line), LONGEST_LINE))));
  return `${parts.join('\n\n')}\n`;
}

/** Below the report of a failed verdict, which has its own headline. */
export function verdictNote({ entry }: Explained): string {
  return `<sub>${codeLink(entry)}: ${escapeMarkdown(entry.title)}</sub>`;
}

/** The code, with a link to the page that explains it. */
function codeLink({ code }: ErrorEntry): string {
  return `[${code}](${errorAddress(code)})`;
}

function folded(lines: readonly string[]): string {
  // Of a long output, the end says what failed.
  const shown = lines.length > MOST_LINES ? ['…', ...lines.slice(-MOST_LINES)] : lines;
  return `<details><summary>Details</summary>\n\n${codeBlock(shown.join('\n'))}\n\n</details>`;
}

/** Text whose pairs of backticks mark code, as our messages use them; everything else is escaped. */
function prose(text: string): string {
  const parts = clipped(text, LONGEST_SENTENCE).split('`');
  if (parts.length % 2 === 0) return escapeMarkdown(parts.join('`'));
  return parts.map((part, at) => (at % 2 === 0 ? spaced(part) : inlineCode(part))).join('');
}

/** `escapeMarkdown` trims; blanks beside a code span must stay. */
function spaced(part: string): string {
  const blank = (found: boolean) => (found && part.trim() !== '' ? ' ' : '');
  if (part !== '' && part.trim() === '') return ' ';
  return `${blank(part.startsWith(' '))}${escapeMarkdown(part)}${blank(part.endsWith(' '))}`;
}

/** The pages of the error catalog: one per group of codes, a list of the codes, and an index by the words of the messages. */
import { ERROR_GROUPS, ERRORS, type ErrorEntry, type ErrorId } from '@tidegate/core';
import type { Thrown } from './thrown.ts';

const GENERATED = '<!-- Generated from packages/core/src/errors/ by npm run generate. -->';

type Named = ErrorEntry & { readonly id: ErrorId };
type Messages = Thrown['messages'];

const ENTRIES: readonly Named[] = Object.entries(ERRORS)
  .map(([id, entry]) => ({ ...entry, id: id as ErrorId }))
  .toSorted((a, b) => a.code.localeCompare(b.code));

/** Their text, by path. */
export function errorPages(messages: Messages): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  for (const group of ERROR_GROUPS) {
    const entries = ENTRIES.filter(({ code }) => code.startsWith(`TG${group.digit}`));
    pages.set(`docs/errors/${group.page}.md`, groupPage(group, entries, messages));
  }
  pages.set('docs/errors/README.md', codes());
  pages.set('docs/troubleshooting.md', index(messages));
  return pages;
}

function groupPage(
  { digit, title }: (typeof ERROR_GROUPS)[number],
  entries: readonly Named[],
  messages: Messages,
): string {
  const intro = `Errors with codes TG${digit}xxx. [All errors, by their words](../troubleshooting.md)`;
  const sections = entries.map((entry) => section(entry, messages.get(entry.id) ?? []));
  return `${GENERATED}\n\n# ${title}\n\n${intro}\n\n${sections.join('\n\n')}\n`;
}

/** The heading is the code alone, so that its anchor never changes. */
function section({ code, title, cause, fix }: Named, messages: readonly string[]): string {
  const parts = [`## ${code}`, `**${title}.** ${cause}`, `**What to do:** ${fix}`];
  if (messages.length > 0) parts.push(`Messages:\n\n${messages.map((message) => `- ${escaped(message)}`).join('\n')}`);
  return parts.join('\n\n');
}

/** Every code with its title. */
function codes(): string {
  const groups = ERROR_GROUPS.map(({ page, digit, title }) => {
    const rows = ENTRIES.filter(({ code }) => code.startsWith(`TG${digit}`)).map(
      (entry) => `- [${entry.code}](${page}.md#${entry.code.toLowerCase()}) ${entry.title}`,
    );
    return `## [${title}](${page}.md)\n\n${rows.join('\n')}`;
  });
  const intro = 'All codes. [Find an error by the words of its message](../troubleshooting.md)';
  return `${GENERATED}\n\n# Errors\n\n${intro}\n\n${groups.join('\n\n')}\n`;
}

function index(messages: Messages): string {
  const everywhere = ENTRIES.flatMap(({ id }) => messages.get(id) ?? []);
  // `Input …: got …, expected ….` has no words to search for: several codes have it.
  const isTelling = (message: string) => everywhere.indexOf(message) === everywhere.lastIndexOf(message);
  const groups = ERROR_GROUPS.map(({ page, digit, title }) => {
    const entries = ENTRIES.filter(({ code }) => code.startsWith(`TG${digit}`));
    const rows = entries.flatMap((entry) => {
      const link = `[${entry.code}](errors/${page}.md#${entry.code.toLowerCase()})`;
      const telling = (messages.get(entry.id) ?? []).filter(isTelling);
      return [`**${entry.title}**`, ...telling.map(escaped)].map((words) => `| ${words} | ${link} |`);
    });
    return `## ${title}\n\n| Message | Code |\n| --- | --- |\n${rows.join('\n')}`;
  });
  return `${GENERATED}\n\n# Troubleshooting\n\n${INTRODUCTION}\n\n${groups.join('\n\n')}\n`;
}

const INTRODUCTION = `A step that fails prints one error: what failed and why, then after a dash what to do, then a code such as \`[TG4001]\`. The job summary shows the same, with a link to the page of the code.

Search this page for the code or for words of the message; [all codes](errors/README.md) are on a page of their own. \`…\` stands for a part that varies, such as a name or a digest. If a run fails with [TG9002](errors/run.md#tg9002), report it.

To see more in the log, run the job again with debug logging enabled.`;

/** Text of a message in a table or a list: no markup, no HTML. */
function escaped(text: string): string {
  return text
    .replace(/[\\*_[\]|]/g, '\\$&')
    .replaceAll('<', '&lt;')
    .replaceAll('{{', '{ {');
}

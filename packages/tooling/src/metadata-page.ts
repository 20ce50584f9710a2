/** docs/reference/metadata-action.md: what docker/metadata-action's lines give, from the file that a test of `core` walks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './repository.ts';

interface Row {
  readonly event?: string;
  readonly ref: string;
  readonly others?: readonly string[];
  readonly release?: string;
  readonly lines: readonly string[];
  readonly flavor?: readonly string[];
  readonly theirs: { readonly tags: readonly string[] };
  readonly ours?: { readonly tags: readonly string[] } | { readonly error: string };
  readonly differs?: string;
}

const HEAD = `# Lines of docker/metadata-action

The input \`tags\` takes the lines of docker/metadata-action as they are, beside the [short rules](../tags.md#rules). This page shows the tags of both for the same input. Those of docker/metadata-action are from runs of its published code; a test plans every row again.

Commit \`0123456789abcdef…\`, default branch \`main\`, time 2026-11-24 23:30 UTC. Tidegate sets the same tags with the most specific one first; the tables ignore the order.
`;

export async function metadataPage(): Promise<readonly [path: string, text: string]> {
  const text = await readFile(join(ROOT, 'packages/core/testdata/metadata-action.json'), 'utf8');
  const rows = JSON.parse(text) as readonly Row[];
  const different = rows.filter(({ differs }) => differs !== undefined);
  const same = rows.filter(({ differs }) => differs === undefined);
  const sections = [
    HEAD,
    `## Different on purpose\n\n${different.length} of ${rows.length} rows. The job summary gives the reason for every tag that is not set.\n`,
    table(
      ['Ref', 'Lines', 'docker/metadata-action', 'Tidegate', 'Why'],
      different.map((row) => [refOf(row), linesOf(row), tags(row.theirs.tags), outcome(row), row.differs ?? '']),
    ),
    `## The same\n\n${same.length} rows.\n`,
    table(
      ['Ref', 'Lines', 'Tags of both'],
      same.map((row) => [refOf(row), linesOf(row), tags(row.theirs.tags)]),
    ),
  ];
  return ['docs/reference/metadata-action.md', sections.join('\n')];
}

function refOf({ event, ref, others = [], release }: Row): string {
  const name = ref
    .replace(/^refs\/heads\//, 'branch ')
    .replace(/^refs\/tags\//, 'tag ')
    .replace(/^refs\/pull\/(\d+).*/, 'pull request $1');
  const [, kind = '', rest = ''] = /^(branch|tag|pull request) (.+)$/.exec(name) ?? [];
  const facts = [
    event === undefined || event === 'pull_request' ? '' : `event \`${event}\``,
    others.length === 0 ? '' : `beside ${others.map(code).join(', ')}`,
    release === undefined ? '' : `release is a ${release}`,
  ].filter((fact) => fact !== '');
  return [`${kind} ${code(rest)}`, ...facts].join(', ');
}

function linesOf({ lines, flavor = [] }: Row): string {
  const written = lines.filter((line) => line !== '').map(code);
  return [...written, ...flavor.map((line) => `flavor ${code(line)}`)].join('<br>');
}

function outcome({ ours }: Row): string {
  if (ours === undefined) return '';
  return 'error' in ours ? `error ${ours.error}` : tags(ours.tags);
}

function tags(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map(code).join(', ');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** A job summary, which is Markdown made safe for GitHub, as text for a terminal: no escapes, tables in columns. */
export function plainText(markdown: string): string {
  const lines = markdown.trimEnd().split('\n');
  const text: string[] = [];
  let rows: string[][] = [];
  const flush = () => {
    text.push(...columns(rows));
    rows = [];
  };
  let code = false;
  for (const line of lines) {
    if (line.startsWith('```')) code = !code;
    else if (!code && line.startsWith('|')) rows.push(cells(line));
    else {
      flush();
      text.push(code ? line : plain(line));
    }
  }
  flush();
  return text.filter((line, at) => line !== '' || text[at - 1] !== '').join('\n');
}

function cells(row: string): string[] {
  return row
    .replace(/^\|\s*|\s*\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plain(cell.trim()));
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.filter((row) => !row.every((cell) => /^-+$/.test(cell)));
  const widths = (shown[0] ?? []).map((_, at) => Math.max(...shown.map((row) => [...(row[at] ?? '')].length)));
  return shown.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function plain(text: string): string {
  return text
    .replace(/\[((?:\\.|[^\]\\])*)\]\((?:\\.|[^)\\])*\)/g, '$1')
    .replace(/\*\*((?:\\.|[^*\\])+)\*\*/g, '$1')
    .replace(/<\/?[a-z][^>]*>/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

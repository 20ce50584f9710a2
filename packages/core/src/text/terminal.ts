/**
 * Makes text from outside (tool output, package names, labels, file names) safe for a terminal or a log. Pure: the
 * dangers on the GitHub runner are described once here, so that the CLI is as safe as the actions.
 */

/** Escape sequences (ECMA-48, 5.3 to 5.6): colours are noise in a log, cursor movement hides lines. */
const ANSI = new RegExp(
  [
    String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]`, // CSI: colours, cursor
    String.raw`\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?`, // OSC: titles, links
    String.raw`\u001b[@-Z\\^_]`, // two characters
  ].join('|'),
  'g',
);

/**
 * Characters that are invisible, or displayed in another order than written: controls except tab, bidi controls
 * ("Trojan Source", CVE-2021-42574), zero-width characters, lone surrogates, unassigned code points. The runner finds
 * commands with .NET's culture-sensitive IndexOf, which skips ignorable characters: `#<U+00AD>#[` may match `##[`. So
 * they must not survive.
 */
const INVISIBLE = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Where the runner (StreamReader.ReadLine: LF, CR, CRLF) or a viewer starts a new line. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

function named(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The text with escapes removed and every invisible character written as `\u{202e}`, including line breaks. */
export function visible(text: string): string {
  return text.replace(ANSI, '').replace(INVISIBLE, named);
}

/** The lines of a text, each `visible`. A trailing line break makes no empty last line. */
export function visibleLines(text: string): string[] {
  const lines = text.split(LINE_BREAK);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines.map(visible);
}

/** All of it in one line: for annotations and error messages. */
export function visibleLine(text: string): string {
  return visibleLines(text)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/**
 * One `visible` line that the runner does not read as a command: it recognises `::command::` after leading white space
 * and `##[command]` anywhere (actions/runner, ActionCommand.cs). A blank between the characters keeps the line
 * readable.
 */
export function withoutCommands(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replace(/##(?=\[)/g, '# #');
}

/** Lines that are safe to print where a GitHub runner reads them. */
export function harmlessLines(text: string): string[] {
  return visibleLines(text).map(withoutCommands);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `0 B`, `1.5 KiB`, `120.3 MiB`, `1 GiB`: one decimal at most. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (unit < UNITS.length - 1 && Math.round(value * 10) / 10 >= 1024) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.round(value * 10) / 10} ${UNITS[unit]}`;
}

/** `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Rows as aligned columns, two blanks apart. The last column has no width; the others have at most `widest`. */
export function columns(rows: readonly (readonly string[])[], widest = Number.POSITIVE_INFINITY): string {
  const last = Math.max(0, ...rows.map(({ length }) => length)) - 1;
  const widthOf = (column: number) => Math.min(widest, Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const widths = Array.from({ length: Math.max(0, last) }, (_, column) => widthOf(column));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

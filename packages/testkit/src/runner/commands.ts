/**
 * How the GitHub runner finds commands in the output of a step: TryParseV2 (`::name key=value::text`) and TryParse
 * (`##[name key=value]text`) of actions/runner, src/Runner.Common/ActionCommand.cs, reimplemented as an oracle.
 */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Registered by ActionCommandManager and its extensions; the comparison ignores case. */
const REGISTERED = new Set([
  'internal-set-repo-path',
  'set-env',
  'set-output',
  'save-state',
  'add-mask',
  'add-path',
  'add-matcher',
  'remove-matcher',
  'warning',
  'error',
  'notice',
  'debug',
  'group',
  'endgroup',
  'echo',
  'stop-commands',
]);

/** Lines as StreamReader.ReadLine splits them. */
export function printedLines(output: string): string[] {
  const lines = output.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The command in a printed line, if any: the newer syntax is tried first. */
export function parseCommand(line: string): RunnerCommand | undefined {
  return parseColons(line) ?? parseBrackets(line);
}

/**
 * Same as `parseCommand`, with .NET's culture-sensitive comparison: characters without a collation weight (zero-width,
 * soft hyphen, controls) are skipped. The build of a runner determines which of the two it uses.
 */
export function parseCommandLoosely(line: string): RunnerCommand | undefined {
  return (
    parseCommand(line) ?? parseCommand(line.replace(/(?!\s)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, ''))
  );
}

function parseColons(line: string): RunnerCommand | undefined {
  // TrimStart: Char.IsWhiteSpace includes U+0085 but not U+FEFF, unlike JavaScript.
  const message = line.replace(/^(?:\u0085|(?!\ufeff)\s)+/u, '');
  if (!message.startsWith('::')) return undefined;
  const end = message.indexOf('::', 2);
  if (end < 0) return undefined;
  const { name, rest } = nameAndRest(message.slice(2, end));
  if (!REGISTERED.has(name.toLowerCase())) return undefined;
  const properties = readProperties(rest.trim(), ',', [
    ['%0D', '\r'],
    ['%0A', '\n'],
    ['%3A', ':'],
    ['%2C', ','],
    ['%25', '%'],
  ]);
  const text = decode(message.slice(end + 2), [
    ['%0D', '\r'],
    ['%0A', '\n'],
    ['%25', '%'],
  ]);
  return { name: name.toLowerCase(), properties, text };
}

function parseBrackets(line: string): RunnerCommand | undefined {
  const start = line.indexOf('##[');
  if (start < 0) return undefined;
  const end = line.indexOf(']', start);
  if (end < 0) return undefined;
  const { name, rest } = nameAndRest(line.slice(start + 3, end));
  if (!REGISTERED.has(name.toLowerCase())) return undefined;
  const escapes = [
    ['%3B', ';'],
    ['%0D', '\r'],
    ['%0A', '\n'],
    ['%5D', ']'],
    ['%25', '%'],
  ] as const;
  return {
    name: name.toLowerCase(),
    properties: readProperties(rest, ';', escapes),
    text: decode(line.slice(end + 1), escapes),
  };
}

type Escapes = readonly (readonly [escaped: string, character: string])[];

function nameAndRest(info: string): { name: string; rest: string } {
  const space = info.indexOf(' ');
  return space < 0 ? { name: info, rest: '' } : { name: info.slice(0, space), rest: info.slice(space + 1) };
}

function readProperties(text: string, separator: string, escapes: Escapes): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const part of text.split(separator)) {
    const at = part.indexOf('=');
    if (at > 0 && at < part.length - 1)
      properties[part.slice(0, at).toLowerCase()] = decode(part.slice(at + 1), escapes);
  }
  return properties;
}

function decode(text: string, escapes: Escapes): string {
  return escapes.reduce((decoded, [escaped, character]) => decoded.replaceAll(escaped, character), text);
}

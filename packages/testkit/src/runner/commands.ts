/**
 * How the GitHub runner finds commands in what a step prints: TryParseV2 (`::name key=value::text`) and TryParse
 * (`##[name key=value]text`) of actions/runner, src/Runner.Common/ActionCommand.cs, written again as an oracle.
 */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
}

/** ActionCommandManager and its extensions register these; names are compared without case. */
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

/** What StreamReader.ReadLine takes for lines. */
export function printedLines(output: string): string[] {
  const lines = output.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The command in a printed line, if there is one: the newer syntax is tried first. */
export function parseCommand(line: string): RunnerCommand | undefined {
  return parseColons(line) ?? parseBrackets(line);
}

/**
 * As `parseCommand`, and as .NET compares strings where it has a culture: characters that no collation weighs
 * (zero-width, soft hyphen, controls) are skipped. Which of the two a runner does depends on how it was built.
 */
export function parseCommandLoosely(line: string): RunnerCommand | undefined {
  return (
    parseCommand(line) ?? parseCommand(line.replace(/(?!\s)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, ''))
  );
}

function parseColons(line: string): RunnerCommand | undefined {
  // TrimStart: Char.IsWhiteSpace, which knows U+0085 and not U+FEFF, unlike JavaScript.
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

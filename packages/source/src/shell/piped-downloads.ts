/** Downloads whose content a shell or an interpreter runs directly, so that nothing can check it before. */
import { scriptOf } from './commands.ts';
import { InnerText } from './inner-text.ts';
import { launchesOf } from './launch.ts';
import type { Command, Text, Word } from './syntax.ts';
import { bare } from './unwrapped.ts';
import { programOf } from './wrappers.ts';

export interface PipedDownload {
  /** `curl` */
  readonly by: string;
  /** `sh` */
  readonly runner: string;
  /** Of the program that runs it. */
  readonly offset: number;
}

const DOWNLOADERS = new Set([
  ...['curl', 'wget', 'wget2', 'aria2c'],
  // PowerShell
  ...['iwr', 'irm', 'invoke-webrequest', 'invoke-restmethod'],
]);
const PRINTERS = new Set(['echo', 'printf']);
const DEEPEST = 8;

/** `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`. */
export function pipedDownloads(script: string): PipedDownload[] {
  return downloadsIn(scriptOf(script).commands, new InnerText(script.length));
}

/** @param commands of one script, to whose positions the substitutions in their words refer */
export function downloadsIn(commands: readonly Command[], inner: InnerText, depth = 0): PipedDownload[] {
  const found: PipedDownload[] = [];
  /** The program whose download flows through the pipe, by nesting depth: a pipe connects commands of one depth. */
  const flowing = new Map<number, string>();
  for (const command of commands) {
    const level = command.depth ?? 0;
    const piped = flowing.get(level);
    flowing.delete(level);
    const words = bare(command.words);
    const stdin = piped ?? downloadedInput(command, commands);
    const run = { words, input: command.input, download: stdin, commands };
    const inside = words.length > 0 ? runDownloads(run, inner, depth) : [];
    found.push(...inside);
    const flows = downloaderIn(words) ?? stdin ?? printedDownload(words, commands);
    // A shell passes on its own output.
    if (command.pipes && flows !== undefined && inside.length === 0) flowing.set(level, flows);
  }
  return found;
}

interface Run {
  readonly words: readonly Word[];
  readonly input: Command['input'];
  /** The program whose download is its input. */
  readonly download: string | undefined;
  readonly commands: readonly Command[];
}

/** Stands for the content of a download. */
const CONTENT: Text = { text: '' };

function runDownloads({ words, input, download, commands }: Run, inner: InnerText, depth: number): PipedDownload[] {
  const [first, ...rest] = words;
  if (!first || depth > DEEPEST) return [];
  const runner = programOf(first.text);
  const wordAt = new Map(rest.map((word) => [word.offset, word]));
  const stdin: Text | undefined = input ?? (download === undefined ? undefined : CONTENT);
  return (launchesOf(runner, rest, stdin) ?? []).flatMap((launch): PipedDownload[] => {
    if (launch.kind === 'file') return [];
    if (launch.kind === 'words')
      return runDownloads({ words: launch.words, input, download, commands }, inner, depth + 1);
    const { text } = launch;
    const by = text === CONTENT ? download : substitutedDownload(text.text, wordAt.get(text.offset ?? -1), commands);
    if (by !== undefined) return [{ by, runner, offset: first.offset }];
    if (launch.kind === 'program') return [];
    if (!inner.take(text.text)) return [];
    const start = text.offset ?? first.offset;
    return downloadsIn(scriptOf(text.text).commands, inner, depth + 1).map((one) => ({
      ...one,
      offset: start + Math.min(one.offset, text.text.length),
    }));
  });
}

function downloaderIn(words: readonly Word[]): string | undefined {
  const name = programOf(words[0]?.text ?? '').toLowerCase();
  return DOWNLOADERS.has(name) ? name : undefined;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function downloaderWithin({ from, to }: Range, commands: readonly Command[]): string | undefined {
  for (const { words } of commands.slice(from, to)) {
    const name = downloaderIn(bare(words));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** `<(curl …)`, `<<<"$(curl …)"` */
function downloadedInput({ fromCommands, inputWord }: Command, commands: readonly Command[]): string | undefined {
  if (fromCommands) return downloaderWithin(fromCommands, commands);
  return substitutedDownload(inputWord?.text ?? '', inputWord, commands);
}

function printedDownload(words: readonly Word[], commands: readonly Command[]): string | undefined {
  const [first, ...rest] = words;
  if (!PRINTERS.has(programOf(first?.text ?? ''))) return undefined;
  for (const word of rest) {
    const name = substitutedDownload(word.text, word, commands);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The program whose download a text begins with: `$(curl …)` elsewhere in a script is an argument of its commands. */
function substitutedDownload(text: string, word: Word | undefined, commands: readonly Command[]): string | undefined {
  const script = text.trimStart();
  const first = word?.parts?.find((part) => part.kind === 'commands' && script.startsWith(part.raw));
  return first?.kind === 'commands' ? downloaderWithin(first, commands) : undefined;
}

/**
 * Whether an image is delivered as an archive, or only passed from one job to the next. Delivered: the archive is sent
 * to or received from another machine, a bucket or a release, or the loaded image is pushed.
 */
import type { Command } from '../shell/commands.ts';
import { programOf } from '../shell/wrappers.ts';
import { type EngineCall, engineCallOf } from './engine-call.ts';

/** One save or load. */
export interface Carried {
  readonly verb: 'save' | 'load';
  /** The file, as written in the script; undefined if it is not given. */
  readonly archive?: string | undefined;
  /** The command itself sends or receives it: through a pipe, or on another machine. */
  readonly isDelivered: boolean;
}

/** Other commands of the script that may deliver the archive. */
export interface Traffic {
  /** It pushes images. */
  readonly pushes: boolean;
  /** The words of each command that uploads or downloads files. */
  readonly transfers: readonly (readonly string[])[];
}

const PUSHES = /^(?:push|image push|manifest push|compose push)$/;
/** Programs that only transfer files between machines. */
const CARRIERS = new Set([
  'scp',
  'sftp',
  'ftp',
  'lftp',
  'ncftpput',
  'rclone',
  'azcopy',
  's3cmd',
  's5cmd',
  'gsutil',
  'nc',
  'ncat',
  'socat',
  'croc',
]);
/** Arguments that make other programs transfer files; of two, the second comes somewhere after the first. */
const CARRYING: Readonly<Record<string, RegExp | readonly [RegExp, RegExp]>> = {
  rsync: /(?:^|\s)(?:rsync:\/\/|[^\s/:]+::?\S*)/,
  aws: [/\bs3(?:api)?\s/, /(?:^|\s)(?:cp|mv|sync|put-object|get-object)\b/],
  gcloud: [/\b(?:storage|compute)\s/, /(?:^|\s)(?:cp|scp|rsync)\b/],
  az: [/\bstorage\b/, /\b(?:upload|download)/],
  mc: /^(?:cp|mv|mirror|pipe|cat)\b/,
  gh: /^release\s(?:.*\s)?(?:create|upload|download)\b/,
  glab: /^release\b/,
  hub: /^release\b/,
  jf: /\brt\s(?:u|upload|dl|download)\b/,
  jfrog: /\brt\s(?:u|upload|dl|download)\b/,
  kubectl: /^(?:.*\s)?cp\s/,
  oras: /^(?:push|pull)\b/,
  curl: /./,
  wget: /./,
};
/** They push an archive themselves. */
const PUSHERS: typeof CARRYING = {
  skopeo: [/(?:^|\s)copy\b/, /\bdocker:\/\//],
  crane: /^(?:.*\s)?push\b/,
  regctl: /\bimage\s+import\b/,
};

export function trafficIn(commands: readonly Command[]): Traffic {
  return {
    pushes: commands.some((command) => isPush(command)),
    transfers: commands.flatMap((command) => (isTransfer(command) ? [textsOf(command)] : [])),
  };
}

function isPush(command: Command): boolean {
  const call = engineCallOf(command);
  return call ? PUSHES.test(call.verb) : matches(PUSHERS, command);
}

function isTransfer(command: Command): boolean {
  const program = programOf(command.words[0]?.text ?? '');
  return command.isRemote === true || CARRIERS.has(program) || matches(CARRYING, command) || matches(PUSHERS, command);
}

function matches(table: typeof CARRYING, { words: [first, ...rest] }: Command): boolean {
  const program = programOf(first?.text ?? '');
  const pattern = Object.hasOwn(table, program) ? table[program] : undefined;
  if (pattern === undefined) return false;
  const words = rest
    .map(({ text }) => text)
    .join(' ')
    .slice(0, 2000);
  if (pattern instanceof RegExp) return pattern.test(words);
  const [begin, second] = pattern;
  const found = begin.exec(words);
  return found !== null && second.test(words.slice(found.index + found[0].length));
}

function textsOf({ words, writes, reads }: Command): string[] {
  return [...words.slice(1).map(({ text }) => text), ...writes, ...(reads ? [reads] : [])];
}

const OUTPUT = /^(?:-o|--output)(?:=(.+))?$/;
const INPUT = /^(?:-i|--input)(?:=(.+))?$/;
/** Maximum number of commands in a pipe. */
const LONGEST_PIPE = 8;

/** @param at of the save or load in the commands of its script */
export function carriedBy(call: EngineCall, commands: readonly Command[], at: number): Carried {
  const { command, operands } = call;
  const verb = /(?:save|export)$/.test(call.verb) ? 'save' : 'load';
  const isThere = command.isRemote === true || isOtherEngine(call);
  const given = optionOf(
    operands.map(({ text }) => text),
    verb === 'save' ? OUTPUT : INPUT,
  );
  const named = given ?? (verb === 'save' ? command.writes[0] : command.reads);
  if (named !== undefined && named !== '-') return { verb, archive: named, isDelivered: isThere };
  // ctr names the archive as its first operand.
  const [first] = operands.filter(({ text }) => !text.startsWith('-'));
  if (call.engine === 'ctr' && first && first.text !== '-') return { verb, archive: first.text, isDelivered: isThere };
  const piped = verb === 'save' ? behind(commands, at) : before(commands, at);
  const archive = verb === 'save' ? piped.flatMap(({ writes }) => writes)[0] : readBy(piped[0]);
  const isDelivered = isThere || piped.some((one) => isTransfer(one) || isFarEngine(one));
  return { verb, isDelivered, archive };
}

/** The commands after it in the pipe. */
function behind(commands: readonly Command[], at: number): readonly Command[] {
  let end = at;
  while (commands[end]?.pipes && end - at < LONGEST_PIPE) end += 1;
  return commands.slice(at + 1, end + 1);
}

/** The commands before it in the pipe, the first one first. */
function before(commands: readonly Command[], at: number): readonly Command[] {
  let start = at;
  while (commands[start - 1]?.pipes && at - start < LONGEST_PIPE) start -= 1;
  return commands.slice(start, at);
}

/** `gunzip -c app.tar.gz`, `cat app.tar`, `zstd -d < app.tar.zst`. */
function readBy(command: Command | undefined): string | undefined {
  return command?.reads ?? command?.words.slice(1).findLast(({ text }) => !text.startsWith('-'))?.text;
}

function optionOf(words: readonly string[], option: RegExp): string | undefined {
  for (const [at, word] of words.entries()) {
    const found = option.exec(word);
    if (found) return found[1] ?? words[at + 1];
  }
  return undefined;
}

/** `docker -H ssh://host`, `docker --context production`. */
function isOtherEngine({ options }: EngineCall): boolean {
  const words = options.map(({ text }) => text);
  const named = optionOf(words, /^(?:-H|-c|--host|--context|--connection|--url)(?:=(.+))?$/);
  return named !== undefined && named !== 'default' && !named.startsWith('unix://');
}

function isFarEngine(command: Command): boolean {
  const call = engineCallOf(command);
  return call !== undefined && isOtherEngine(call);
}

/** Whether a command's words name this archive: itself, a pattern, or its folder. */
export function namesArchive(words: readonly string[], archive: string): boolean {
  const name = archive.replace(/^.*\//, '');
  const folder = archive.slice(0, Math.max(0, archive.length - name.length - 1));
  return words.some((word) => {
    if (
      word === archive ||
      (name.length > 2 && word.endsWith(name) && /^$|[/=@:,]/.test(word.slice(0, -name.length).slice(-1)))
    ) {
      return true;
    }
    const bare = word.replace(/^\.\/|\/$/g, '');
    if (folder !== '' && bare === folder.replace(/^\.\//, '')) return true;
    const last = bare.replace(/^.*\//, '');
    const star = last.indexOf('*');
    return star >= 0 && name.startsWith(last.slice(0, star)) && name.endsWith(last.slice(last.lastIndexOf('*') + 1));
  });
}

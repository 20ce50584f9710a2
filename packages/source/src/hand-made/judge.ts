import { clipped } from '@tidegate/core';
import type { Remark } from '../finding.ts';
import type { Command } from '../shell/commands.ts';
import { unwrap, unwrappedCommands } from '../shell/unwrapped.ts';
import { changeBy } from './changes.ts';
import { type Carried, carriedBy, type Traffic, trafficIn } from './delivery.ts';
import { engineCallOf, executedBy } from './engine-call.ts';

/** A remark and where in the script it is. */
export type HandMade = Omit<Remark, 'line' | 'endLine'> & {
  readonly offset: number;
  /** Of an image that is carried as an archive. */
  readonly carried?: Carried;
};

export interface JudgedScript extends Traffic {
  readonly found: readonly HandMade[];
}

const MAKES_IMAGES = new Set(['commit', 'container commit', 'import', 'image import', 'export', 'container export']);
const SNAPSHOTS = new Set(['snapshot commit']);
const CARRIES_IMAGES = new Set(['save', 'load', 'image save', 'image load']);
/** With ctr, `images import` reads an archive of an image: what others call load. */
const CTR_CARRIES = new Set(['image import', 'image export']);
const EXECUTES = new Set(['exec', 'container exec', 'compose exec', 'task exec']);

/** What a shell script makes by hand. @param isRemote it runs on another machine */
export function handMadeIn(script: string, isRemote = false): JudgedScript {
  const commands = unwrappedCommands(script);
  return judgedCommands(isRemote ? commands.map((one) => ({ ...one, isRemote })) : commands);
}

/** The same of one command given as its words. */
export function handMadeByArguments(args: readonly string[]): JudgedScript {
  return judgedCommands(unwrap({ words: args.map((text) => ({ text, offset: 0 })), offset: 0, writes: [] }));
}

function judgedCommands(commands: readonly Command[]): JudgedScript {
  return { found: commands.flatMap((_, at) => handMadeBy(commands, at) ?? []), ...trafficIn(commands) };
}

function handMadeBy(commands: readonly Command[], at: number): HandMade | undefined {
  const command = commands[at] as Command;
  const call = engineCallOf(command);
  if (!call || command.words.slice(1, 4).some(({ text }) => text === '--help')) return undefined;
  const { verb, engine } = call;
  const shown = engine.endsWith('-compose') ? verb.replace('compose', engine) : `${engine} ${verb}`;
  const { offset } = command;
  if (engine === 'ctr' ? SNAPSHOTS.has(verb) : MAKES_IMAGES.has(verb)) {
    return { rule: 'hand-made-image', offset, message: `${shown} ${MADE[verb.replace(/^\w+ /, '')] ?? ''}.` };
  }
  if (engine === 'ctr' ? CTR_CARRIES.has(verb) : CARRIES_IMAGES.has(verb)) {
    const message = `${shown} carries an image as an archive`;
    return { rule: 'image-by-file', offset, message, carried: carriedBy(call, commands, at) };
  }
  const runs = EXECUTES.has(verb) || (engine === 'buildah' && verb === 'run');
  const change = runs ? changeBy(executedBy(call), call.command.input) : undefined;
  if (change === undefined) return undefined;
  return { rule: 'container-changed', offset, message: `${shown} ${clipped(change, 120)} inside a running container.` };
}

const MADE: Readonly<Record<string, string>> = {
  commit: 'makes an image of a container that somebody worked in',
  import: 'makes an image of an archive, without history',
  export: "writes a container's files out, to be made into an image elsewhere",
};

import { clipped } from '@tidegate/core';
import type { Budget } from '../shell/budget.ts';
import type { Command, Word } from '../shell/commands.ts';
import { lineStarts } from '../shell/lines.ts';
import { type InnerProgram, type Runs, runsOf, runsOfWords, type Setting } from '../shell/runs.ts';
import { onlyAsks, programOf } from '../shell/wrappers.ts';
import { changeBy } from './changes.ts';
import { carriedBy, type Traffic, trafficIn } from './delivery.ts';
import { engineCallOf } from './engine-call.ts';
import type { HandMade } from './hand-made.ts';
import { placesIn } from './inner-programs.ts';
import { type Inside, insideOf } from './inside.ts';
import { socketCall } from './socket-call.ts';

export interface JudgedScript extends Traffic {
  readonly found: readonly HandMade[];
}

const MAKES_IMAGES = new Set([
  ...['commit', 'container commit', 'compose commit', 'compose export', 'import', 'image import'],
  ...['export', 'container export'],
]);
const SNAPSHOTS = new Set(['snapshot commit']);
const CARRIES_IMAGES = new Set(['save', 'load', 'image save', 'image load']);
/** With ctr, `images import` reads an archive of an image, which other engines call `load`. */
const CTR_CARRIES = new Set(['image import', 'image export']);

/** Findings of a shell script. @param isRemote it runs on another machine */
export function handMadeIn(script: string, budget: Budget, isRemote = false, setting: Setting = {}): JudgedScript {
  const wasSpent = budget.isSpent;
  const runs = runsOf(script, setting, budget);
  const { programs, isCut } = runs;
  const commands = isRemote ? runs.commands.map((one) => ({ ...one, isRemote })) : runs.commands;
  const judged = judgedRuns({ commands, programs }, budget);
  return isCut && !wasSpent ? { ...judged, found: [...judged.found, CUT] } : judged;
}

/** The same for one command, given as words. */
export function handMadeByArguments(args: readonly string[], budget: Budget): JudgedScript {
  const words = args.map((text) => ({ text, offset: 0 }));
  return judgedRuns(runsOfWords(words, undefined, budget), budget);
}

export const CUT: HandMade = {
  rule: 'file-not-read',
  offset: 0,
  message: 'A script generates more commands than Tidegate follows: the generated commands were checked only in part.',
};

function judgedRuns({ commands, programs }: Runs, budget: Budget, depth = 0): JudgedScript {
  const seen: Seen = new Map();
  const found = commands.flatMap((command, at) => {
    const one = handMadeBy(commands, at) ?? handMadeOver(command, budget, depth, seen);
    return one ? [{ ...one, calledAt: command.calledAt }] : [];
  });
  const inside = depth > 3 ? [] : programs.slice(0, 50).flatMap((program) => handMadeInProgram(program, budget));
  // A function is checked at its definition; at a call, only findings that depend on the arguments count.
  const standing = new Set(
    found.filter(({ calledAt }) => calledAt === undefined).map(({ rule, offset }) => `${offset} ${rule}`),
  );
  const left = found.filter(({ calledAt, rule }) => calledAt === undefined || !standing.has(`${calledAt} ${rule}`));
  return { found: [...left.map(({ calledAt: _, ...one }) => one), ...inside], ...trafficIn(commands) };
}

function handMadeInProgram({ language, text, offset }: InnerProgram, budget: Budget): readonly HandMade[] {
  const starts = lineStarts(text);
  return placesIn(language, text).flatMap((place) => {
    const judged =
      place.kind === 'arguments'
        ? handMadeByArguments(place.args, budget)
        : place.kind === 'script'
          ? handMadeIn(place.text, budget)
          : undefined;
    return (judged?.found ?? []).map((one) => {
      const line = place.kind === 'arguments' ? place.line : place.kind === 'script' ? place.lineAt(one.offset) : 1;
      return { ...one, offset: offset + (starts[line - 1] ?? 0) };
    });
  });
}

function handMadeBy(commands: readonly Command[], at: number): HandMade | undefined {
  const command = commands[at] as Command;
  const call = engineCallOf(command);
  if (!call) return clusterLoad(command);
  if (onlyAsks(command.words.slice(1, 4).map(({ text }) => text))) return undefined;
  const { verb, engine } = call;
  const shown = engine.endsWith('-compose') ? verb.replace('compose', engine) : `${engine} ${verb}`;
  const { offset } = command;
  if (/export$/.test(verb) && isOnlyListed(call.operands, command, commands[at + 1])) return undefined;
  if (engine === 'ctr' ? SNAPSHOTS.has(verb) : MAKES_IMAGES.has(verb)) {
    return { rule: 'hand-made-image', offset, message: `${shown} ${MADE[verb.replace(/^\w+ /, '')] ?? ''}.` };
  }
  if (engine === 'ctr' ? CTR_CARRIES.has(verb) : CARRIES_IMAGES.has(verb)) {
    const message = `${shown} carries an image as an archive`;
    return { rule: 'image-by-file', offset, message, carried: carriedBy(call, commands, at) };
  }
  return undefined;
}

/** `docker export $(docker create app) | tar -tf -` only reads an unchanged image. */
function isOnlyListed(operands: readonly Word[], { pipes, writes }: Command, next: Command | undefined): boolean {
  const [program, mode] = next?.words.map(({ text }) => text) ?? [];
  if (!pipes || writes.length > 0 || programOf(program ?? '') !== 'tar') return false;
  const [container, ...more] = operands.map(({ text }) => text);
  if (more.length > 0 || !/^\$\(\w{1,20} (?:container )?create /.test(container ?? '')) return false;
  return mode === '--list' || /^-?[fvzjJ]*t[fvzjJ]*$/.test(mode ?? '');
}

/** Local clusters load archives, too; loading from the engine is their way to pull. */
function clusterLoad({ words, offset }: Command): HandMade | undefined {
  const [program = '', ...rest] = words.slice(0, 8).map(({ text }) => text);
  const shown = [programOf(program), ...rest.slice(0, 2)].join(' ');
  if (!/^(?:kind load image-archive|minikube image load|k3d image import)$/.test(shown)) return undefined;
  const archive = rest.slice(2).find((word) => /\.(?:tar|tgz|tar\.\w+)$/.test(word));
  if (archive === undefined) return undefined;
  const message = `${shown} carries an image as an archive`;
  return { rule: 'image-by-file', offset, message, carried: { verb: 'load', archive, isDelivered: false } };
}

/** A command in a container, or a file written there: a change of it, or an engine that builds an image inside it. */
function handMadeOver(command: Command, budget: Budget, depth: number, seen: Seen): HandMade | undefined {
  const { offset } = command;
  const there = insideOf(command);
  if (!there) return socketCall(command);
  if (there.input) return judgedInside(there, offset, budget, depth);
  const key = [there.shown, there.copied ?? '', there.isContainer, ...there.words.map(({ text }) => text)].join('\0');
  if (!seen.has(key)) seen.set(key, judgedInside(there, offset, budget, depth));
  const judged = seen.get(key);
  return judged && { ...judged, offset };
}

/** Functions run the same command many times. */
type Seen = Map<string, HandMade | undefined>;

function judgedInside(there: Inside, offset: number, budget: Budget, depth: number): HandMade | undefined {
  const { shown, words, input, copied, isContainer } = there;
  const change = copied ?? (isContainer ? changeBy(words, input, budget) : undefined);
  if (change !== undefined) {
    return {
      rule: 'container-changed',
      offset,
      message: `${shown} ${clipped(change, 120)} inside a running container.`,
    };
  }
  if (depth > 3 || words.length === 0) return undefined;
  const [inner] = judgedRuns(runsOfWords(words, input, budget), budget, depth + 1).found;
  return inner && { ...inner, offset: inner.offset > offset && input ? inner.offset : offset };
}

const MADE: Readonly<Record<string, string>> = {
  commit: 'makes an image from a container that was changed by hand',
  import: 'makes an image from an archive, without history',
  export: 'exports the files of a container, to be made into an image elsewhere',
};

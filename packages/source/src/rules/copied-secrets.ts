import { clipped, secretsIn, sensitivePath } from '@tidegate/core';
import type { Instruction } from '../dockerfile/parse.ts';
import type { Remark } from '../finding.ts';
import { type ContextFile, inContext, isAddress, isHeredoc, taken } from './context-files.ts';
import { flagOf, type Subject } from './subject.ts';

/**
 * Secrets and git histories that COPY and ADD copy. The content decides: a file with a credential is an error, whatever
 * its name. A name alone is a warning, if the content is unknown (created later, from another stage) or inconclusive. A
 * `.npmrc` or `.env` without a secret is not a finding.
 * @param inner the instruction itself, or the one inside ONBUILD
 */
export function copiedSecrets(inner: Instruction, instruction: Instruction, subject: Subject): Remark[] {
  const { keyword, args, startLine: line } = inner;
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  const inImage = subject.inImage.has(instruction);
  // ONBUILD copies from the context of another build.
  const isElsewhere = inner !== instruction || flagOf(inner, 'from') !== undefined;
  return args.slice(0, -1).flatMap((source): Remark[] => {
    if (isHeredoc(source) || isAddress(source)) return [];
    const found = isElsewhere ? undefined : subject.copied.get(source);
    const written = `${keyword} ${clipped(source, 60)}`;
    if (!found) return byItsName(source, inImage, line, written);
    const own = inContext(source);
    const files = taken(inner, source, found)
      // Files of a folder count if they get into the image.
      .filter(({ path }) => path === own || inImage || sensitivePath(own) === 'secret')
      .map((file) => judged(file, inImage));
    const say = (some: readonly Judged[], what: string): Pick<Remark, 'line' | 'message' | 'fix'> => {
      const names = clipped(some.map(({ path }) => path).join(', '), 120);
      if (some.every(({ path }) => path === own)) return { line, message: `${written} copies ${what}.` };
      const message = `${written} also copies ${names} (${what}), because .dockerignore does not exclude it.`;
      return { line, message, fix: `Add ${names} to .dockerignore, or copy only the files that the image needs.` };
    };
    const isBuilt = subject.needed.has(instruction);
    return [
      ...remarksOf(
        files,
        ({ holds }) => holds.length > 0,
        (some) => ({
          ...say(some, clipped([...new Set(some.flatMap(({ holds }) => holds))].join(', '), 120)),
          rule: 'secret-in-image',
          // No build of this image runs that stage.
          atMost: isBuilt ? undefined : 'warning',
        }),
      ),
      ...remarksOf(
        files,
        ({ isSuspect }) => isSuspect,
        (some) => ({
          ...say(some, 'a file with the name of a secret, whose content does not show whether it is one'),
          ...{ rule: 'secret-in-image', atMost: 'warning' },
        }),
      ),
      ...remarksOf(
        files,
        ({ isHistory }) => isHistory && inImage,
        (some) => ({
          ...say(some, 'the git history'),
          rule: 'history-in-image',
        }),
      ),
    ];
  });
}

/** Facts about one file. */
interface Judged {
  readonly path: string;
  /** Kinds of credentials found in it. */
  readonly holds: readonly string[];
  readonly isHistory: boolean;
  /** It has the name of a secret, and nothing else is known. */
  readonly isSuspect: boolean;
}

function judged({ path, content, isFolder }: ContextFile, inImage: boolean): Judged {
  const kind = sensitivePath(path);
  if (isFolder) return { path, holds: [], isHistory: kind === 'history', isSuspect: false };
  // The context's own folders contain no installed software, whatever their names.
  const found = kind !== undefined || inImage ? secretsIn(`/app/${path}`, content) : [];
  const holds = [...new Set(found.flatMap((one) => (one.kind === 'history' ? [] : [one.what])))];
  const saysNothing = kind === 'secret' ? content?.length !== 0 : kind === 'settings' && content === undefined;
  return { path, holds, isHistory: false, isSuspect: holds.length === 0 && saysNothing };
}

function remarksOf(
  files: readonly Judged[],
  isMeant: (file: Judged) => boolean,
  remark: (files: readonly Judged[]) => Remark,
): Remark[] {
  const meant = files.filter(isMeant);
  return meant.length > 0 ? [remark(meant)] : [];
}

function byItsName(source: string, inImage: boolean, line: number, written: string): Remark[] {
  const kind = sensitivePath(source);
  if (kind === undefined) return [];
  if (kind !== 'history') {
    const message = `${written} copies a file with the name of a secret; its content is not in the build context.`;
    return [{ rule: 'secret-in-image', line, message, atMost: 'warning' }];
  }
  // A build stage may need .git for its version, so only copies into the image count.
  const message = `${written} copies the git history.`;
  return inImage ? [{ rule: 'history-in-image', line, message }] : [];
}

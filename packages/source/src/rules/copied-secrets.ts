import { clipped, secretsIn, sensitivePath } from '@tidegate/core';
import type { Instruction } from '../dockerfile/parse.ts';
import type { Remark } from '../finding.ts';
import { type ContextFile, inContext, isAddress, isHeredoc, taken } from './context-files.ts';
import { flagOf, type Subject } from './subject.ts';

/**
 * Secrets and histories that COPY and ADD take along. The content decides: a file that holds a credential is an error,
 * whatever it is called. A name alone is a warning, where the content is not known (made later, from another stage) or
 * says nothing. A `.npmrc` or `.env` without a secret in it is no finding.
 * @param inner what the instruction runs: itself, or what ONBUILD holds
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
      // What a folder takes along counts where it gets into the image.
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
          ...(isBuilt ? {} : { atMost: 'warning' }),
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

/** What is known of one file. */
interface Judged {
  readonly path: string;
  /** Kinds of credentials that were found in it. */
  readonly holds: readonly string[];
  readonly isHistory: boolean;
  /** It is called like a secret, and no more is known. */
  readonly isSuspect: boolean;
}

function judged({ path, content, isFolder }: ContextFile, inImage: boolean): Judged {
  const kind = sensitivePath(path);
  if (isFolder) return { path, holds: [], isHistory: kind === 'history', isSuspect: false };
  // The context's own folders hold no installed software, whatever they are called.
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
  // A build stage may need .git to know its version; what counts is whether it gets into the image.
  const message = `${written} copies the git history.`;
  return inImage ? [{ rule: 'history-in-image', line, message }] : [];
}

import { relative, resolve } from 'node:path';
import {
  causeOf,
  type DeclaringFile,
  declaredPlaces,
  declaringPaths,
  type FindingWithCause,
  hasKind,
  mapLimited,
  mayBeDeclared,
  messageOf,
} from '@tidegate/core';
import { isGitContext, type Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import type { PlatformView } from '../registry/platform-view.ts';
import { isWrittenOutside, ownSources } from './own-commit.ts';

/** In bytes. A lock file of a large monorepo has 2 MB. */
const LONGEST = 4 * 1024 * 1024;
/** In bytes, of all files together: their texts and entries are in memory at once. */
const LONGEST_TOGETHER = 16 * 1024 * 1024;
const MOST_FILES = 40;
const FILES_AT_ONCE = 4;

/**
 * Name the file and line that declares each vulnerable package, from the lock files and manifests of this run's commit.
 * Without a checkout of it, nothing is named: a file of another commit would have other lines.
 * @param context the input of that name; undefined where the build was another step
 */
export async function withDeclared(
  views: readonly PlatformView[],
  { context, token }: { readonly context?: string | undefined; readonly token: string },
  job: Job,
  services: Services,
): Promise<readonly PlatformView[]> {
  try {
    const findings = views.map(findingsOf);
    const types = new Set(findings.flat().map(({ finding }) => finding.package.type));
    if (types.size === 0 || (context !== undefined && isGitContext(context))) return views;
    const files = await declaringFiles(types, context, token, job, services);
    if (files.length === 0) return views;
    return views.map((view, at) => ({ ...view, declared: declaredPlaces(findings[at] ?? [], files) }));
  } catch (error) {
    // Reports do without it: nothing is decided by it.
    if (hasKind(error, 'cancelled')) return views;
    job.log.debug(`The files that declare packages were not read: ${messageOf(error)}`);
    return views;
  }
}

function findingsOf({ causes, findings }: PlatformView): readonly FindingWithCause[] {
  return findings
    .map((finding) => ({ finding, cause: causes && causeOf(finding, causes) }))
    .filter((one) => mayBeDeclared(one));
}

async function declaringFiles(
  types: ReadonlySet<string>,
  context: string | undefined,
  token: string,
  job: Job,
  services: Services,
): Promise<readonly DeclaringFile[]> {
  const folder = resolve(job.workspace, context ?? '');
  const sources = await ownSources(folder, token, job, services);
  if (!sources) return [];
  const inContext = relative(job.workspace, folder).replaceAll('\\', '/');
  const isBuilt = (path: string) =>
    inContext === '' || isWrittenOutside(inContext, '') || path.startsWith(`${inContext}/`);
  const wanted = declaringPaths(sources.files.filter(isBuilt), types, MOST_FILES);
  let sum = 0;
  const read = await mapLimited(wanted, FILES_AT_ONCE, async (path) => {
    services.signal.throwIfAborted();
    if (sum > LONGEST_TOGETHER) return undefined;
    const found = await sources.read(path, LONGEST);
    if (!('text' in found)) return undefined;
    sum += Buffer.byteLength(found.text);
    return { path, text: found.text };
  });
  return first(
    read.filter((file) => file !== undefined),
    LONGEST_TOGETHER,
  );
}

/** The files before the one with which they are too long together. The result does not depend on which was read first. */
function first(files: readonly DeclaringFile[], longest: number): readonly DeclaringFile[] {
  let sum = 0;
  const end = files.findIndex(({ text }) => {
    sum += Buffer.byteLength(text);
    return sum > longest;
  });
  return end < 0 ? files : files.slice(0, end);
}

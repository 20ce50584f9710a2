import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { MOST_SEARCHED, sensitivePath } from '@tidegate/core';
import {
  type ContextFile,
  type ContextFiles,
  copiedSources,
  dockerignore,
  inContext,
  namePattern,
  type SourceText,
} from '@tidegate/source';

/** Maximum number of files that are read from one build context. The layers are checked completely later. */
const MOST_FILES = 500;
const MOST_BYTES = 32 * 1024 * 1024;
/** Folders that contain secrets: their files are checked, too. */
const OF_SECRETS = /^\.(?:git|aws|ssh|kube|gnupg|azure|docker|cargo|gem|m2)$/;

/**
 * The files that COPY and ADD of a Dockerfile take from its build context: files that are named, and top-level files of
 * a folder whose names suggest a secret. Symbolic links are not followed: they may point to a runner's own secrets.
 * @param read text of an ignore file, by its path
 */
export async function contextFiles(
  context: string,
  dockerfile: string,
  text: string,
  read: (ignoreFile: string) => Promise<SourceText>,
): Promise<ContextFiles> {
  const sources = copiedSources(text);
  if (sources.length === 0) return new Map();
  const root = await realpath(context).catch(() => undefined);
  if (root === undefined) return new Map();
  const reader = new ContextReader(root, await ignoresOf(context, dockerfile, read));
  const found = new Map<string, readonly ContextFile[]>();
  for (const source of sources) {
    const files = await reader.filesOf(inContext(source));
    if (files) found.set(source, files);
  }
  return found;
}

/** A Dockerfile may have its own .dockerignore, which then replaces the one of the context. */
async function ignoresOf(
  context: string,
  dockerfile: string,
  read: (ignoreFile: string) => Promise<SourceText>,
): Promise<(path: string) => boolean> {
  const own = await read(`${dockerfile}.dockerignore`);
  const shared = 'text' in own ? own : await read(join(context, '.dockerignore'));
  return 'text' in shared ? dockerignore(shared.text) : () => false;
}

class ContextReader {
  readonly #root: string;
  readonly #isIgnored: (path: string) => boolean;
  #files = MOST_FILES;
  #bytes = MOST_BYTES;

  constructor(root: string, isIgnored: (path: string) => boolean) {
    this.#root = root;
    this.#isIgnored = isIgnored;
  }

  /** @returns undefined if the source does not exist in the context */
  async filesOf(source: string): Promise<readonly ContextFile[] | undefined> {
    const paths = await this.#matching(source);
    const found = await Promise.all(paths.map((path) => this.#taken(path, true)));
    const there = found.flatMap((files) => (files ? [files] : []));
    return there.length > 0 ? there.flat() : undefined;
  }

  /** Patterns as in Go: `*` and `?` do not match a slash. */
  async #matching(source: string): Promise<readonly string[]> {
    let paths = [''];
    for (const part of source === '' ? [] : source.split('/')) {
      const matches = namePattern(part);
      const next = await Promise.all(
        paths.map(async (folder) => {
          if (!matches) return [joined(folder, part)];
          const names = await this.#namesIn(folder);
          return names.filter((name) => matches(name)).map((name) => joined(folder, name));
        }),
      );
      paths = next.flat().slice(0, MOST_FILES);
    }
    return paths;
  }

  async #taken(path: string, isNamed: boolean): Promise<readonly ContextFile[] | undefined> {
    if (path !== '' && this.#isIgnored(path)) return undefined;
    const full = join(this.#root, path);
    const entry = await lstat(full).catch(() => undefined);
    if (!entry || !(await this.#isInside(path))) return undefined;
    if (!entry.isDirectory()) {
      this.#files -= 1;
      this.#bytes -= entry.isFile() && entry.size <= MOST_SEARCHED ? entry.size : 0;
      const isRead = entry.isFile() && entry.size <= MOST_SEARCHED && this.#files >= 0 && this.#bytes >= 0;
      return [isRead ? { path, content: await readFile(full) } : { path }];
    }
    const isOfSecrets = OF_SECRETS.test(basename(path));
    const names = isNamed || isOfSecrets ? await this.#namesIn(path) : [];
    const inside = await Promise.all(
      names
        .map((name) => joined(path, name))
        .filter((each) => sensitivePath(each) !== undefined || OF_SECRETS.test(basename(each)))
        // In a git folder, only the config file may contain a credential.
        .filter((each) => basename(path) !== '.git' || basename(each) === 'config')
        .map((each) => this.#taken(each, false)),
    );
    return [...(path === '' ? [] : [{ path, isFolder: true as const }]), ...inside.flatMap((files) => files ?? [])];
  }

  async #namesIn(path: string): Promise<readonly string[]> {
    const names = (await this.#isInside(path)) ? await readdir(join(this.#root, path)).catch(() => []) : [];
    return names.sort();
  }

  /** Whether no folder of the path is a symbolic link that leads outside the context. */
  async #isInside(path: string): Promise<boolean> {
    const folder = await realpath(dirname(join(this.#root, path))).catch(() => undefined);
    return path === '' || folder === this.#root || folder?.startsWith(this.#root + sep) === true;
  }
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

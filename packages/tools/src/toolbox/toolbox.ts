import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, chmod, copyFile, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  formatPlatform,
  type Log,
  messageOf,
  type Platform,
  type Progress,
  parseDigest,
  TidegateError,
  whyUnreadable,
} from '@tidegate/core';
import { makeFolder } from '../run/folder.ts';
import { type Download, downloadTool, fetchFile, parseOrigin } from './download.ts';
import { PINS, type Pin, RELEASES, releasePath } from './pins.ts';
import type { Tool, Toolbox, ToolName } from './tool.ts';
import { unpack } from './unpack.ts';

export interface ToolboxOptions {
  /** Paths of individual programs that the user specified. */
  readonly paths?: Partial<Record<ToolName, string>> | undefined;
  /** A folder with programs under their names; missing programs are searched elsewhere. */
  readonly folder?: string | undefined;
  /** Replaces https://github.com: a URL, or a `file:` folder, with the same relative paths. */
  readonly mirror?: string | undefined;
  readonly toolCache: string;
  /** Programs are unpacked into a private folder in it. */
  readonly temp: string;
  readonly platform: Platform;
  readonly log: Log;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly download?: Download | undefined;
  readonly pins?: Readonly<Record<ToolName, Pin>> | undefined;
  /** Finds the runner's own program, which is used before the pinned one is downloaded. Default: none. */
  readonly ofRunner?: ((name: ToolName) => Promise<Tool | undefined>) | undefined;
}

/**
 * Find each program once: in a path from the user, the `tools` folder, the tool cache, on the runner, or by download.
 * The cache contains the archive as published. It is copied to a private folder, verified against its checksum there,
 * and only then unpacked: files that another job left in the cache, or changes concurrently, cannot run.
 */
export function createToolbox(options: ToolboxOptions): Toolbox & { dispose(): Promise<void> } {
  const found = new Map<ToolName, Promise<Tool>>();
  const folders: string[] = [];
  const cache = createCache(options);
  return {
    get(name) {
      let tool = found.get(name);
      if (!tool) {
        tool = find(name, options, cache, folders);
        found.set(name, tool);
      }
      return tool;
    },
    /** Removes the unpacked programs. Do not call it while one of them is running. */
    async dispose() {
      await Promise.allSettled(found.values());
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function find(name: ToolName, options: ToolboxOptions, cache: Cache, folders: string[]): Promise<Tool> {
  const named = options.paths?.[name];
  if (named) return toolAt(name, await runnable(name, named));
  if (options.folder) {
    const path = join(options.folder, name);
    if (await exists(path)) return toolAt(name, await runnable(name, path));
    await runnableFolder(options.folder);
    options.log.debug(`The tools folder contains no ${name}.`);
  }
  return pinned(name, (options.pins ?? PINS)[name], options, cache, folders);
}

/** A program that is not pinned. */
export function toolAt(name: ToolName, path: string): Tool {
  const program = sha256Of(path).then((hex) => ({ name, digest: parseDigest(`sha256:${hex}`) }));
  // Code that records the program handles its failure; until then it must not be an unhandled rejection.
  program.catch(() => {});
  return { name, version: 'unknown', path, source: 'path', program };
}

async function pinned(
  name: ToolName,
  pin: Pin,
  options: ToolboxOptions,
  cache: Cache,
  folders: string[],
): Promise<Tool> {
  const platform = formatPlatform(options.platform);
  const published = pin.files[platform];
  if (!published) {
    throw new TidegateError('tool-not-published', `${name} ${pin.version} is not published for ${platform}.`, {
      next: `Set the path of your own, or add it to the folder of the input tools. Pinned platforms: ${Object.keys(pin.files).join(', ')}.`,
    });
  }
  const { file, sha256 } = published;
  await makeFolder(options.temp);
  const folder = await mkdtemp(join(options.temp, `tidegate-${name}-`));
  folders.push(folder);
  const archive = join(folder, `published-${file}`);
  const cached = join(`tidegate-${name}`, pin.version, platform.replaceAll('/', '-'), file);
  let source: Tool['source'] = 'cache';
  if (!(await cache.take(cached, archive, sha256))) {
    const own = await options.ofRunner?.(name);
    if (own) return own;
    const origin = parseOrigin(options.mirror || RELEASES);
    source = options.mirror ? 'mirror' : 'download';
    await fetchFile(origin, releasePath(pin, file), archive, options.download ?? downloadTool, {
      progress: options.progress,
      title: `${name} ${pin.version}`,
      signal: options.signal,
    });
    await verify(archive, sha256, `${origin.shown}/${releasePath(pin, file)}`);
    await cache.keep(archive, cached);
  }
  const release = `${RELEASES}/${releasePath(pin, file)}`;
  const program = Promise.resolve({ name, digest: parseDigest(`sha256:${sha256}`), release });
  if (pin.packing.kind === 'program') {
    const path = join(folder, name);
    await rename(archive, path);
    await chmod(path, 0o700);
    return { name, version: pin.version, path, source, program };
  }
  await unpack(archive, pin.packing.members, folder);
  await rm(archive);
  return { name, version: pin.version, path: join(folder, basename(pin.packing.members[0])), source, program };
}

/** Published archives, kept between jobs. A missing or read-only cache costs time and causes a notice. */
interface Cache {
  /** Copy the cached file to `to`. @returns false if it does not exist, or is not the pinned file */
  take(file: string, to: string, sha256: string): Promise<boolean>;
  keep(archive: string, file: string): Promise<void>;
}

function createCache({ toolCache, log }: Pick<ToolboxOptions, 'toolCache' | 'log'>): Cache {
  let isTold = false;
  return {
    async take(file, to, sha256) {
      const cached = join(toolCache, file);
      try {
        await copyFile(cached, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes(`${(error as NodeJS.ErrnoException).code}`)) return false;
        log.warning(
          `${basename(file)} could not be read from the tool cache and is downloaded again: ${messageOf(error)}`,
        );
        await rm(to, { force: true });
        return false;
      }
      const got = await sha256Of(to);
      if (got === sha256) return true;
      log.warning(
        `${basename(file)} in the tool cache is not the pinned file (sha256 ${got}); it is downloaded again.`,
      );
      await rm(to);
      await rm(cached, { force: true }).catch((error: unknown) => log.debug(messageOf(error)));
      return false;
    },
    async keep(archive, file) {
      const cached = join(toolCache, file);
      const part = `${cached}.${randomUUID()}.part`;
      try {
        await makeFolder(dirname(cached));
        await copyFile(archive, part, constants.COPYFILE_FICLONE);
        // Rename into place: another job may write the same file.
        await rename(part, cached);
      } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        const message = `Tools could not be saved in the tool cache ${toolCache}, so later jobs download them again: ${messageOf(error)}`;
        // Log once for all tools, because the reason is the same.
        if (isTold) log.debug(message);
        else log.notice(message);
        isTold = true;
      }
    },
  };
}

async function verify(file: string, expected: string, shown: string): Promise<void> {
  const got = await sha256Of(file);
  if (got === expected) return;
  const { size } = await stat(file);
  await rm(file);
  throw new TidegateError(
    'tool-checksum-wrong',
    `${shown} is not the pinned file: expected sha256 ${expected}, got ${got} (${size} bytes). It was deleted.`,
    {
      next: 'Run again, in case the download was incomplete. If it still fails, do not trust the mirror, proxy or release.',
    },
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  const { size } = await stat(file);
  // Node allocates a buffer of highWaterMark bytes for each read, even for a small file.
  await pipeline(createReadStream(file, { highWaterMark: Math.min(1 << 20, size + 1) }), hash);
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function runnable(name: ToolName, path: string): Promise<string> {
  const next = `Set the path of an executable ${name}, or remove it to use the pinned one.`;
  const file = await stat(path).catch((cause: unknown) => {
    throw new TidegateError('tool-path-unusable', `${name}: ${path} does not exist.`, { next, cause });
  });
  if (!file.isFile()) throw new TidegateError('tool-path-unusable', `${name}: ${path} is not a file.`, { next });
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw new TidegateError('tool-path-unusable', `${name}: ${path} is not executable.`, { next, cause });
  });
  // A path without a slash would be searched in PATH, and a relative one in the child's folder.
  return resolve(path);
}

async function runnableFolder(folder: string): Promise<void> {
  const why = await stat(folder).then(
    (found) => (found.isDirectory() ? undefined : ''),
    (error: unknown) => `: ${whyUnreadable(error)}`,
  );
  if (why === undefined) return;
  throw new TidegateError('tools-folder-unusable', `Input tools: ${folder} is not a folder${why}.`, {
    next: 'Set a folder that contains the programs under their names, or remove the input to use the pinned ones.',
  });
}

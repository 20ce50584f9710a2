import { lstat, open, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  glob,
  type ImagePath,
  imagesOf,
  isJsonManifest,
  MAX_MANIFEST_BYTES,
  readManifestFile,
  TidegateError,
} from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { isOfChart, listFiles } from '@tidegate/source';
import type { ImagesFile } from './images-file.ts';
import { addNamedFiles } from './named-files.ts';
import { isFolderAt, MOST_FILES, nameIn, unusable } from './workspace-paths.ts';

/**
 * Read the files of the input `files`, and those that kustomizations among them name. Symbolic links are not
 * followed: a repository could name any file of the machine.
 * @throws TidegateError `input-path-unusable`, `manifest-unreadable`
 */
export async function readImages(
  given: readonly string[],
  paths: readonly ImagePath[],
  check: boolean,
  job: Job,
  input = 'files',
): Promise<ReadManifests> {
  const found = new Map<string, ImagesFile>();
  const beside: Beside = { links: new Set(), passedBy: new Set() };
  for (const text of given) {
    const { isFolder, files } = await filesOf(text, input, beside, job);
    for (const path of files) {
      const file = await readOne(path, { isOfFolder: isFolder, paths, check }, job);
      if (file) found.set(path, file);
      if (found.size > MOST_FILES) throw unusable(text, `at most ${MOST_FILES} files`, input);
    }
  }
  await addNamedFiles(
    found,
    async (path, as) => {
      const options = { isOfFolder: false, as, paths, check };
      return (await readOne(path, options, job)) ?? Promise.reject(new Error(`${path} was not read`));
    },
    job,
  );
  if (check) await assertLinksRead(beside.links, found, input, job);
  const files = [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return { files, passedBy: [...beside.passedBy].map((path) => nameIn(job, path)).sort() };
}

interface ReadManifests {
  readonly files: readonly ImagesFile[];
  /** Folders with installed packages, which `kubectl apply -R` reads and this does not. */
  readonly passedBy: readonly string[];
}

/** What is in a folder beside its files. */
interface Beside {
  readonly links: Set<string>;
  readonly passedBy: Set<string>;
}

/** kubectl follows a link to a file in a folder: it must be one to a file that is read. */
async function assertLinksRead(
  links: ReadonlySet<string>,
  found: ReadonlyMap<string, ImagesFile>,
  input: string,
  job: Job,
): Promise<void> {
  if (links.size === 0) return;
  const read = new Set(await Promise.all([...found.keys()].map((path) => realpath(path))));
  for (const link of links) {
    const target = await realpath(link).catch(() => undefined);
    const isFile = target !== undefined && (await lstat(target)).isFile();
    if (isFile && !read.has(target)) {
      throw unusable(nameIn(job, link), `no link in the folder, or one to a file that ${input} names as well`, input);
    }
  }
}

/** The files of a path, a folder, or a pattern. Those of a pattern count as files of a folder. */
async function filesOf(
  text: string,
  input: string,
  beside: Beside,
  job: Job,
): Promise<{ readonly isFolder: boolean; readonly files: readonly string[] }> {
  if (text.includes('*')) {
    const fits = glob(text.replace(/^\.\//, ''));
    const isMeant = (path: string) => fits(nameIn(job, path));
    const within: Beside = { links: new Set(), passedBy: new Set() };
    const all = await filesBelow(job.workspace, within);
    for (const link of within.links) if (isMeant(link)) beside.links.add(link);
    for (const folder of within.passedBy) {
      const inside: Beside = { links: new Set(), passedBy: new Set() };
      if ((await filesBelow(folder, inside)).some(isMeant)) beside.passedBy.add(folder);
    }
    const files = all.filter(isMeant);
    if (files.length === 0) throw unusable(text, 'a pattern that matches manifests of the workspace', input);
    return { isFolder: true, files };
  }
  const top = resolve(job.workspace, text);
  const isFolder = await isFolderAt(top, text, job, input);
  return { isFolder, files: isFolder ? await filesBelow(top, beside) : [top] };
}

/** Manifests below a folder. Vendored ones are deployed too. */
async function filesBelow(folder: string, { links, passedBy }: Beside): Promise<string[]> {
  const fits = (name: string) => /\.(?:ya?ml|json)$|^[Kk]ustomization$/.test(name);
  const onLink = (path: string) => void links.add(join(folder, path));
  // A commit cannot contain a folder .git.
  const onPassedBy = (path: string) => void (path.endsWith(PACKAGES) && passedBy.add(join(folder, path)));
  const found = await listFiles(folder, { passedBy: NO_SOURCES, fits, onLink, onPassedBy });
  return found.map((path) => join(folder, path));
}

const PACKAGES = 'node_modules';
const NO_SOURCES: ReadonlySet<string> = new Set(['.git', PACKAGES]);

interface ReadOptions {
  readonly paths: readonly ImagePath[];
  readonly check: boolean;
  /** Not named by the user: other JSON files and templates are left alone. */
  readonly isOfFolder: boolean;
  readonly as?: Parameters<typeof imagesOf>[2];
}

async function readOne(
  path: string,
  { paths, check, isOfFolder, as }: ReadOptions,
  job: Job,
): Promise<ImagesFile | undefined> {
  const name = nameIn(job, path);
  if (isOfFolder && path.endsWith('.json') && !(await mayBeManifest(path))) return undefined;
  const bytes = await start(path);
  try {
    const file = await readManifestFile(bytes, name);
    return { path, name, bytes, file, ...(await imagesOf(file, paths, as)) };
  } catch (error) {
    const isTemplate = error instanceof TidegateError && error.id === 'manifest-unreadable' && bytes.includes('{{');
    // Words in braces may be in a comment, of a file that kubectl reads and we do not.
    if (!isOfFolder || !isTemplate || (check && !isOfChart(path, await chartsAround(path)))) throw error;
    job.log.notice(`${name} is a template and is left alone: pin the values that it takes.`);
    return undefined;
  }
}

/** Larger files are refused like any manifest of their size. */
const LARGEST_JSON = 64 * 1024 * 1024;

async function mayBeManifest(path: string): Promise<boolean> {
  const { size } = await lstat(path);
  return size > LARGEST_JSON || isJsonManifest(await readFile(path));
}

/** Of a file that is too large only as much as is needed to refuse it. */
async function start(path: string): Promise<Buffer> {
  const { size } = await lstat(path);
  if (size <= MAX_MANIFEST_BYTES) return readFile(path);
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(MAX_MANIFEST_BYTES + 1));
  return buffer;
}

/** Folders of the Helm charts that a file is in, written like the file. */
async function chartsAround(path: string): Promise<readonly string[]> {
  const charts: string[] = [];
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    const chart = await lstat(join(at, 'Chart.yaml')).catch(() => undefined);
    if (chart?.isFile()) charts.push(at);
  }
  return charts;
}

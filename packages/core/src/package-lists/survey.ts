import { createHash, type Hash } from 'node:crypto';
import type { Trace } from '../contents/image-contents.ts';
import { layerPath } from '../contents/layer-path.ts';
import { counted } from '../text/wording.ts';
import { isCode } from './code.ts';
import { FileTree, type Seen } from './file-tree.ts';
import { type Judged, judge, type Rewritten, remains, traceOf } from './judge.ts';
import { unreadMetadata } from './language-packages.ts';
import { collected, type LayerVisitor } from './layer-visitor.ts';
import type { LinkedEntry } from './linked-entry.ts';
import type { Gone } from './listed.ts';
import { OwnedFiles } from './owned-files.ts';
import type { PackageListRecorder } from './recorder.ts';
import { type Unlisted, unlistedTraces } from './unlisted.ts';

/**
 * Packages that are in an image, but no longer on its lists.
 * @param recorder has seen every layer @param walk shows every layer again: only where a package is no longer listed
 */
export async function hiddenPackages(
  recorder: PackageListRecorder,
  walk: (visitor: LayerVisitor) => Promise<void>,
): Promise<readonly Trace[]> {
  const unread = [
    ...recorder.unread.map(({ path, layer, why }) =>
      traceOf({ path, by: layer }, `the list was not compared with the one that replaced it: ${why}`),
    ),
    ...unreadMetadata(recorder).map(({ path, layer, why }) =>
      traceOf({ path, by: layer }, `the metadata were not compared with the SBOM: ${why}`),
    ),
  ];
  const { gone, overflow } = recorder;
  if (overflow) unread.push(traceOf(gone[0] ?? { path: '/', by: 0 }, 'more packages than can be compared'));
  const { unlisted } = recorder;
  if (gone.length === 0 && unlisted.length === 0) return unread;
  const survey = new SurveyVisitor(gone, unlisted);
  await walk(survey);
  const { traces, rewritten } = survey.judge(recorder);
  if (rewritten.length === 0) return [...unread, ...traces];
  const comparison = new Comparison(rewritten);
  await walk(comparison);
  return [...unread, ...traces, ...comparison.traces];
}

/** The files that a container sees, and the file lists of packages. */
class SurveyVisitor implements LayerVisitor {
  readonly #tree = new FileTree();
  readonly #owned = new OwnedFiles();
  readonly #gone: readonly Gone[];
  readonly #unlisted: readonly Unlisted[];
  /** Targets of hard links that replaced a list, by layer and path; with their content once it was read. */
  readonly #linked: Map<string, Buffer | undefined>;
  #layer = 0;

  constructor(gone: readonly Gone[], unlisted: readonly Unlisted[]) {
    this.#gone = gone;
    this.#unlisted = unlisted;
    this.#linked = new Map(
      gone.flatMap(({ links }) => links.map(({ layer, target }) => [`${layer} ${target}`, undefined])),
    );
  }

  entry(entry: LinkedEntry): ((piece: Buffer, last: boolean) => void) | undefined {
    this.#tree.entry(entry);
    const path = layerPath(entry.path);
    const layer = this.#layer;
    if (entry.type === 'hardlink') this.#owned.link(path, layer, layerPath(entry.link ?? ''));
    if (entry.type !== 'file') return undefined;
    const name = `${layer} ${path}`;
    if (this.#linked.has(name)) return collected((content) => this.#linked.set(name, content));
    return this.#owned.wants(path) ? collected((content) => this.#owned.add({ path, layer, content })) : undefined;
  }

  endLayer(): void {
    this.#tree.endLayer(this.#layer);
    this.#layer += 1;
  }

  judge(recorder: PackageListRecorder): Judged {
    const [tree, owned] = [this.#tree, this.#owned];
    if (tree.overflow || owned.overflow) {
      const missing = [...this.#gone, ...this.#unlisted.map(({ path, layer }) => ({ path, by: layer }))];
      const what = `${counted(missing.length, 'package is', 'packages are')} on no list, and the image has more files than can be compared`;
      return { traces: missing.slice(0, 1).map((one) => traceOf(one, what)), rewritten: [] };
    }
    const lists = (scope: string, name: string) => recorder.lists(scope, name);
    const unlisted = unlistedTraces(this.#unlisted, { lists, owned, tree });
    const linked = (layer: number, target: string) => this.#linked.get(`${layer} ${target}`);
    const { traces, rewritten } = judge(recorder, { tree, owned, linked });
    return { traces: [...traces, ...unlisted], rewritten };
  }
}

/** Compares rewritten files: whether their content is the same as while the package was listed. */
class Comparison implements LayerVisitor {
  readonly #rewritten: readonly Rewritten[];
  /** By path: the hash of its content in each layer that has it. */
  readonly #found: Map<string, Map<number, string>>;
  /** Paths that are a program, a library or a module in any layer. */
  readonly #code = new Set<string>();
  /** Hard links, by layer and path. */
  readonly #links = new Set<string>();
  #layer = 0;

  constructor(rewritten: readonly Rewritten[]) {
    this.#rewritten = rewritten;
    this.#found = new Map(rewritten.flatMap(({ files }) => files.map(([path]) => [path, new Map()])));
  }

  entry(entry: LinkedEntry): ((piece: Buffer, last: boolean) => void) | undefined {
    const path = layerPath(entry.path);
    const found = this.#found.get(path);
    if (found && entry.type === 'hardlink') this.#links.add(`${this.#layer} ${path}`);
    if (!found || entry.type !== 'file' || entry.size === 0) return undefined;
    const layer = this.#layer;
    const hash: Hash = createHash('sha256');
    let start: Buffer | undefined;
    return (piece, last) => {
      start ??= Buffer.from(piece.subarray(0, 4));
      hash.update(piece);
      if (!last) return;
      found.set(layer, hash.digest('hex'));
      if (isCode(path, start)) this.#code.add(path);
    };
  }

  endLayer(): void {
    this.#layer += 1;
  }

  get traces(): readonly Trace[] {
    const found = new Map<Gone, Trace>();
    for (const one of this.#rewritten) {
      const same = one.files.find((file) => this.#isSame(one, file));
      if (same && !found.has(one.gone)) found.set(one.gone, remains(one, same));
    }
    return [...found.values()];
  }

  #isSame({ gone, onlyCode }: Rewritten, [path, layer]: Seen): boolean {
    if (onlyCode && !this.#code.has(path)) return false;
    // Its content is elsewhere in the layer, and may be the same.
    if (onlyCode && this.#links.has(`${layer} ${path}`)) return true;
    const said = this.#found.get(path) ?? new Map<number, string>();
    const before = Math.max(...[...said.keys()].filter((at) => at < gone.by));
    return said.has(layer) && said.get(layer) === said.get(before);
  }
}

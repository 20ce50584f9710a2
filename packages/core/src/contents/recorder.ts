import type {
  ConfigFacts,
  ImageContents,
  LanguagePackage,
  LayerFacts,
  SystemPackages,
  Trace,
  TraceKind,
} from './image-contents.ts';
import { folderOf, isUnder, layerPath, whiteoutOf } from './layer-path.ts';
import { programOf } from './programs.ts';
import { MOST_SEARCHED, secretsIn, secretsInConfig } from './secrets.ts';
import { WasteCounter } from './waste.ts';

/** One entry of a layer's archive, unchanged. */
export interface LayerEntry {
  /** Different for different bytes, even if they are not UTF-8. */
  readonly path: string;
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory' | 'device' | 'fifo';
  readonly mode: number;
  readonly size: number;
}

/** Maximum number of traces of one kind: more do not help in a report, and memory stays bounded. */
const MOST_OF_A_KIND = 1000;
/** State folders of common databases and queues. */
export const STATE_PATHS: readonly string[] = [
  '/var/lib/postgresql',
  '/var/lib/mysql',
  '/var/lib/mongodb',
  '/var/lib/redis',
  '/var/lib/rabbitmq',
  '/var/lib/elasticsearch',
  '/var/lib/docker',
  '/data',
];

/**
 * Receives an image's layers while they are read, lowest first, and keeps files that a policy could reject. Applies
 * whiteouts, opaque folders and replaced files, so that each trace tells whether a container still sees it. Memory does
 * not grow with the image.
 */
export class ContentsRecorder {
  readonly #config: ConfigFacts;
  readonly #statePaths: readonly string[];
  readonly #layers: LayerFacts[] = [];
  readonly #traces: { -readonly [K in keyof Trace]: Trace[K] }[] = [];
  readonly #counts = new Map<TraceKind, number>();
  readonly #overflow = new Set<TraceKind>();
  readonly #waste = new WasteCounter();
  /** Traces of lower layers that are still visible, by path. */
  #visible = new Map<string, Trace[]>();
  /** Parent folders of visible traces: only a change to one of these can hide a trace. */
  #above = new Set<string>();
  /** Traces of the current layer, by their path in the archive. */
  #fresh: (readonly [path: string, trace: Trace])[] = [];
  #layer = 0;
  #packages: SystemPackages = { deb: [], apk: [], rpm: [] };
  #languages: readonly LanguagePackage[] = [];

  /**
   * @param configText the config's JSON
   * @param statePaths state folders of the policy; the image's volumes are added
   */
  constructor(config: ConfigFacts, configText: string, statePaths: readonly string[] = STATE_PATHS) {
    this.#config = config;
    this.#statePaths = [...new Set([...statePaths, ...config.volumes].map(layerPath))].filter((path) => path !== '/');
    for (const { what } of secretsInConfig(configText)) {
      this.#keep({ kind: 'secret', path: 'image config', layer: -1, what });
    }
  }

  /**
   * Record an entry of the current layer.
   * @returns whether its content should be given to `content`
   */
  entry(entry: LayerEntry): boolean {
    const path = layerPath(entry.path);
    const whiteout = whiteoutOf(path);
    if (whiteout) {
      this.#waste.whiteout(whiteout);
      if (whiteout.kind === 'path') this.#hide(whiteout.path, true);
      else if (whiteout.kind === 'opaque') this.#hide(whiteout.folder, false);
      return false;
    }
    this.#waste.entry(path, entry.type === 'directory', entry.type === 'file' ? entry.size : 0);
    // A folder over a folder keeps its contents; anything else replaces the old entry with everything below it.
    if (entry.type === 'directory') this.#hideAt(path);
    else this.#hide(path, true);
    const { mode, type } = entry;
    if (type !== 'directory' && type !== 'symlink' && mode & 0o6000) {
      const bits = [mode & 0o4000 ? 'setuid' : '', mode & 0o2000 ? 'setgid' : ''].filter(Boolean).join(' and ');
      this.#keep({ kind: 'setuid', path, layer: this.#layer, what: `${bits} (${mode.toString(8)})` });
    }
    if (type === 'device') this.#keep({ kind: 'device', path, layer: this.#layer, what: 'device' });
    const runs = type === 'symlink' || type === 'hardlink' || (type === 'file' && (mode & 0o111) !== 0);
    const program = runs ? programOf(path) : undefined;
    if (program) this.#keep({ ...program, path, layer: this.#layer });
    if (type !== 'directory' && this.#statePaths.length > 0) {
      const state = this.#statePaths.find((folder) => isUnder(path, folder));
      if (state !== undefined) this.#keep({ kind: 'state', path, layer: this.#layer, what: `state under ${state}` });
    }
    if (type !== 'file') return false;
    if (entry.size > 0 && entry.size <= MOST_SEARCHED) return true;
    if (entry.size > MOST_SEARCHED) this.content(entry.path, undefined);
    return false;
  }

  /** The content of a file that `entry` requested. */
  content(entryPath: string, content: Buffer | undefined): void {
    const path = layerPath(entryPath);
    for (const { what, line, kind = 'secret' } of secretsIn(path, content)) {
      this.#keep({ kind, path, layer: this.#layer, what, line });
    }
  }

  /** Findings of the comparison of layers, after the last layer. */
  addPackages(traces: readonly Trace[], listed: SystemPackages, languages: readonly LanguagePackage[]): void {
    for (const trace of traces) this.#keep(trace);
    this.#packages = listed;
    this.#languages = languages.map((one) => ({
      ...one,
      name: shortened(one.name).toWellFormed(),
      version: shortened(one.version).toWellFormed(),
      path: shortened(one.path).toWellFormed(),
    }));
  }

  /** The layer was read completely and verified: its traces now count as those of a lower layer. */
  endLayer(facts: LayerFacts): void {
    this.#layers.push(facts);
    this.#waste.endLayer();
    for (const [path, trace] of this.#fresh) {
      const at = this.#visible.get(path);
      if (at) at.push(trace);
      else this.#visible.set(path, [trace]);
    }
    this.#fresh = [];
    this.#above = new Set();
    for (const path of this.#visible.keys()) {
      for (let folder = folderOf(path); !this.#above.has(folder); folder = folderOf(folder)) this.#above.add(folder);
    }
    this.#layer += 1;
  }

  get result(): ImageContents {
    return {
      config: this.#config,
      layers: this.#layers.map((layer, at) => {
        const wasted = this.#waste.of(at);
        return wasted ? { ...layer, wasted } : layer;
      }),
      traces: this.#traces,
      overflow: [...this.#overflow],
      statePaths: this.#statePaths,
      systemPackages: this.#packages,
      languagePackages: this.#languages,
    };
  }

  #keep(trace: Trace): void {
    const count = (this.#counts.get(trace.kind) ?? 0) + 1;
    this.#counts.set(trace.kind, count);
    if (count > MOST_OF_A_KIND) {
      this.#overflow.add(trace.kind);
      return;
    }
    const path = shortened(trace.path);
    const kept = { ...trace, path: path.toWellFormed() };
    this.#traces.push(kept);
    if (kept.layer >= 0) this.#fresh.push([path, kept]);
  }

  /** Hides entries of lower layers at `path` and below it; without `itself`, only below. */
  #hide(path: string, itself: boolean): void {
    if (itself) this.#hideAt(path);
    if (!this.#above.has(path)) return;
    for (const below of this.#visible.keys()) if (isUnder(below, path)) this.#hideAt(below);
    // Nothing is left there, so repeating the entry a million times costs nothing.
    this.#above.delete(path);
  }

  #hideAt(path: string): void {
    const traces = this.#visible.get(path);
    if (!traces) return;
    for (const trace of traces) (trace as { hiddenBy?: number }).hiddenBy = this.#layer;
    this.#visible.delete(path);
  }
}

/**
 * A path of megabytes is hostile; its beginning identifies it. A path that is not UTF-8 has lone surrogates for invalid
 * bytes, to keep paths distinct; they are replaced here, because readers of the report would reject them.
 */
function shortened(text: string): string {
  return text.length > 1024 ? `${text.slice(0, 1024)}…` : text;
}

import type { LanguagePackage } from '../contents/image-contents.ts';
import { layerPath } from '../contents/layer-path.ts';
import { groupBy } from '../group-by.ts';
import { languageOf, readDeclared } from './declared.ts';
import { collected, type LayerVisitor } from './layer-visitor.ts';
import type { HardLink, Unread } from './listed.ts';
import { mostRead } from './place.ts';
import type { PackageListRecorder } from './recorder.ts';

/**
 * The packages of languages that a container sees.
 * @param recorder has seen every layer @param walk shows every layer again: only where metadata are hard links to files
 *   of other names, as pnpm links them out of its store
 */
export async function languagePackages(
  recorder: Pick<PackageListRecorder, 'seen'>,
  walk: (visitor: LayerVisitor) => Promise<void>,
): Promise<readonly LanguagePackage[]> {
  const found: LanguagePackage[] = [];
  const links: HardLink[] = [];
  for (const { place, path, layer, declared, link } of recorder.seen) {
    const type = languageOf(place.kind);
    if (type && link) links.push(link);
    else if (type) found.push(...declared.map((one) => ({ type, ...one, path, layer })));
  }
  if (links.length === 0) return found;
  const linked = new LinkedMetadata(links);
  await walk(linked);
  return [...found, ...linked.packages];
}

/** Metadata of languages that are too large to be read. */
export function unreadMetadata(recorder: Pick<PackageListRecorder, 'seen'>): readonly Unread[] {
  return [...recorder.seen].flatMap(({ place, path, layer, unread, link }) =>
    unread !== undefined && !link && languageOf(place.kind) ? [{ path, layer, why: unread }] : [],
  );
}

/** The files that hard links lead to. */
class LinkedMetadata implements LayerVisitor {
  readonly packages: LanguagePackage[] = [];
  readonly #links: ReadonlyMap<string, readonly HardLink[]>;
  #layer = 0;

  constructor(links: readonly HardLink[]) {
    this.#links = groupBy(links, ({ layer, target }) => `${layer} ${target}`);
  }

  entry(...[entry]: Parameters<LayerVisitor['entry']>): ReturnType<LayerVisitor['entry']> {
    const links = entry.type === 'file' ? this.#links.get(`${this.#layer} ${layerPath(entry.path)}`) : undefined;
    const wanted = links?.filter(({ place }) => entry.size <= mostRead(place.kind)) ?? [];
    return wanted.length === 0 ? undefined : collected((content) => this.#read(wanted, content));
  }

  endLayer(): void {
    this.#layer += 1;
  }

  #read(links: readonly HardLink[], content: Buffer): void {
    for (const { place, path, layer } of links) {
      const type = languageOf(place.kind);
      if (type)
        this.packages.push(...readDeclared(place.kind, content, path).map((one) => ({ type, ...one, path, layer })));
    }
  }
}

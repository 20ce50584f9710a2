/** For tests: layers of an image, and the files that package managers write into them. */
import type { LanguagePackage, Trace } from '../contents/image-contents.ts';
import type { LayerEntry } from '../contents/recorder.ts';
import { languagePackages } from './language-packages.ts';
import type { LayerVisitor } from './layer-visitor.ts';
import { PackageListRecorder } from './recorder.ts';
import { hiddenPackages } from './survey.ts';

/** By path: content, a whiteout (`gone`), or another entry. A path that ends in a slash is a folder. */
export type Layer = Readonly<
  Record<string, string | Buffer | null | (Partial<LayerEntry> & { readonly link?: string })>
>;

/** The findings in an image of these layers, and how often the layers were read. */
export async function foundIn(
  layers: readonly Layer[],
  most?: number,
): Promise<{
  readonly traces: readonly Trace[];
  readonly languages: readonly LanguagePackage[];
  readonly walks: number;
}> {
  const recorder = new PackageListRecorder(most);
  const visit = (visitor: LayerVisitor) => {
    for (const layer of layers) {
      for (const [path, given] of Object.entries(layer)) show(visitor, path, given);
      visitor.endLayer();
    }
  };
  visit({
    entry: (entry) => (recorder.entry(entry) ? (piece) => recorder.content(entry.path, piece) : undefined),
    endLayer: () => recorder.endLayer(),
  });
  let walks = 1;
  const again = async (visitor: LayerVisitor) => {
    walks += 1;
    visit(visitor);
  };
  const traces = await hiddenPackages(recorder, again);
  return { traces, languages: await languagePackages(recorder, again), walks };
}

function show(visitor: LayerVisitor, path: string, given: Layer[string]): void {
  if (given === null) {
    const slash = path.lastIndexOf('/') + 1;
    visitor.entry({ path: `${path.slice(0, slash)}.wh.${path.slice(slash)}`, type: 'file', mode: 0o644, size: 0 });
    return;
  }
  const content = typeof given === 'string' || Buffer.isBuffer(given) ? Buffer.from(given as string) : Buffer.alloc(0);
  const more = typeof given === 'string' || Buffer.isBuffer(given) ? {} : given;
  const type = path.endsWith('/') ? 'directory' : 'file';
  const sink = visitor.entry({ path, type, mode: 0o644, size: content.length, ...more });
  sink?.(content, true);
}

/** `/path: what (layer)` of each trace; layers from 0. */
export async function said(...layers: readonly Layer[]): Promise<readonly string[]> {
  const { traces } = await foundIn(layers);
  return traces.map(({ path, what, layer }) => `${path}: ${what} (${layer})`);
}

export interface Deb {
  readonly name: string;
  readonly version: string;
  readonly files?: readonly string[];
  readonly source?: string;
  readonly architecture?: string;
  readonly status?: string;
}

/** A paragraph of dpkg's status. */
export function paragraph({
  name,
  version,
  source,
  architecture = 'amd64',
  status = 'install ok installed',
}: Deb): string {
  const lines = [`Package: ${name}`, `Status: ${status}`, `Architecture: ${architecture}`];
  return [
    ...lines,
    ...(source ? [`Source: ${source}`] : []),
    `Version: ${version}`,
    'Description: x',
    ' more',
    '',
  ].join('\n');
}

/**
 * The files that dpkg has for these packages: its status, their file lists, and their files. Only `fresh` ones are
 * unpacked.
 */
export function dpkg(packages: readonly Deb[], fresh: readonly Deb[] = packages): Layer {
  const layer: Record<string, string> = { 'var/lib/dpkg/status': packages.map(paragraph).join('\n') };
  for (const { name, version, files = [] } of fresh) {
    layer[`var/lib/dpkg/info/${name}.list`] = ['/.', '/usr', ...files, `/usr/share/doc/${name}/copyright`].join('\n');
    for (const file of files) layer[file.slice(1)] = `${name} ${version}`;
    layer[`usr/share/doc/${name}/copyright`] = `of ${name} ${version}`;
  }
  return layer;
}

/** The result of `dpkg --purge`: the other packages stay on the list, and nothing of the package is left. */
export function purged(rest: readonly Deb[], { name, files = [] }: Deb): Layer {
  const layer: Record<string, string | null> = { 'var/lib/dpkg/status': rest.map(paragraph).join('\n') };
  for (const file of [...files, `/usr/share/doc/${name}`, `/var/lib/dpkg/info/${name}.list`])
    layer[file.slice(1)] = null;
  return layer;
}

import { folderOf, layerPath, nameOf } from '../contents/layer-path.ts';
import type { FileTree, Seen } from './file-tree.ts';
import type { ListedPackage, Located } from './listed.ts';

/**
 * The files of a gem: its own folder, and for one of Ruby's own gems also its files in Ruby's library, such as
 * `net/http` of `net-http`.
 */
export function gemFiles(one: Located, tree: FileTree): readonly Seen[] {
  const { path, place } = one;
  const gem = nameOf(path).slice(0, -'.gemspec'.length);
  const files = [...tree.below(`${place.root}/gems/${gem}`)];
  const [, library, release] = /^(.*)\/gems\/([^/]+)$/.exec(place.root) ?? [];
  if (!isDefault(one) || library === undefined || release === undefined) return files;
  const module = gem.replace(/-[0-9][^-]*$/, '').replaceAll('-', '/');
  return [
    ...files,
    ...[`${library}/${release}`, ...siteFolders(library, release)].flatMap((folder): readonly Seen[] => {
      const at = layerPath(`${folder}/${module}`);
      const alone = tree.layerOf(`${at}.rb`);
      return [...(alone === undefined ? [] : [[`${at}.rb`, alone] as const]), ...tree.below(at)];
    }),
  ];
}

/**
 * A newer version of one of Ruby's own gems that this layer adds: `gem update --system` deletes the specification of
 * the older bundler, writes the newer one to the site folder, and leaves the older files in place.
 */
export function successors(
  one: Located,
  lists: Iterable<Pick<Located, 'place' | 'layer'> & { readonly packages: readonly ListedPackage[] }>,
  layer: number,
): readonly ListedPackage[] {
  if (one.place.kind !== 'gem' || !isDefault(one)) return [];
  return [...lists]
    .filter((list) => list.layer === layer && list.place.kind === 'gem' && list.place.root === one.place.root)
    .flatMap(({ packages }) => packages.filter(({ name }) => name === one.listed.name));
}

function isDefault({ path }: Located): boolean {
  return nameOf(folderOf(path)) === 'default';
}

/** Folders that Ruby loads before its own library; on Alpine and Fedora they are not beside the library. */
function siteFolders(library: string, release: string): readonly string[] {
  const site = ['site_ruby', 'vendor_ruby'].map((folder) => `${library}/${folder}/${release}`);
  const others = ['lib/ruby/site_ruby', 'lib/site_ruby'].map((folder) => `/usr/local/${folder}/${release}`);
  return [...new Set([...site, ...others, '/usr/local/share/ruby/site_ruby'])];
}

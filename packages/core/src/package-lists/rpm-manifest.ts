import { type ListedPackage, wholeLines } from './listed.ts';

/**
 * `/var/lib/rpmmanifest/container-manifest-2`, which distroless images of Azure Linux have instead of rpm's database:
 * one line per package, with name, version and release, times, vendor, epoch, size, architecture, epoch again and
 * source package.
 */
export function readRpmManifest(content: Buffer): readonly ListedPackage[] {
  return wholeLines(content.toString('utf8')).flatMap((line) => {
    const fields = line.split('\t');
    const [name = '', version = '', , , , , , architecture = '', epoch = '', source = ''] = fields;
    if (fields.length < 10 || version.split('-').length !== 2 || name === '') return [];
    return [{ key: `${name}:${architecture}`, name, version, identity: `${epoch}:${version} of ${source}` }];
  });
}

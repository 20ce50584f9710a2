import { readPurl } from './purl.ts';

/** `openssl-1.1.1k-5.el8.src.rpm`: version and release never contain a hyphen. */
const SOURCE_RPM = /^(.+)-[^-]+-[^-]+\.(?:src|nosrc)\.rpm$/;
const LONGEST = 300;

/**
 * The source package from which a distribution built this one: `pam` for `libpam-modules`. One fix of a source package
 * fixes all packages built from it. Scanners write it into the qualifier `upstream`; without that, the package's own
 * name.
 */
export function sourcePackageOf({ name, purl }: { readonly name: string; readonly purl?: string | undefined }): string {
  const upstream = purl === undefined ? undefined : readPurl(purl)?.qualifiers.get('upstream');
  if (upstream === undefined || upstream.length > LONGEST) return name;
  const [, ofRpm] = SOURCE_RPM.exec(upstream) ?? [];
  // Syft adds the version if it differs from that of the binary package: `gcc-12@12.2.0-14`.
  const [ofDeb = ''] = upstream.split('@', 1);
  return ofRpm ?? (ofDeb === '' ? name : ofDeb);
}

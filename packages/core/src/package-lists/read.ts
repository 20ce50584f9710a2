import { readApkInstalled } from './apk.ts';
import { readDpkgStatus } from './dpkg.ts';
import { readComposerInstalled, readCondaMeta, readGemspec, readPackageJson, readPythonMetadata } from './languages.ts';
import type { ListedPackage, ListKind } from './listed.ts';
import { readOsRelease } from './os-release.ts';
import { readBitnamiComponents, readBitnamiSpdx, readDescription, readFormula, readJvmRelease } from './own-folder.ts';
import { readPacmanDesc } from './pacman.ts';
import { readPear } from './pear.ts';
import { readPortageContents } from './portage.ts';
import { readDebianVersion, readReleaseText } from './release-files.ts';
import { readRpmDatabase } from './rpm.ts';
import { readRpmManifest } from './rpm-manifest.ts';

/** Metadata of Python packages that Syft reads. */
const PYTHON = /dist-info\/METADATA$|egg-info(?:\/PKG-INFO)?$/i;

/** The packages of a list, as Syft reads it: none if Syft reads none. Never throws. */
export const READERS: Readonly<Record<ListKind, (content: Buffer, path: string) => readonly ListedPackage[]>> = {
  dpkg: readDpkgStatus,
  apk: readApkInstalled,
  rpm: readRpmDatabase,
  pacman: readPacmanDesc,
  conda: readCondaMeta,
  python: (content, path) => (PYTHON.test(path) ? readPythonMetadata(content) : []),
  npm: readPackageJson,
  gem: readGemspec,
  composer: readComposerInstalled,
  'rpm-manifest': readRpmManifest,
  portage: readPortageContents,
  pear: readPear,
  r: readDescription,
  jvm: readJvmRelease,
  homebrew: readFormula,
  bitnami: readBitnamiComponents,
  'bitnami-spdx': readBitnamiSpdx,
  'os-release': readOsRelease,
  'release-text': readReleaseText,
  'debian-version': readDebianVersion,
};

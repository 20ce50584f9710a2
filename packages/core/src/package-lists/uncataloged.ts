import type { LanguagePackage } from '../contents/image-contents.ts';
import type { Component } from '../evidence.ts';
import { normalPath } from '../purl/purl.ts';

/**
 * The packages of languages that a list of components lacks: the scanner cannot read their metadata, but the tools of
 * the language can. Each once.
 */
export function uncatalogedPackages(
  packages: readonly LanguagePackage[],
  components: readonly Identity[],
): readonly LanguagePackage[] {
  const known = new Set(components.map(identityKey));
  return packages.filter((one) => !known.has(identityKey(one)));
}

/**
 * Kinds of packages that Grype matches by name and version. It matches those of conda by CPE alone, and Composer's by
 * CPE as well, which Syft derives from metadata that it could not read here.
 */
const ADDABLE: ReadonlySet<string> = new Set(['npm', 'python', 'gem']);

/** Whether a scan that names the package in addition to the SBOM finds what it would find through the SBOM. */
export function isAddable({ type }: Pick<Component, 'type'>): boolean {
  return ADDABLE.has(type);
}

type Identity = Pick<Component, 'type' | 'name' | 'version'>;

/** Syft's package types that differ from the types of package URLs. */
const PURL_TYPES: Readonly<Record<string, string>> = { python: 'pypi', 'php-composer': 'composer' };

/** The type of a package URL for one of Syft's package types. */
export function purlTypeOf(type: string): string {
  return PURL_TYPES[type] ?? type;
}

/** One key for all spellings that the language treats as the same package. */
export function identityKey({ type, name, version }: Identity): string {
  return JSON.stringify([type, normalPath(purlTypeOf(type), name), version]);
}

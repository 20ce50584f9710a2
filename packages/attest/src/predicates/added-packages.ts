import { type AddedPackage, isAddable, type LanguagePackage, purlTypeOf } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { parseEvidence, unreadable } from '../statement/strict-json.ts';
import { MAX_SYFT_BYTES } from './sbom.ts';

const WHAT = 'The syft-json document';

/** More cannot be an accident, and a predicate stays readable. */
export const MOST_ADDED = 200;
/** Of a name or a version, in characters. */
const LONGEST = 400;

/** Whether Grype finds the package by its name, and the scan can name it in its statement. */
export function canAdd(one: Pick<LanguagePackage, 'type' | 'name' | 'version'>): boolean {
  const { name, version } = one;
  return isAddable(one) && name.length <= LONGEST && version.length <= LONGEST;
}

const Syft = v.looseObject({ artifacts: v.array(v.looseObject({})) });

const LANGUAGES: Readonly<Partial<Record<LanguagePackage['type'], string>>> = {
  npm: 'javascript',
  python: 'python',
  gem: 'ruby',
};

/**
 * The document with packages that Syft did not catalog because it cannot read their metadata. Grype matches them by
 * type, name and version, as it matches Syft's own.
 */
export function withPackages(document: Uint8Array, packages: readonly LanguagePackage[]): Uint8Array {
  if (packages.length === 0) return document;
  const syft = shaped(Syft, parseEvidence(document, WHAT, MAX_SYFT_BYTES), WHAT);
  const added = packages.map((one, at) => artifactOf(one, at));
  return Buffer.from(JSON.stringify({ ...syft, artifacts: [...syft.artifacts, ...added] }));
}

/** As in syft-json (schema 16: Package). */
function artifactOf({ type, name, version, path }: LanguagePackage, at: number): Record<string, unknown> {
  const encoded = name.split('/').map(encodeURIComponent).join('/');
  return {
    id: `tidegate-added-${at}`,
    name,
    version,
    type,
    foundBy: 'tidegate',
    locations: [{ path, accessPath: path, annotations: { evidence: 'primary' } }],
    licenses: [],
    language: LANGUAGES[type] ?? '',
    cpes: [],
    purl: `pkg:${purlTypeOf(type)}/${encoded}@${encodeURIComponent(version)}`,
  };
}

/** The packages as a parameter of the scan. */
export function addedParameter(packages: readonly AddedPackage[]): string {
  return JSON.stringify(packages.map(({ type, name, version }) => [type, name, version]));
}

const Parameter = v.pipe(
  v.array(
    v.pipe(
      v.strictTuple([v.string(), v.string(), v.string()]),
      v.transform(([type, name, version]): AddedPackage => ({ type, name, version })),
    ),
  ),
  v.maxLength(MOST_ADDED),
);

/** @throws TidegateError `evidence` for another text than `addedParameter` makes. */
export function readAdded(text: string): readonly AddedPackage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('The packages that the scan added are not JSON.');
  }
  return shaped(Parameter, value, 'The list of packages that the scan added');
}

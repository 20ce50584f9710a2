import { type Component, purlType } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';

const Packages = v.looseObject({
  packages: v.optional(
    v.array(
      v.looseObject({
        name: v.string(),
        versionInfo: v.optional(v.string(), ''),
        externalRefs: v.optional(
          v.array(v.looseObject({ referenceType: v.string(), referenceLocator: v.string() })),
          [],
        ),
      }),
    ),
    [],
  ),
});

/**
 * The packages of an SPDX 2 document that have a package URL; `type` is the URL's type. The image itself and plain
 * files have none.
 * @throws TidegateError `evidence`
 */
export function spdxComponents(predicate: unknown): readonly Component[] {
  const { packages } = shaped(Packages, predicate, 'The SPDX document');
  return packages.flatMap(({ name, versionInfo, externalRefs }) => {
    const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator;
    const type = purlType(purl ?? '');
    if (purl === undefined || type === undefined || type === 'oci') return [];
    return [{ name, version: versionInfo, type, purl, licenses: [] }];
  });
}

import {
  type Component,
  type Digest,
  digestOf,
  PredicateType,
  purlType,
  readInstant,
  type SbomEvidence,
  type Statement,
} from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { parseStatement, subjectMatches } from '../statement/statement.ts';
import { layersOfComponents } from './package-layers.ts';
import { contentDigest } from './same-content.ts';
import { readCycloneDx } from './sbom.ts';

/** A published SBOM that a scanner can read instead of a new catalog. */
export interface ScannableSbom {
  /** That the document was in. */
  readonly statement: Statement;
  /** Input of the scanner. Its digest is the evidence's `document`. */
  readonly bytes: Uint8Array;
  readonly evidence: SbomEvidence;
  /** Equal for documents that list the same (`contentDigest`). */
  readonly content: () => Digest;
  /** As the document says; undefined if it says nothing. */
  readonly createdOn: Date | undefined;
  /** The image's name in the document. */
  readonly name: string | undefined;
  /** The layer that added each package, by `packageKey`, as far as the document shows it. */
  readonly layers: () => ReadonlyMap<string, Digest>;
}

const License = v.looseObject({
  expression: v.optional(v.string()),
  license: v.optional(v.looseObject({ id: v.optional(v.string()), name: v.optional(v.string()) })),
});
const Document = v.looseObject({
  metadata: v.optional(
    v.looseObject({
      timestamp: v.optional(v.string()),
      component: v.optional(v.looseObject({ name: v.optional(v.string()), version: v.optional(v.string()) })),
    }),
  ),
  components: v.optional(
    v.array(
      v.looseObject({
        type: v.string(),
        name: v.string(),
        version: v.optional(v.string(), ''),
        purl: v.optional(v.string()),
        licenses: v.optional(v.array(License), []),
        properties: v.optional(v.array(v.looseObject({ name: v.string(), value: v.optional(v.string(), '') })), []),
      }),
    ),
    [],
  ),
});

/**
 * The CycloneDX document of a statement about `subject`: CycloneDX keeps paths, layers and the distribution, some of
 * which SPDX loses. The document itself must name this image, because the scanner's report repeats it.
 * @param statement whose signature has been verified
 * @returns undefined for anything else. That is no reason to reject the image: it is cataloged again.
 */
export function scannableSbom(statement: Uint8Array, subject: Digest): ScannableSbom | undefined {
  const read = parseStatement(statement);
  if (read.predicateType !== PredicateType.cyclonedx || !subjectMatches(read, subject)) return undefined;
  const { components, metadata } = shaped(Document, read.predicate, 'The CycloneDX document');
  if (metadata?.component?.version !== subject) return undefined;
  return {
    statement: read,
    content: () => contentDigest(read) ?? digestOf(statement),
    name: metadata.component.name,
    layers: () => layersOfComponents(components),
    createdOn: readInstant(metadata.timestamp ?? ''),
    bytes: Buffer.from(JSON.stringify(read.predicate)),
    evidence: {
      ...readCycloneDx(read.predicate, subject),
      statement: digestOf(statement),
      components: components.flatMap(componentOf),
    },
  };
}

type Entry = v.InferOutput<typeof Document>['components'][number];

function componentOf({ type, name, version, purl, licenses, properties }: Entry): readonly Component[] {
  if (type !== 'library' && type !== 'application') return [];
  // Syft's own name of the kind, as used in rules and reports; for documents of other tools the type of the package
  // URL.
  const kind = properties.find((one) => one.name === 'syft:package:type')?.value || purlType(purl ?? '') || type;
  return [
    {
      ...{ name, version, type: kind },
      purl,
      licenses: licenses.flatMap(({ expression, license }) => expression ?? license?.id ?? license?.name ?? []),
    },
  ];
}

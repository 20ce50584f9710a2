import { canonicalJson, type Digest, digestOf, isRecord, PredicateType, type Statement } from '@tidegate/core';

type Members = Readonly<Record<string, unknown>>;

/**
 * Digest of what a statement says about its subject. Equal for two that say the same in other words of time: tools put
 * the time and a random identifier into every document, and a run of a workflow its number and its times.
 *
 * - SPDX: without the document's namespace and creation time.
 * - CycloneDX: without the serial number and the timestamp.
 * - Provenance: the build definition (source, inputs, parameters) and the builder. The metadata of the invocation are
 *   left out: another run of the same definition that gave the same bytes adds nothing that a consumer decides on.
 *
 * @returns undefined for other statements: each of those says something of its own
 */
export function contentDigest({ predicateType, predicate }: Statement): Digest | undefined {
  const said = contentOf(predicateType, predicate as Members);
  return said === undefined ? undefined : digestOf(canonicalJson({ predicateType, said }));
}

function contentOf(predicateType: string, predicate: Members): unknown {
  switch (predicateType) {
    case PredicateType.spdx: {
      const { documentNamespace: _, creationInfo, ...rest } = predicate;
      return { ...rest, creationInfo: without(creationInfo, 'created') };
    }
    case PredicateType.cyclonedx: {
      const { serialNumber: _, metadata, ...rest } = predicate;
      return { ...rest, metadata: without(metadata, 'timestamp') };
    }
    case PredicateType.provenance: {
      const { buildDefinition, runDetails } = predicate;
      return { buildDefinition, runDetails: without(runDetails, 'metadata') };
    }
    case PredicateType.baseline:
      return predicate;
    default:
      return undefined;
  }
}

function without(value: unknown, name: string): unknown {
  if (!isRecord(value)) return value;
  const { [name]: _, ...rest } = value as Members;
  return rest;
}

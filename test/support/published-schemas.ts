/**
 * Schemas as published by their authors, from the Go modules that contain them, pinned by go.sum: none is copied here.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goModuleFolder, repositoryRoot } from '@tidegate/testkit';
import { Ajv, type AnySchema, type ErrorObject } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import formats from 'ajv-formats';

/** Syft, Grype and their dependencies: already downloaded for the tools. */
const MODULE = join(repositoryRoot, 'packages/tools/go/anchore');

/** @returns the errors of a document, one per line; empty if there are none */
export type Validate = (document: unknown) => readonly string[];

async function schema(dependency: string, path: string): Promise<AnySchema> {
  const folder = await goModuleFolder(MODULE, dependency);
  return JSON.parse(await readFile(join(folder, path), 'utf8')) as AnySchema;
}

const OPTIONS = { strict: false, allErrors: true, validateFormats: true } as const;

export async function publishedSchemas(): Promise<Readonly<Record<'spdx' | 'cyclonedx' | 'sarif', Validate>>> {
  const [spdx, cyclonedx, licenses, signatures, sarif] = await Promise.all([
    schema('github.com/anchore/syft', 'schema/spdx-json/spdx-schema-2.3.json'),
    schema('github.com/CycloneDX/cyclonedx-go', 'schema/bom-1.6.schema.json'),
    schema('github.com/CycloneDX/cyclonedx-go', 'schema/spdx.schema.json'),
    // The module calls it `.schemax.json`.
    schema('github.com/CycloneDX/cyclonedx-go', 'schema/jsf-0.82.schemax.json'),
    schema('github.com/anchore/grype', 'grype/presenter/sarif/testdata/sarif-schema-2.1.0.json'),
  ]);
  const draft07 = formats.default(new Ajv(OPTIONS));
  // CycloneDX uses formats for internationalized e-mail addresses and IRIs, which ajv-formats lacks.
  for (const name of ['idn-email', 'iri-reference', 'iri']) draft07.addFormat(name, true);
  draft07.addSchema(licenses).addSchema(signatures);
  const draft04 = formats.default(new AjvDraft04(OPTIONS));
  return {
    spdx: validating(draft07, spdx),
    cyclonedx: validating(draft07, cyclonedx),
    sarif: validating(draft04, sarif),
  };
}

/** A schema of this repository. */
export async function ownSchema(name: string): Promise<Validate> {
  const path = join(repositoryRoot, 'schema', name);
  return validating(
    formats.default(new Ajv({ ...OPTIONS, strict: true, allowUnionTypes: true })),
    JSON.parse(await readFile(path, 'utf8')),
  );
}

function validating(ajv: Ajv, published: AnySchema): Validate {
  const validate = ajv.compile(published);
  return (document) => (validate(document) ? [] : (validate.errors ?? []).map(lineOf));
}

function lineOf({ instancePath, message = '', params }: ErrorObject): string {
  return `${instancePath || '/'}: ${message} ${JSON.stringify(params)}`;
}

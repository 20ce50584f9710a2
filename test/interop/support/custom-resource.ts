import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developerEnvironment, developerRun, parseYaml } from '@tidegate/testkit';

/** A release of a Go module with custom resource definitions, and its checksum as in go.sum. */
export interface DefinitionSource {
  readonly module: string;
  readonly sum: string;
  /** The definition's path in the module. */
  readonly path: string;
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

const GO_SETTINGS = ['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPATH', 'GOMODCACHE', 'GOCACHE', 'GOTOOLCHAIN'];

/** The schema of one version of a custom resource, as the cluster's API server applies it. */
export async function schemaOf({ module, sum, path }: DefinitionSource, version: string): Promise<Schema> {
  const env = developerEnvironment({ GOFLAGS: '-mod=mod', GOWORK: 'off' }, GO_SETTINGS);
  const { stdout } = await developerRun('go', ['mod', 'download', '-json', module], {
    env,
    cwd: tmpdir(),
    timeout: 300_000,
  });
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new Error(`${module} is ${Sum}, expected ${sum}`);
  const definition = parseYaml(await readFile(join(Dir, path), 'utf8'));
  const found = definition.spec.versions.find(({ name }: { name: string }) => name === version);
  return found.schema.openAPIV3Schema;
}

/** Differences between `value` and `schema`. The server silently drops unknown fields, so they count as errors. */
export function faults(schema: Schema, value: unknown, at = ''): readonly string[] {
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is none of its words`];
  if (Array.isArray(value)) {
    if (schema.type !== 'array') return [`${at}: a list, expected ${schema.type}`];
    return value.flatMap((item, index) => faults(schema.items ?? {}, item, `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) {
    const is = Number.isInteger(value) ? 'integer' : typeof value;
    return schema.type === undefined || schema.type === is ? [] : [`${at}: ${is}, expected ${schema.type}`];
  }
  if (schema.type !== undefined && schema.type !== 'object') return [`${at}: an object, expected ${schema.type}`];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const inner = Object.entries(value).flatMap(([name, member]) => {
    const more = schema.additionalProperties;
    const known = schema.properties?.[name] ?? (typeof more === 'object' ? more : undefined);
    if (known) return faults(known, member, `${at}.${name}`);
    // Every object has these, even if its definition does not contain them.
    if (at === '' && ['apiVersion', 'kind', 'metadata'].includes(name)) return [];
    const open = schema['x-kubernetes-preserve-unknown-fields'] || more === true || schema.properties === undefined;
    return open ? [] : [`${at}.${name} is not known`];
  });
  return [...missing, ...inner];
}

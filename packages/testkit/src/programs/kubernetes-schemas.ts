import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pypiTool } from './pypi-tool.ts';

/** Of Kubernetes: the newest in the wheel. */
const VERSION = 'v1.37.0';

interface Definition {
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/**
 * JSON Schemas of Kubernetes' own kinds for kubeconform, which otherwise downloads them: from the definitions in the
 * wheel of kubernetes-validate, which are made from Kubernetes' OpenAPI. Unknown fields are errors.
 * @param kinds of these kinds, in any group
 * @returns the value of kubeconform's `-schema-location`
 */
export async function kubernetesSchemas(folder: string, kinds: readonly string[]): Promise<string> {
  const program = await pypiTool('kubernetes-validate', '1.37.0');
  const library = join(dirname(program), '..', 'lib');
  const [python = ''] = await readdir(library);
  const packages = join(library, python, 'site-packages', 'kubernetes_validate', 'kubernetes-json-schema');
  const text = await readFile(join(packages, `${VERSION}-local-strict`, '_definitions.json'), 'utf8');
  const { $defs, $schema } = JSON.parse(text) as { $defs: Readonly<Record<string, Definition>>; $schema: string };
  await mkdir(folder, { recursive: true });
  for (const [name, definition] of Object.entries($defs)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      if (!kinds.includes(kind)) continue;
      const [short = ''] = group.split('.');
      const file = [kind, short, version].filter((part) => part !== '').join('-');
      const schema = { $schema, $ref: `#/$defs/${name}`, $defs };
      await writeFile(join(folder, `${file.toLowerCase()}.json`), JSON.stringify(schema));
    }
  }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

/** Maps that are one command: `command` and `args` of Kubernetes, modules of Ansible, tasks of Azure. */
import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { Place } from './places.ts';
import { resolved } from './yaml-context.ts';
import type { Keys } from './yaml-keys.ts';

/** The words of a scalar or a list; a scalar is split as a shell would, without quotes. */
function wordsOf(node: unknown, document: Document): readonly string[] | undefined {
  const value = resolved(node, document);
  if (isScalar(value) && typeof value.value === 'string') return value.value.split(/\s+/).slice(0, 200);
  if (!isSeq(value)) return undefined;
  const items = value.items.slice(0, 200).map((item) => resolved(item, document));
  return items.every((item) => isScalar(item))
    ? items.map((item) => String((item as { value: unknown }).value))
    : undefined;
}

/** @param lineOf returns the line on which a node begins */
export function commandOf(map: YAMLMap, keys: Keys, document: Document, lineOf: (node: unknown) => number): Place[] {
  return [...joined(map, keys, document, lineOf), ...task(map, lineOf), ...moduleOf(map, lineOf)];
}

function joined(map: YAMLMap, { args }: Keys, document: Document, lineOf: (node: unknown) => number): Place[] {
  const pair = args && map.items.find(({ key }) => isScalar(key) && args.test(String(key.value)));
  if (!pair) return [];
  const after = wordsOf(pair.value, document);
  const before = wordsOf(
    map.get('entrypoint', true) ?? (map.has('args') ? map.get('command', true) : undefined),
    document,
  );
  if (!after) return [];
  const line = lineOf(lastOf(pair.value, document));
  if (before) return [{ kind: 'arguments', args: [...before, ...after], line }];
  // Cloud Build names the program by its image.
  const image = String(map.get('name') ?? '');
  const [, program] = /(?:^|\/)(docker|podman|buildah)(?::[\w.-]+)?$/.exec(image) ?? [];
  return program === undefined ? [] : [{ kind: 'arguments', args: [program, ...after], line }];
}

/** The script of `[sh, -c, …]` may be long: its line is that of the last word. */
function lastOf(node: unknown, document: Document): unknown {
  const value = resolved(node, document);
  return isSeq(value)
    ? value.items.length > 1 && isScalar(value.items[0])
      ? value.items[0]
      : value.items.at(-1)
    : value;
}

/** Azure: `task: Docker@2` with `command` and `arguments`. */
function task(map: YAMLMap, lineOf: (node: unknown) => number): Place[] {
  const inputs = map.get('inputs');
  if (!/^Docker@/i.test(String(map.get('task') ?? '')) || !isMap(inputs)) return [];
  const command = inputs.get('command', true);
  const words = String(inputs.get('arguments') ?? '')
    .split(/\s+/)
    .slice(0, 200);
  if (!isScalar(command)) return [];
  return [
    {
      kind: 'arguments',
      args: ['docker', String(command.value), ...words],
      line: lineOf(inputs.get('arguments', true) ?? command),
    },
  ];
}

/** Ansible modules for `docker exec`, `cp`, `load` and `export`. */
function moduleOf(map: YAMLMap, lineOf: (node: unknown) => number): Place[] {
  const found: Place[] = [];
  for (const { key, value } of map.items.slice(0, 100)) {
    const name = isScalar(key) ? String(key.value).replace(/^(?:community\.docker|containers\.podman)\./, '') : '';
    if (!/^(?:docker|podman)_/.test(name) || !isMap(value)) continue;
    const text = (one: string) => String(value.get(one) ?? '');
    const at = (node: unknown, ...args: string[]) => found.push({ kind: 'arguments', args, line: lineOf(node) });
    const container = text('container') || text('name') || '_';
    if (/_container_exec$/.test(name)) {
      const argv = value.get('argv');
      const words = isSeq(argv)
        ? argv.items.map((item) => String((item as { value?: unknown }).value ?? item))
        : text('command').split(/\s+/);
      at(value.get('command', true) ?? value.get('argv', true) ?? key, 'docker', 'exec', container, ...words);
    } else if (/_container_copy_into$/.test(name))
      at(key, 'docker', 'cp', text('path') || '_', `${container}:${text('container_path')}`);
    else if (/_image_export$/.test(name) || (/_image$/.test(name) && value.has('archive_path')))
      at(key, 'docker', 'save', '-o', text('path') || text('archive_path'));
    else if (/_image_load$/.test(name) || (/_image$/.test(name) && value.has('load_path')))
      at(key, 'docker', 'load', '-i', text('path') || text('load_path'));
  }
  return found;
}

export function lineOfNode(node: unknown, linePos: (offset: number) => { readonly line: number }): number {
  return linePos((node as Node | undefined)?.range?.[0] ?? 0).line;
}

/** Paths of fields in settings of kustomize: whether a value that is set there can be an image, or contain one. */
import type { ImagePath } from './image-paths.ts';
import { CONTAINER_LISTS, POD_PATHS } from './workloads.ts';

/** Any item of a list. */
const ITEM = '[]';

/** Keys with sources of an application of Argo CD. */
const SOURCES = ['source', 'sources', 'sourceHydrator'];

interface Overrides {
  /** Version and kind of the objects whose values are read. */
  readonly of: RegExp;
  readonly ways: readonly (readonly string[])[];
}

/** Values of Flux, Argo CD and k3s with which these change images when they deploy something. */
export const OVERRIDES: readonly Overrides[] = [
  {
    of: /^helm\.toolkit\.fluxcd\.io\//,
    ways: [
      ['spec', 'values'],
      ['spec', 'postRenderers'],
    ],
  },
  {
    of: /^helm\.cattle\.io\//,
    ways: ['values', 'valuesContent', 'set', 'jobImage'].map((key) => ['spec', key]),
  },
  {
    of: /^kustomize\.toolkit\.fluxcd\.io\//,
    ways: ['images', 'patches', 'patchesJson6902', 'patchesStrategicMerge'].map((key) => ['spec', key]),
  },
  {
    of: /^argoproj\.io\/\S+ Application$/,
    ways: [...SOURCES.map((key) => ['spec', key]), ['operation']],
  },
  {
    of: /^argoproj\.io\/\S+ ApplicationSet$/,
    ways: [
      ...SOURCES.map((key) => ['spec', 'template', 'spec', key]),
      ['spec', 'generators'],
      ['spec', 'templatePatch'],
    ],
  },
];

/** The ways to images in objects whose images are read, and to what decides how an object is read. */
const WAYS: readonly (readonly string[])[] = [
  ...POD_PATHS.flatMap((pod) => [
    ...CONTAINER_LISTS.map((list) => [...pod, list, ITEM, 'image']),
    [...pod, 'volumes', ITEM, 'image', 'reference'],
  ]),
  ...[['apiVersion'], ['kind'], ['items']],
  ...OVERRIDES.flatMap(({ ways }) => ways),
];

/** Field paths of `replacements`: `spec.template.spec.containers.[name=app].image`. */
export function mayReplaceImage(path: string, paths: readonly ImagePath[]): boolean {
  const parts = withBrackets(split(path, '.'), '.').flatMap((part) => part.trim() || []);
  return parts.some((part) => !part.startsWith('[') && /image/i.test(part)) || leads(parts, waysWith(paths));
}

/** Field specifications of labels and of `configurations`: `spec/template/spec/containers`, without places in lists. */
export function mayLabelImage(path: string, paths: readonly ImagePath[]): boolean {
  const parts = split(path, '/').flatMap((part) => part.replace(/\[\]$/, '') || []);
  const ways = waysWith(paths).map((way) => way.filter((key) => key !== ITEM));
  return parts.some((part) => /image/i.test(part)) || leads(parts, ways);
}

function waysWith(paths: readonly ImagePath[]): readonly (readonly string[])[] {
  const own = paths.map(({ path }) => path.flatMap((key) => (key.endsWith(ITEM) ? [key.slice(0, -2), ITEM] : [key])));
  return [...WAYS, ...own];
}

/** Whether a path goes along one of the ways: to a part of it, or beyond its end. */
function leads(parts: readonly string[], ways: readonly (readonly string[])[]): boolean {
  return ways.some((way) =>
    parts.slice(0, way.length).every((part, at) => part === '*' || way[at] === ITEM || way[at] === part),
  );
}

/** A backslash before the delimiter makes it a part of the key (kyaml, PathSplitter). */
function split(path: string, delimiter: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(delimiter)) {
    const last = parts.at(-1);
    if (last?.endsWith('\\')) parts.splice(-1, 1, `${last.slice(0, -1)}${delimiter}${part}`);
    else parts.push(part);
  }
  return parts;
}

/** A key in brackets may have dots: `[example.org/name]`. With `=` it selects an item (kyaml, SmarterPathSplitter). */
function withBrackets(parts: readonly string[], delimiter: string): string[] {
  const found: string[] = [];
  const waiting = [...parts];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (!part.startsWith('[') || part.endsWith(']')) {
      found.push(part);
      continue;
    }
    const end = waiting.findIndex((one) => one.endsWith(']'));
    const inside = [part, ...waiting.splice(0, end < 0 ? waiting.length : end + 1)].join(delimiter);
    found.push(inside.includes('=') ? inside : withoutBrackets(inside));
  }
  return found;
}

function withoutBrackets(text: string): string {
  const isKey = (character: string) => !'[]'.includes(character);
  const characters = [...text];
  return characters.slice(characters.findIndex(isKey), characters.findLastIndex(isKey) + 1).join('');
}

import { parsedJson } from '../../text/json.ts';

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/**
 * Names and ranges that a package.json requires. Empty for a project with workspaces: their files require more, and
 * what is missing would be shown as required by another package.
 */
export function requiredByPackageJson(text: string | undefined): (readonly [name: string, range: string])[] {
  const project = parsedJson(text ?? '');
  if (objectAt(project, 'workspaces')) return [];
  return KINDS.flatMap((kind) => Object.entries(objectAt(project, kind) ?? {})).filter(
    (one): one is [string, string] => typeof one[1] === 'string',
  );
}

export function objectAt(value: unknown, key: string): Record<string, unknown> | undefined {
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : undefined;
}

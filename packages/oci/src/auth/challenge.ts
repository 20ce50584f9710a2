export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 9110, 11.6.1: parse challenges with parameters from one comma-separated line. */
export function parseChallenges(line: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = line.slice(0, 8192);
  for (;;) {
    const parameter = /^[\s,]*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/.exec(rest);
    const current = challenges.at(-1);
    if (parameter && current) {
      const [all, name = '', quoted, plain] = parameter;
      // The first value counts, so that a proxy cannot change it by appending.
      current.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
      rest = rest.slice(all.length);
      continue;
    }
    const scheme = /^[\s,]*([A-Za-z][A-Za-z0-9_-]*)(?=\s|,|$)/.exec(rest);
    if (!scheme) return challenges;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: Object.create(null) });
    rest = rest.slice(scheme[0].length);
  }
}

const SCOPES = 16;

/**
 * The scopes to request from the token service: those we need, plus those that the registry's challenge names for the
 * same repository (ECR Public: `aws`, ACR: `metadata_read`). Scopes for another repository are dropped.
 * @returns one scope per resource with its actions joined (token.md)
 */
export function scopesFor(needed: readonly string[], challenged: string | undefined): readonly string[] {
  const own = new Set(needed.map((scope) => parseScope(scope)?.resource));
  const merged = new Map<string, Set<string>>();
  const plain = new Set<string>();
  const take = (scope: string): void => {
    const parsed = parseScope(scope);
    if (!parsed) plain.add(scope);
    else {
      const actions = merged.get(parsed.resource) ?? new Set();
      for (const action of parsed.actions) actions.add(action);
      merged.set(parsed.resource, actions);
    }
  };
  needed.forEach(take);
  for (const scope of (challenged ?? '').split(' ').filter(Boolean).slice(0, SCOPES)) {
    const parsed = parseScope(scope);
    const foreign = parsed && /^repository(\(|:)/.test(parsed.resource) && !own.has(parsed.resource);
    if (!foreign && /^[\x21-\x7e]{1,300}$/.test(scope)) take(scope);
  }
  return [...[...merged].map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`), ...plain];
}

/** `type:name:actions`; names may contain colons (a port), types and actions may not. */
function parseScope(scope: string): { readonly resource: string; readonly actions: readonly string[] } | undefined {
  const [, resource, actions] = /^([^:]+:.+):([^:]+)$/.exec(scope) ?? [];
  if (resource === undefined || actions === undefined) return undefined;
  return { resource, actions: actions.split(',').filter(Boolean) };
}

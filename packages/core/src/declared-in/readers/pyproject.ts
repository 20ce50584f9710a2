import { linesOf } from './entry.ts';

/** pyproject.toml: the names that a project requires, in the standard's tables and in poetry's. */
export function requiredByPyproject(text: string | undefined): readonly string[] {
  const names: string[] = [];
  let [section, isList] = ['', false];
  for (const [, content] of linesOf(text ?? '')) {
    if (content.startsWith('[') && !isList) section = content;
    if (/^\[tool\.poetry\.(?:group\.[^.]+\.|dev-)?dependencies\]$/.test(section)) {
      const [, name] = /^"?([\w.-]+)"? *=/.exec(content) ?? [];
      if (name !== undefined) names.push(name);
      continue;
    }
    const [opened = ''] = /^[\w.-]+ *= *\[/.exec(content) ?? [];
    if (opened !== '') isList = listsDependencies(section, opened);
    if (!isList) continue;
    const items = content.slice(opened.length);
    for (const [, double, single = ''] of items.matchAll(/"([^"]*)"|'([^']*)'/g)) {
      const [name] = /^[\w.-]+/.exec(double ?? single) ?? [];
      if (name !== undefined) names.push(name);
    }
    // The brackets of `requests[security]` are inside of quotes.
    if (items.endsWith(']')) isList = false;
  }
  return names;
}

function listsDependencies(section: string, opened: string): boolean {
  if (section === '[project]') return opened.startsWith('dependencies');
  return section === '[project.optional-dependencies]' || section === '[dependency-groups]';
}

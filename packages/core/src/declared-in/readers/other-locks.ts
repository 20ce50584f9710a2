import { type Entry, linesOf } from './entry.ts';

/** go.mod: `golang.org/x/text v0.3.7 // indirect`, alone or after `require` or `replace … =>`. */
export function readGoMod(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [line, content] of linesOf(text)) {
    const [code = '', comment = ''] = content.split('//', 2);
    const words = code.split(/\s+/).filter((word) => word !== '');
    const [version, name] = [words.at(-1), words.at(-2)];
    if (version === undefined || name === undefined || !/^v\d/.test(version) || words.includes('exclude')) continue;
    entries.push({ name, version, line, direct: !comment.trim().startsWith('indirect') });
  }
  return entries;
}

/** Gemfile.lock: `    rails (6.0.0)` below `specs:`, and the gems that the Gemfile names below `DEPENDENCIES`. */
export function readGemfileLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  const direct = new Set<string>();
  let section = '';
  for (const [line, content] of linesOf(text)) {
    if (/^[A-Z]/.test(content)) section = content;
    const [, name, version] = /^ {4}([\w.-]+) \(([\w.-]+)\)$/.exec(content) ?? [];
    if (name !== undefined) entries.push({ name, version, line });
    const [, own] = section === 'DEPENDENCIES' ? (/^ {2}([\w.-]+)/.exec(content) ?? []) : [];
    if (own !== undefined) direct.add(own);
  }
  return entries.map((entry) => ({ ...entry, direct: direct.has(entry.name) }));
}

/** composer.lock: `"name"` and `"version"` of a package, one after the other. */
export function readComposerLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let [name, at] = ['', 0];
  for (const [line, content] of linesOf(text)) {
    const [, key, value = ''] = /^\s*"(name|version)": "([^"]+)",?$/.exec(content) ?? [];
    if (key === 'name') [name, at] = [value, line];
    if (key === 'version' && name !== '' && line === at + 1) entries.push({ name, version: value, line: at });
  }
  return entries;
}

/** packages.lock.json (NuGet): `"Newtonsoft.Json": {`, then `"type"` and `"resolved"`. */
export function readNugetLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let [name, at, direct] = ['', 0, false];
  for (const [line, content] of linesOf(text)) {
    const [, opened] = /^\s*"([^"]+)": \{$/.exec(content) ?? [];
    if (opened !== undefined) [name, at, direct] = [opened, line, false];
    const [, key, value = ''] = /^\s*"(type|resolved)": "([^"]+)",?$/.exec(content) ?? [];
    if (key === 'type') direct = value === 'Direct';
    if (key === 'resolved' && name !== '') entries.push({ name, version: value, line: at, direct });
  }
  return entries;
}

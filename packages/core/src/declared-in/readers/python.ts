import { type Entry, linesOf } from './entry.ts';

/**
 * requirements.txt (pip): `flask==2.0.0 --hash=…`, `requests[security] >= 2`. Comments of pip-compile and uv name the
 * package that requires it: `# via flask`, in the same line or the next ones.
 */
export function readRequirements(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let listing = false;
  for (const [line, content] of linesOf(text)) {
    const comment = content.trim();
    const last = entries.at(-1);
    if (comment.startsWith('#')) {
      const via: string | undefined = listing ? comment.slice(1).trim() : viaIn(comment);
      listing = via === '';
      if (last && via && last.via === undefined && last.direct === undefined) {
        entries[entries.length - 1] = { ...last, ...requiredBy(via) };
      }
      continue;
    }
    listing = false;
    const [name] = /^[A-Za-z0-9][\w.-]*/.exec(content) ?? [];
    if (name === undefined) continue;
    const rest = content.slice(name.length);
    const [, version] = /^(?:\[[^\]]*\])? ?={2,3} ?([\w.!+-]+)/.exec(rest) ?? [];
    const hash = rest.indexOf(' #');
    const via = hash < 0 ? undefined : viaIn(rest.slice(hash + 1));
    entries.push({ name, version, line, ...(via && requiredBy(via)) });
  }
  return entries;
}

/** Empty text: the names follow in the next lines. */
function viaIn(comment: string): string | undefined {
  return /^#\s+via\b/.test(comment) ? comment.replace(/^#\s+via\b/, '').trim() : undefined;
}

/** `-r requirements.in`: the project requires it itself. */
function requiredBy(via: string): Pick<Entry, 'direct' | 'via'> {
  if (via.startsWith('-r ') || via.includes('(pyproject.toml)')) return { direct: true };
  const [first = ''] = via.split(/[\s,]/, 1);
  return { direct: false, via: first };
}

/** Pipfile.lock: `"flask": {`, and `"version": "==2.0.0"` in one of the next lines. */
export function readPipfileLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let [name, at] = ['', 0];
  for (const [line, content] of linesOf(text)) {
    const [, opened] = /^ {8}"([^"]+)": \{$/.exec(content) ?? [];
    if (opened !== undefined) [name, at] = [opened, line];
    const [, version] = /^ {12}"version": "==([^"]+)"/.exec(content) ?? [];
    if (version === undefined || name === '') continue;
    entries.push({ name, version, line: at });
    name = '';
  }
  return entries;
}

import { type Entry, linesOf } from './entry.ts';

/** yarn.lock, classic and berry: `lodash@^4.17.15:` or `"lodash@npm:^4.17.15":`, and the version below it. */
export function readYarnLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let [name, at] = ['', 0];
  for (const [line, content] of linesOf(text)) {
    if (content !== '' && !/^[\s#]/.test(content)) {
      [name, at] = [nameBeforeRange(content.replaceAll('"', '')), line];
      continue;
    }
    const [, version] = /^ {2}version:? "?([^"\s]+)"?$/.exec(content) ?? [];
    if (version !== undefined && name !== '') entries.push({ name, version, line: at });
  }
  return entries;
}

/** `@babel/core@npm:^7.0.0` → `@babel/core`. */
function nameBeforeRange(specification: string): string {
  const at = specification.indexOf('@', 1);
  return at < 0 ? '' : specification.slice(0, at);
}

/** pnpm-lock.yaml of version 5 (`/lodash/4.17.20:`), 6 (`/lodash@4.17.20:`) and 9 (`lodash@4.17.20:`). */
export function readPnpmLock(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let section = '';
  for (const [line, content] of linesOf(text)) {
    if (/^[a-z]/i.test(content)) section = content;
    if (section !== 'packages:' || !/^ {2}\S.*:$/.test(content)) continue;
    const key = content.slice(2, -1).replaceAll("'", '').replace(/^\//, '');
    // Peers: `(react@18.2.0)`; in version 5 `_react@18.2.0`.
    const [bare = ''] = key.split('(', 1);
    const [, older, oldVersion] = /^((?:@[^/]+\/)?[^/@]+)\/(\d[^_/]*)/.exec(bare) ?? [];
    const at = bare.indexOf('@', 1);
    if (older !== undefined) entries.push({ name: older, version: oldVersion, line });
    else if (at > 0) entries.push({ name: bare.slice(0, at), version: bare.slice(at + 1), line });
  }
  return entries;
}

import { cleanPath } from './go-path.ts';
import { type IgnorePattern, ignorePattern } from './ignore-pattern.ts';

/** As Go's scanner bounds a line; BuildKit refuses a file with a longer one. Characters. */
const LONGEST_LINE = 64 * 1024;

interface Rule {
  /** The line begins with `!`: what it means is kept in the context. */
  readonly keeps: boolean;
  readonly pattern: IgnorePattern;
}

/**
 * Whether a path of the build context is kept out of it, by the rules of BuildKit: moby/patternmatcher, applied folder by
 * folder from the top, as the context is walked; the last rule that matches counts. A line that BuildKit refuses, or that
 * is beyond this reader, excludes nothing; with `!` before it, it keeps everything in: what is in doubt is in the context.
 * @returns takes a path without `.` and `..`
 */
export function dockerignore(text: string): (path: string) => boolean {
  const rules = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((line) => ruleOf(line) ?? []);
  return (path) => {
    const matches = rules.map(({ pattern }) => pattern(path));
    const isMatched = rules.map(() => false);
    let ignored = false;
    for (const end of endsOf(path)) {
      ignored = false;
      for (const [at, { keeps }] of rules.entries()) {
        // What matched a folder matches all below it. A rule that could change nothing is not looked at, and does not
        // count for what is below either: BuildKit's walk does the same.
        if (!isMatched[at] && keeps === ignored) isMatched[at] = matches[at]?.has(end) ?? false;
        if (isMatched[at]) ignored = !keeps;
      }
    }
    return ignored;
  };
}

/** Line by line as BuildKit's reader, and then as moby's matcher takes the patterns that it reads. */
function ruleOf(line: string): Rule | undefined {
  if (line.startsWith('#') || line.length >= LONGEST_LINE) return undefined;
  const trimmed = trim(line);
  if (trimmed === '') return undefined;
  const isKept = trimmed.startsWith('!');
  const rest = isKept ? trim(trimmed.slice(1)) : trimmed;
  const path = rest === '' ? '' : cleanPath(rest);
  const relative = path.length > 1 && path.startsWith('/') ? path.slice(1) : path;
  // Both trim and clean, so `/ a` is `a`, and `/!a` keeps `a`.
  const read = trim(isKept ? `!${relative}` : relative);
  if (read === '') return undefined;
  const cleaned = cleanPath(read);
  const keeps = cleaned.startsWith('!');
  const pattern = keeps ? cleaned.slice(1) : cleaned;
  const found = pattern === '' ? undefined : ignorePattern(pattern);
  return { keeps, pattern: found ?? (keeps ? everything : nothing) };
}

const nothing: IgnorePattern = () => new Set();
const everything: IgnorePattern = (path) => new Set(endsOf(path));

/** Ends of all folders above, from the top, and of the path itself. */
function endsOf(path: string): readonly number[] {
  const ends: number[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) ends.push(at);
  return [...ends, path.length];
}

/** As Go's `strings.TrimSpace`: U+0085 is a blank, and a byte order mark is none. */
function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from] ?? '')) from += 1;
  while (to > from && isBlank(text[to - 1] ?? '')) to -= 1;
  return text.slice(from, to);
}

function isBlank(character: string): boolean {
  return /[\s\x85]/.test(character) && character !== '\ufeff';
}

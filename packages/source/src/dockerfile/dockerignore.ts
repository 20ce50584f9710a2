import { cleanPath } from './go-path.ts';
import { type IgnorePattern, ignorePattern } from './ignore-pattern.ts';

/** Longest line of Go's scanner; BuildKit rejects a file with a longer one. Characters. */
const LONGEST_LINE = 64 * 1024;

interface Rule {
  /** The line begins with `!`: matching files stay in the context. */
  readonly keeps: boolean;
  readonly pattern: IgnorePattern;
}

/**
 * Whether a path is excluded from the build context, by the rules of BuildKit: moby/patternmatcher, applied folder by
 * folder from the top, as BuildKit walks the context; the last matching rule wins. A line that BuildKit rejects, or
 * that this reader does not support, excludes nothing; with `!` it includes everything: in doubt a file is in the
 * context.
 * @returns a function of a path without `.` and `..`
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
        // A match of a folder applies to everything below it. A rule that could change nothing is skipped, and does not
        // count below the folder either: BuildKit's walk does the same.
        if (!isMatched[at] && keeps === ignored) isMatched[at] = matches[at]?.has(end) ?? false;
        if (isMatched[at]) ignored = !keeps;
      }
    }
    return ignored;
  };
}

/** Parses a line like BuildKit's reader, and then its pattern like moby's matcher. */
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

/** End offsets of all parent folders, from the top, and of the path itself. */
function endsOf(path: string): readonly number[] {
  const ends: number[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) ends.push(at);
  return [...ends, path.length];
}

/** Like Go's `strings.TrimSpace`: U+0085 is a blank, and a byte order mark is not. */
function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from] ?? '')) from += 1;
  while (to > from && isBlank(text[to - 1] ?? '')) to -= 1;
  return text.slice(from, to);
}

function isBlank(character: string): boolean {
  return /[\s\x85]/.test(character) && character !== '\ufeff';
}

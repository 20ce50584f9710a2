/** End offsets of the prefixes of a path that a pattern matches: for `a/b`, 1 means `a`, 3 means `a/b`. */
export type IgnorePattern = (path: string) => ReadonlySet<number>;

/** The characters that one step accepts, or `begin`: no character, only at the start of the path. */
type Test = (character: string) => boolean;
interface Step {
  readonly test: Test | 'begin' | 'nothing';
  /** Any number of times. */
  readonly repeats?: boolean | undefined;
  /** Number of steps that may be skipped, including this one. */
  readonly skips?: number;
}

const notLineEnd: Test = (character) => character !== '\n';

/**
 * One pattern of a .dockerignore file, as interpreted by moby/patternmatcher, which BuildKit uses. Moby converts it to
 * a regular expression, and the meaning of that expression counts: `[?]` is a class that begins with three other
 * characters, a `^` after the first character matches nowhere, and a `|` beside a wildcard separates two expressions.
 * Takes at most pattern times path steps, however hostile both are.
 * @returns undefined for a pattern that moby rejects, or that this reader does not support (`\d`, `[[:alpha:]]`)
 */
export function ignorePattern(pattern: string): IgnorePattern | undefined {
  // Wildcards, escapes and single characters. A byte order mark at the beginning is not read.
  const pieces = pattern.replace(/^\ufeff/, '').match(/\*\*\/?|\*|\\.|./gsu) ?? [];
  const kind = kindOf(pieces);
  if (kind === 'exact') return (path) => endsWhere(path, (end) => end === pattern.length && path.startsWith(pattern));
  if (kind === 'prefix') {
    const prefix = pattern.slice(0, -2);
    return (path) => endsWhere(path, (end) => end >= prefix.length && path.startsWith(prefix));
  }
  if (kind === 'suffix') {
    const suffix = pattern.slice(2);
    return (path) =>
      endsWhere(path, (end) => path.endsWith(suffix, end) || (suffix === `/${path.slice(0, end)}` && end > 0));
  }
  const choices = choicesOf(Array.from(expressionOf(pieces)));
  return choices && ((path) => new Set(choices.flatMap((steps) => [...accepted(steps, path)])));
}

/** Moby compares texts if the only wildcard of a pattern is `**` at one end. */
function kindOf(pieces: readonly string[]): 'exact' | 'prefix' | 'suffix' | 'expression' {
  const isAtBegin = pieces[0]?.startsWith('**') ?? false;
  const isAtEnd = !isAtBegin && (pieces.at(-1)?.startsWith('**') ?? false);
  const others = pieces.slice(isAtBegin ? 1 : 0, isAtEnd ? -1 : undefined);
  if (others.some((piece) => /^([*?[\]]|\\.)/s.test(piece))) return 'expression';
  if (isAtBegin) return 'suffix';
  return isAtEnd ? 'prefix' : 'exact';
}

/** The regular expression that moby generates for a pattern, after its `^`. */
function expressionOf(pieces: readonly string[]): string {
  const parts = pieces.map((piece, at) => {
    if (piece.startsWith('**')) return at === pieces.length - 1 ? '.*' : '(.*/)?';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    // Moby tries to escape | { } as well, but its bit mask is too narrow, so they stay unescaped.
    return /^[.+()$]$/.test(piece) ? `\\${piece}` : piece;
  });
  return `${parts.join('')}$`;
}

const ANY: Step = { test: () => true, repeats: true };

/** @returns undefined for an expression that Go rejects, or that this reader does not support */
function choicesOf(expression: readonly string[]): readonly (readonly Step[])[] | undefined {
  const choices: Step[][] = [];
  // Of several alternatives, only the first is anchored at the start, and only the last at the end.
  let steps: Step[] = [];
  for (let at = 0; at < expression.length; ) {
    const character = expression[at] as string;
    let test: Step['test'];
    if (character === '|') {
      choices.push([...steps, ANY]);
      steps = [ANY];
      at += 1;
      continue;
    }
    if (character === '(') {
      // (.*/)? is the only group.
      steps.push({ test: 'nothing', skips: 3 }, { test: notLineEnd, repeats: true }, { test: (one) => one === '/' });
      at += 6;
      continue;
    }
    if (character === '[') {
      const found = classOf(expression, at);
      if (!found) return undefined;
      test = found.test;
      at = found.end;
    } else if (character === '\\') {
      const next = expression[at + 1];
      if (next === undefined || !isItself(next)) return undefined;
      test = (one) => one === next;
      at += 2;
    } else {
      at += 1;
      if (character === '$' && at === expression.length) return [...choices, steps];
      if (character === '{' && isRepetition(expression, at)) return undefined;
      test = simple(character);
    }
    const repeats = expression[at] === '*' && test !== 'begin';
    if (repeats) at += 1;
    steps.push({ test, repeats: repeats || undefined });
  }
  // A backslash at the end of a pattern escapes the `$`.
  return [...choices, [...steps, ANY]];
}

/** `{2}`, `{2,}` and `{2,3}`; any other brace is literal. */
function isRepetition(expression: readonly string[], at: number): boolean {
  return /^[0-9]+(,[0-9]*)?\}/.test(expression.slice(at, at + 20).join(''));
}

function simple(character: string): Step['test'] {
  if (character === '^') return 'begin';
  if (character === '.') return notLineEnd;
  return (one) => one === character;
}

/** Characters that are literal after a backslash in Go's expressions: neither letters nor digits. */
function isItself(character: string): boolean {
  return character < '\x80' && !/[0-9A-Za-z]/.test(character);
}

/** A class of characters that begins at `at`. */
function classOf(expression: readonly string[], at: number): { test: Test; end: number } | undefined {
  let next = at + 1;
  const isNegated = expression[next] === '^';
  if (isNegated) next += 1;
  const member = (): number | undefined => {
    if (expression[next] === '\\') {
      next += 1;
      if (!isItself(expression[next] ?? 'a')) return undefined;
    }
    const code = expression[next]?.codePointAt(0);
    next += 1;
    return code;
  };
  const ranges: (readonly [number, number])[] = [];
  for (const first = next; expression[next] !== ']' || next === first; ) {
    if (expression[next] === '[' && expression[next + 1] === ':') return undefined;
    const low = member();
    if (low === undefined) return undefined;
    let high: number | undefined = low;
    if (expression[next] === '-' && expression[next + 1] !== ']' && next + 1 < expression.length) {
      next += 1;
      high = member();
    }
    if (high === undefined || high < low) return undefined;
    ranges.push([low, high]);
  }
  const test: Test = (one) => {
    const code = one.codePointAt(0) ?? 0;
    return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated;
  };
  return { test, end: next + 1 };
}

/** Tracks all steps at once, so that no text causes backtracking. */
function accepted(steps: readonly Step[], path: string): ReadonlySet<number> {
  const ends = new Set<number>();
  let active = closure(steps, new Set([0]), true);
  let at = 0;
  for (const character of path) {
    if (character === '/' && active.has(steps.length)) ends.add(at);
    const next = new Set<number>();
    for (const index of active) {
      const step = steps[index];
      if (typeof step?.test === 'function' && step.test(character)) next.add(step.repeats ? index : index + 1);
    }
    active = closure(steps, next, false);
    at += character.length;
    if (active.size === 0) return ends;
  }
  if (active.has(steps.length)) ends.add(at);
  return ends;
}

/** Adds the steps that may be skipped. Iterating a set also visits elements added meanwhile. */
function closure(steps: readonly Step[], active: Set<number>, isBegin: boolean): Set<number> {
  for (const index of active) {
    const step = steps[index];
    if (step === undefined) continue;
    if (step.repeats || step.test === 'nothing' || (step.test === 'begin' && isBegin)) active.add(index + 1);
    if (step.skips) active.add(index + step.skips);
  }
  return active;
}

/** The ends of a path's folders and its own. */
function endsWhere(path: string, isEnd: (end: number) => boolean): ReadonlySet<number> {
  const ends = new Set<number>();
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) if (isEnd(at)) ends.add(at);
  if (isEnd(path.length)) ends.add(path.length);
  return ends;
}

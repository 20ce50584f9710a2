/** A character of a name, as Go counts them. */
type Test = (character: string) => boolean;
/** Any number of characters. */
const STAR = Symbol('*');
const ANY: Test = () => true;
/** Longest file name: a pattern that needs more characters matches nothing. */
const LONGEST_NAME = 255;
/** There is at least one character between two stars: a pattern with more steps needs a longer name. */
const MOST_STEPS = 2 * LONGEST_NAME + 1;
/** Literal text. */
type Step = string | Test | typeof STAR;

/**
 * The pattern of one part of a path, as Go's `path.Match` reads it: `*`, `?`, `[a-z]`, `[^a-z]`, and a backslash before
 * a literal character. Takes at most pattern times name steps.
 * @returns undefined for a pattern that Go rejects
 */
export function goMatch(pattern: string): ((name: string) => boolean) | undefined {
  const steps = stepsOf([...pattern]);
  if (!steps) return undefined;
  return steps.length > MOST_STEPS ? () => false : (name) => matches(steps, [...name]);
}

function stepsOf(pattern: readonly string[]): readonly Step[] | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length && steps.length <= MOST_STEPS; ) {
    const character = pattern[at];
    if (character === '*') {
      if (steps.at(-1) !== STAR) steps.push(STAR);
      at += 1;
    } else if (character === '?') {
      steps.push(ANY);
      at += 1;
    } else if (character === '[') {
      const found = classOf(pattern, at + 1);
      if (!found) return undefined;
      steps.push(found.test);
      at = found.end;
    } else {
      const escaped = character === '\\' ? 1 : 0;
      const itself = pattern[at + escaped];
      if (itself === undefined) return undefined;
      steps.push(itself);
      at += 1 + escaped;
    }
  }
  return steps;
}

/** The class after a `[`: at least one range; `-` and `]` only with a backslash. */
function classOf(pattern: readonly string[], from: number): { test: Test; end: number } | undefined {
  let at = from;
  const isNegated = pattern[at] === '^';
  if (isNegated) at += 1;
  const member = (): number | undefined => {
    if (pattern[at] === '-' || pattern[at] === ']') return undefined;
    if (pattern[at] === '\\') at += 1;
    const code = pattern[at]?.codePointAt(0);
    at += 1;
    return code;
  };
  const ranges: (readonly [low: number, high: number])[] = [];
  while (ranges.length === 0 || pattern[at] !== ']') {
    const low = member();
    if (low === undefined) return undefined;
    let high: number | undefined = low;
    if (pattern[at] === '-') {
      at += 1;
      high = member();
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  const test: Test = (one) => {
    const code = one.codePointAt(0) ?? 0;
    return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated;
  };
  return { test, end: at + 1 };
}

/** On a mismatch only the last star takes one more character: taking more with an earlier star cannot help. */
function matches(steps: readonly Step[], name: readonly string[]): boolean {
  let step = 0;
  let star: { readonly step: number; from: number } | undefined;
  for (let at = 0; at < name.length || step < steps.length; ) {
    const wanted = steps[step];
    if (wanted === STAR) {
      star = { step: step + 1, from: at };
      step += 1;
    } else if (wanted !== undefined && at < name.length && accepts(wanted, name[at] as string)) {
      step += 1;
      at += 1;
    } else {
      if (!star || star.from >= name.length) return false;
      star.from += 1;
      at = star.from;
      step = star.step;
    }
  }
  return true;
}

function accepts(wanted: string | Test, character: string): boolean {
  return typeof wanted === 'string' ? wanted === character : wanted(character);
}

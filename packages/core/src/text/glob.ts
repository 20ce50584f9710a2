/** Whether a text matches a pattern. */
export type Glob = (text: string) => boolean;

/** One step of a pattern: a character, or any number of characters. */
type Step = string | symbol;
/** `*`: characters of one part of a path. */
const PART = Symbol('*');
/** `**`: any characters. */
const PARTS = Symbol('**');
/** A segment `**` with the slash after it: any number of segments, or none. Two steps: to skip it, and the segments. */
const OPTIONAL = Symbol('optional');
const FOLDERS = Symbol('**/');

/**
 * A pattern in which `*` matches any text within a segment of a path and `**` any number of segments; every other
 * character matches itself. Takes at most pattern times text steps, whatever both are: texts come from images.
 */
export function glob(pattern: string): Glob {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const steps = stepsOf(pattern);
  return (text) => {
    let at = withSkipped(steps, new Set([0]));
    for (const character of text) {
      const next = new Set<number>();
      for (const index of at) {
        const step = steps[index];
        if (step === PARTS || step === FOLDERS || (step === PART && character !== '/')) next.add(index);
        if (step === character || (step === FOLDERS && character === '/')) next.add(index + 1);
      }
      if (next.size === 0) return false;
      at = withSkipped(steps, next);
    }
    return at.has(steps.length);
  };
}

function stepsOf(pattern: string): readonly Step[] {
  const pieces = pattern.match(/(?<=^|\/)\*\*\/|\*+|[^*]/gu) ?? [];
  return pieces.flatMap((piece): Step[] => {
    if (!piece.startsWith('*')) return [piece];
    if (piece.endsWith('/')) return [OPTIONAL, FOLDERS];
    return [piece === '*' ? PART : PARTS];
  });
}

/** A star may match nothing. Iterating a set also visits elements added meanwhile. */
function withSkipped(steps: readonly Step[], at: Set<number>): Set<number> {
  for (const index of at) {
    const step = steps[index];
    if (step === PART || step === PARTS || step === OPTIONAL) at.add(index + 1);
    if (step === OPTIONAL) at.add(index + 2);
  }
  return at;
}

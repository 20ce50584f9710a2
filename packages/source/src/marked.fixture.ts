/**
 * Test files that contain their expected findings: `◀ rule, rule` at the end of a line, which is not part of it, and `◁
 * rule: why` for a finding that is missing although it would be correct.
 */
export interface Marked {
  readonly text: string;
  /** `LINE rule`, in order. */
  readonly expected: readonly string[];
  readonly missed: readonly { readonly at: string; readonly why: string }[];
}

const MARK = / ?([◀◁]) (.*)$/;

function unmarked(marked: string): Marked {
  const expected: string[] = [];
  const missed: { at: string; why: string }[] = [];
  const lines = marked.split('\n').map((line, index) => {
    const [mark, kind, rules = ''] = MARK.exec(line) ?? [];
    if (mark === undefined) return line;
    const [rule = '', why = ''] = rules.split(': ');
    if (kind === '◁') missed.push({ at: `${index + 1} ${rule}`, why });
    else expected.push(...rules.split(',').map((rule) => `${index + 1} ${rule.trim()}`));
    return line.slice(0, -mark.length);
  });
  return { text: lines.join('\n'), expected: expected.sort(), missed };
}

/** `‹36›` stands for random-looking text: no file of this repository may contain anything that looks like a token. */
function withNoise(text: string): string {
  const noise = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE'.repeat(4);
  return text.replace(/‹(\d+)›/g, (_, length: string) => noise.slice(0, Number(length)));
}

/** Several files in one: `=== path` begins each. The text before the first is a preface. */
export function filesIn(collection: string): readonly (Marked & { readonly file: string })[] {
  return withNoise(collection)
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return { file: section.slice(0, end), ...unmarked(section.slice(end + 1)) };
    });
}

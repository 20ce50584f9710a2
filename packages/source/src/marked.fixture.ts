/**
 * Test files say themselves what is to be found in them: `◀ rule, rule` at the end of a line, which is no part of it, and
 * `◁ rule: why` for what should be found and is not.
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

/** `‹36›` is text that looks random: no file of this repository holds anything that looks like a token. */
function withNoise(text: string): string {
  const noise = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE'.repeat(4);
  return text.replace(/‹(\d+)›/g, (_, length: string) => noise.slice(0, Number(length)));
}

/** Files in one: `=== path` begins each. What stands before the first is a preface. */
export function filesIn(collection: string): readonly (Marked & { readonly file: string })[] {
  return withNoise(collection)
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return { file: section.slice(0, end), ...unmarked(section.slice(end + 1)) };
    });
}

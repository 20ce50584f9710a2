import { runInNewContext } from 'node:vm';

/** In milliseconds, for all texts of one call. */
export const MATCH_WITHIN = 2000;

/** An expression that a user wrote did not finish on this text: it backtracks without end. */
export class SlowExpression extends Error {
  readonly expression: RegExp;
  readonly text: string;

  constructor(expression: RegExp, text: string, cause: unknown) {
    super(`The regular expression did not finish within ${MATCH_WITHIN / 1000} s.`, { cause });
    this.name = 'SlowExpression';
    this.expression = expression;
    this.text = text;
  }
}

/**
 * Match a user's expression with each text. In a context of its own, because only the work of such a context can be
 * stopped; in one for all texts, because each costs a fraction of a millisecond.
 * @returns the matches, in the order of the texts
 * @throws SlowExpression if the whole takes too long
 */
export function boundedMatches(expression: RegExp, texts: readonly string[]): readonly (RegExpExecArray | null)[] {
  const found: (RegExpExecArray | null)[] = [];
  const work = () => {
    while (found.length < texts.length) found.push(expression.exec(texts[found.length] ?? ''));
  };
  try {
    runInNewContext('work()', { work }, { timeout: MATCH_WITHIN });
  } catch (cause) {
    throw new SlowExpression(expression, texts[found.length] ?? '', cause);
  }
  return found;
}

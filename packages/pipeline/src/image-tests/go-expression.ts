import { boundedMatches, MATCH_WITHIN, messageOf, quoted, TidegateError } from '@tidegate/core';

/** POSIX classes of Go's regexp/syntax, as the inside of a class in JavaScript. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Go's classes are of ASCII characters only. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};
const CONTROLS = new Set(['a', 'f', 't', 'n', 'r', 'v']);

export interface Expression {
  readonly source: string;
  readonly flags: string;
}

/**
 * Translate a regular expression of Go (RE2) to one of JavaScript that matches the same text.
 * @throws TidegateError `bad-input` for what Go rejects, and for the little that has no equal here: `\Q…\E`, `\C`, flags
 * in the middle, and sets of classes such as `[^\W]`
 */
export function fromGo(pattern: string): Expression {
  const [, given = ''] = /^\(\?([imsU]+)\)/.exec(pattern) ?? [];
  if (given.includes('U')) throw unsupported(pattern, 'the flag U');
  const body = given === '' ? pattern : pattern.slice(given.length + 3);
  let source = '';
  for (let at = 0; at < body.length; ) {
    const [text, length] = translated(body, at, pattern, { m: given.includes('m'), s: given.includes('s') });
    source += text;
    at += length;
  }
  const flags = given.includes('i') ? 'iu' : 'u';
  try {
    new RegExp(source, flags);
  } catch (cause) {
    throw new TidegateError(
      'image-tests-invalid',
      `${shown(pattern)} is not a regular expression: ${messageOf(cause)}.`,
      {
        next: 'Write it as for Go: https://pkg.go.dev/regexp/syntax.',
        cause,
      },
    );
  }
  return { source, flags };
}

/**
 * For JavaScript, a carriage return and some other characters end a line, too; for Go, only a line feed does. So its own
 * flags `m` and `s` are not used.
 */
function translated(
  body: string,
  at: number,
  pattern: string,
  flags: { readonly m: boolean; readonly s: boolean },
): readonly [string, number] {
  const here = body[at] ?? '';
  if (here === '[') return classAt(body, at, pattern);
  if (here === '\\') return escaped(body, at, pattern, false);
  if (here === '.') return [flags.s ? '[^]' : '[^\\n]', 1];
  if (here === '^' && flags.m) return ['(?<![^\\n])', 1];
  if (here === '$' && flags.m) return ['(?![^\\n])', 1];
  if (here === '(' && body[at + 1] === '?') {
    if (body.startsWith('(?P<', at)) return ['(?<', 4];
    if (body.startsWith('(?:', at)) return ['(?:', 3];
    if (/^\(\?<[A-Za-z_]/.test(body.slice(at, at + 4))) return ['(?<', 3];
    throw unsupported(pattern, body.slice(at, at + 4));
  }
  // Outside of a repetition, a brace is a character. JavaScript wants it escaped.
  if (here === '{' && !/^\{\d{1,4}(,\d{0,4})?\}/.test(body.slice(at, at + 12))) return ['\\{', 1];
  if (here === '}' && !/\{\d{1,4}(,\d{0,4})?$/.test(body.slice(Math.max(0, at - 11), at))) return ['\\}', 1];
  if (here === ']') return ['\\]', 1];
  return [here, 1];
}

function escaped(body: string, at: number, pattern: string, isInClass: boolean): readonly [string, number] {
  const next = body[at + 1] ?? '';
  if (next in CLASSES) return [isInClass ? (CLASSES[next] ?? '') : `[${CLASSES[next]}]`, 2];
  const lower = next.toLowerCase();
  if (lower in CLASSES && !isInClass) return [`[^${CLASSES[lower]}]`, 2];
  if (CONTROLS.has(next)) return [next === 'a' ? '\\x07' : `\\${next}`, 2];
  if (!isInClass && (next === 'A' || next === 'z')) return [next === 'A' ? '^' : '$', 2];
  if (!isInClass && (next === 'b' || next === 'B')) return [`\\${next}`, 2];
  const [property] = /^\\[pP](\{\^?[A-Za-z_]{1,40}\}|[A-Z])/.exec(body.slice(at, at + 46)) ?? [];
  if (property !== undefined) return [propertyOf(property), property.length];
  const [code, braced] = /^\\x(?:\{([0-9A-Fa-f]{1,6})\}|[0-9A-Fa-f]{2})/.exec(body.slice(at, at + 11)) ?? [];
  if (code !== undefined) return [braced === undefined ? code : `\\u{${braced}}`, code.length];
  // Go escapes any ASCII punctuation.
  if (/^[!-/:-@[-`{-~]$/.test(next)) return [literal(next, isInClass), 2];
  throw unsupported(pattern, `\\${next}`);
}

function literal(character: string, isInClass: boolean): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) || (isInClass && character === '-') ? `\\${character}` : character;
}

function propertyOf(text: string): string {
  const isNegated = (text[1] === 'P') !== text.includes('^');
  const named = text.slice(2).replaceAll(/[{}^]/g, '');
  // A category has one or two letters; anything longer is a script.
  return `\\${isNegated ? 'P' : 'p'}{${named.length <= 2 ? named : `Script=${named}`}}`;
}

function classAt(body: string, start: number, pattern: string): readonly [string, number] {
  let at = start + 1;
  let source = '[';
  if (body[at] === '^') {
    source += '^';
    at += 1;
  }
  // A bracket in first place is a character.
  if (body[at] === ']') {
    source += '\\]';
    at += 1;
  }
  for (; at < body.length; ) {
    const here = body[at] ?? '';
    if (here === ']') return [`${source}]`, at + 1 - start];
    const [posix, kind = ''] = /^\[:(\^?[a-z]{1,10}):\]/.exec(body.slice(at, at + 16)) ?? [];
    if (posix !== undefined) {
      const inside = POSIX[kind];
      if (inside === undefined) throw unsupported(pattern, posix);
      source += inside;
      at += posix.length;
    } else if (here === '\\') {
      const [text, length] = escaped(body, at, pattern, true);
      source += text;
      at += length;
    } else {
      source += here === '[' ? '\\[' : here;
      at += 1;
    }
  }
  throw unsupported(pattern, 'a class that is not closed');
}

/**
 * Whether the expression matches somewhere in the text. One that backtracks too long is stopped: Go's own never does.
 * @throws TidegateError `bad-input` if it takes too long
 */
export function matches({ source, flags }: Expression, text: string): boolean {
  try {
    return boundedMatches(new RegExp(source, flags), [text])[0] !== null;
  } catch (cause) {
    throw new TidegateError(
      'image-tests-invalid',
      `The regular expression ${shown(source)} did not finish within ${MATCH_WITHIN / 1000} s.`,
      { next: 'Write it without nested repetitions such as (a+)+.', cause },
    );
  }
}

function unsupported(pattern: string, what: string): TidegateError {
  return new TidegateError(
    'image-tests-invalid',
    `${shown(pattern)}: ${what} is not supported in a regular expression.`,
    {
      next: 'Write it in the syntax of Go (https://pkg.go.dev/regexp/syntax), without that part.',
    },
  );
}

function shown(pattern: string): string {
  return quoted(pattern, 100);
}

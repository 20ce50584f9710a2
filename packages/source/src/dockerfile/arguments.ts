import { cutAtBlanks, splitAtBlanks, trimStart } from './characters.ts';
import { wordsOf } from './words.ts';

export interface Arguments {
  readonly args: readonly string[];
  /** Written as a JSON array (exec form). */
  readonly isJson: boolean;
}

type Reader = (rest: string, token: string) => Arguments;

/**
 * How the arguments of each keyword are parsed (BuildKit, frontend/dockerfile/parser/line_parsers.go). ONBUILD is
 * separate.
 */
const READERS: Readonly<Record<string, Reader>> = {
  ADD: jsonOrList,
  ARG: (rest, token) => plain(wordsOf(rest, token)),
  CMD: jsonOrText,
  COPY: jsonOrList,
  ENTRYPOINT: jsonOrText,
  ENV: (rest, token) => pairs(rest, token, 'ENV'),
  EXPOSE: list,
  FROM: list,
  HEALTHCHECK: health,
  LABEL: (rest, token) => pairs(rest, token, 'LABEL'),
  MAINTAINER: text,
  RUN: jsonOrText,
  SHELL: jsonOrText,
  STOPSIGNAL: text,
  USER: text,
  VOLUME: jsonOrList,
  WORKDIR: text,
};

/** @throws Error for arguments that BuildKit rejects. */
export function readArguments(keyword: string, rest: string, token: string): Arguments {
  const reader = Object.hasOwn(READERS, keyword) ? READERS[keyword] : undefined;
  return reader ? reader(rest, token) : plain(['']);
}

export function isKeyword(word: string): boolean {
  return Object.hasOwn(READERS, word) || word === 'ONBUILD';
}

function plain(args: readonly string[]): Arguments {
  return { args, isJson: false };
}

function text(rest: string): Arguments {
  return plain(rest === '' ? [] : [rest]);
}

function list(rest: string): Arguments {
  return plain(rest === '' ? [] : splitAtBlanks(rest));
}

/**
 * @returns undefined for text that is not a JSON array.
 * @throws Error for an array with elements other than strings.
 */
function json(rest: string): Arguments | undefined {
  const array = trimStart(rest);
  if (!array.startsWith('[')) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(array);
  } catch {
    return undefined;
  }
  const args = parsed as readonly unknown[];
  if (args.every((item) => typeof item === 'string')) return { args, isJson: true };
  throw new Error('when using JSON array syntax, arrays must be comprised of strings only');
}

function jsonOrText(rest: string): Arguments {
  return json(rest) ?? text(rest);
}

function jsonOrList(rest: string): Arguments {
  return json(rest) ?? list(rest);
}

/** Key, value and their separator (`=`, or nothing in the old form), in groups of three. */
function pairs(rest: string, token: string, keyword: string): Arguments {
  const words = wordsOf(rest, token);
  const [first] = words;
  if (first === undefined) return plain([]);
  if (!first.includes('=')) {
    const [key, value] = cutAtBlanks(rest);
    if (value === undefined) throw new Error(`${keyword} must have two arguments`);
    return plain([key, value, '']);
  }
  return plain(
    words.flatMap((word) => {
      const equals = word.indexOf('=');
      if (equals < 0) throw new Error(`can't find = in ${JSON.stringify(word)}: it must be of the form name=value`);
      return [word.slice(0, equals), word.slice(equals + 1), '='];
    }),
  );
}

function health(rest: string): Arguments {
  // BuildKit reads byte by byte, so only ASCII blanks count.
  const [kind = ''] = /^[^\t-\r ]*/.exec(rest) ?? [];
  if (kind === '') return plain([]);
  const { args, isJson } = jsonOrText(rest.slice(kind.length).replace(/^[\t-\r ]+/, ''));
  return { args: [kind, ...args], isJson };
}

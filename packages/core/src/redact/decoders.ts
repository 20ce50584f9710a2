import { SPLIT } from '../text/markdown.ts';
import { type View, ViewWriter } from './view.ts';

/** One encoding of text that programs write and other programs decode. */
export interface Decoder {
  /** Position of the next possible encoded text, at or after `from`; -1 if there is none. */
  readonly next: (text: string, from: number) => number;
  /** The decoded text at `at`, and where the encoded text ends; adjacent bytes are decoded together. */
  readonly read: (text: string, at: number) => Decoded | undefined;
}

interface Decoded {
  readonly end: number;
  readonly text?: string;
  /** One byte of UTF-8. */
  readonly byte?: number;
}

const after = (mark: string) => (text: string, from: number) => text.indexOf(mark, from);

/** `%C3%A9`, `%c3%a9`: queries, userinfo and paths of addresses. */
const percent: Decoder = { next: after('%'), read: byteBehind('%') };

/**
 * Escapes of JSON, Go (`%q`, `%+q`), JavaScript and C, ours for invisible characters, and Markdown's, which may end in a
 * comment.
 */
const CONTROLS = new Map(Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }));
const LONGEST_CODE = 6;
const hexByte = byteBehind('\\x');
export const backslash: Decoder = {
  next: after('\\'),
  read: (text, at) => {
    const next = text[at + 1];
    if (text[at] !== '\\' || next === undefined) return undefined;
    if (next === 'x') return hexByte(text, at);
    if (next === 'u' && text[at + 2] === '{') {
      const close = indexWithin(text, '}', at + 3, LONGEST_CODE + 1);
      return close < 0 ? undefined : character(numberIn(text, at + 3, close, 16), close + 1);
    }
    if (next === 'u') return character(numberIn(text, at + 2, at + 6, 16), at + 6);
    if (next === 'U') return character(numberIn(text, at + 2, at + 10, 16), at + 10);
    if (next >= '0' && next <= '3') {
      const byte = numberIn(text, at + 1, at + 4, 8);
      return byte < 0 ? undefined : { end: at + 4, byte };
    }
    if (!/[0-9A-Za-z]/.test(next)) {
      return { end: at + 2 + (text.startsWith(SPLIT, at + 2) ? SPLIT.length : 0), text: next };
    }
    const control = CONTROLS.get(next);
    return control === undefined ? undefined : { end: at + 2, text: control };
  },
};

/** Entities of HTML and XML. */
const NAMED = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', sol: '/', plus: '+', equals: '=' }),
);
/** Maximum number of characters between `&` and `;`: leading zeros make a number long. */
const LONGEST_ENTITY = 18;
const entities: Decoder = {
  next: after('&'),
  read: (text, at) => {
    const close = indexWithin(text, ';', at + 1, LONGEST_ENTITY);
    if (close < 0) return undefined;
    if (text[at + 1] !== '#') {
      const named = NAMED.get(text.slice(at + 1, close));
      return named === undefined ? undefined : { end: close + 1, text: named };
    }
    const isHex = text[at + 2] === 'x' || text[at + 2] === 'X';
    return character(numberIn(text, at + (isHex ? 3 : 2), close, isHex ? 16 : 10), close + 1);
  },
};

/** Invisible sequences that are removed, or that may be inside a word: colours, joiners, word breaks. */
const ESCAPE = 0x1b;
const CSI = 0x9b;
const COLOUR = /[0-?]{0,64}[ -/]{0,8}[@-~]/y;
/** A title or a link. Its text ends at the next escape, so that no text is read twice. */
export const LINK_START = '\u001b]';
function linkEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== '\u0007' && text[end] !== '\u001b') end += 1;
  if (text[end] === '\u0007') return end + 1;
  return text.startsWith('\u001b\\', end) ? end + 2 : end;
}
const HIDDEN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** UTF-16 has zero bytes between ASCII letters. */
const FORMAT = /[\0\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
export const hidden: Decoder = {
  next: (text, from) => {
    HIDDEN.lastIndex = from;
    return HIDDEN.exec(text)?.index ?? -1;
  },
  read: (text, at) => {
    const code = text.codePointAt(at) ?? 0;
    if (code === CSI || (code === ESCAPE && text[at + 1] === '[')) {
      COLOUR.lastIndex = at + (code === CSI ? 1 : 2);
      return COLOUR.test(text) ? { end: COLOUR.lastIndex, text: '' } : undefined;
    }
    if (text.startsWith(LINK_START, at)) return { end: linkEnd(text, at + LINK_START.length), text: '' };
    if (code === ESCAPE && /[@-Z\\^_]/.test(text[at + 1] ?? '')) return { end: at + 2, text: '' };
    const one = String.fromCodePoint(code);
    return FORMAT.test(one) ? { end: at + one.length, text: '' } : undefined;
  },
};

/** `=C3=A9` in mail, where long lines end in `=`. */
const equalsByte = byteBehind('=');
export const quotedPrintable: Decoder = {
  next: after('='),
  read: (text, at) => {
    if (text[at] !== '=') return undefined;
    if (text[at + 1] === '\n') return { end: at + 2, text: '' };
    if (text[at + 1] === '\r' && text[at + 2] === '\n') return { end: at + 3, text: '' };
    return equalsByte(text, at);
  },
};

/** Encodings that may be nested, in any order. */
export const NESTED: readonly Decoder[] = [percent, backslash, entities];

/** @returns undefined if nothing changes */
export function decoded(view: View, { next, read }: Decoder): View | undefined {
  const { text } = view;
  let writer: ViewWriter | undefined;
  let copied = 0;
  for (let at = next(text, 0); at >= 0; ) {
    const found = read(text, at);
    if (!found) {
      at = next(text, at + 1);
      continue;
    }
    writer ??= new ViewWriter(view);
    writer.copy(copied, at);
    let { end } = found;
    if (found.text !== undefined) writer.add(found.text, at);
    else {
      const bytes = [found.byte ?? 0];
      const starts = [at];
      for (let more = read(text, end); more?.byte !== undefined; more = read(text, end)) {
        bytes.push(more.byte);
        starts.push(end);
        end = more.end;
      }
      addBytes(writer, bytes, starts);
    }
    copied = end;
    at = text[end] === undefined ? -1 : next(text, end);
  }
  writer?.copy(copied, text.length);
  return writer?.end();
}

/**
 * Bytes that are not UTF-8 become the replacement character, as they do in a secret that is not UTF-8.
 * @param starts position of each byte in the view that is written from
 */
export function addBytes(writer: ViewWriter, bytes: readonly number[], starts: readonly number[]): void {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length === 1) {
      writer.add(String.fromCharCode(first), starts[at] ?? 0);
      at += 1;
      continue;
    }
    const whole = UTF8.decode(Uint8Array.from(bytes.slice(at, at + length)));
    const isOne = String.fromCodePoint(whole.codePointAt(0) ?? 0) === whole;
    writer.add(isOne ? whole : '\ufffd', starts[at] ?? 0);
    at += isOne ? length : 1;
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads two hexadecimal digits after a marker. */
function byteBehind(mark: string): Decoder['read'] {
  return (text, at) => {
    const from = at + mark.length;
    const byte = text.startsWith(mark, at) ? numberIn(text, from, from + 2, 16) : -1;
    return byte < 0 ? undefined : { end: from + 2, byte };
  };
}

function character(code: number, end: number): Decoded | undefined {
  return code >= 0 && code <= 0x10ffff ? { end, text: String.fromCodePoint(code) } : undefined;
}

/** -1 if it is not a number of this base, or if the text ends before `to`. */
function numberIn(text: string, from: number, to: number, base: number): number {
  if (from >= to) return -1;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = digitOf(text.charCodeAt(at));
    if (!(digit < base)) return -1;
    number = number * base + digit;
  }
  return number;
}

/** @returns 99 for a character that is not a digit */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 99;
}

function indexWithin(text: string, mark: string, from: number, longest: number): number {
  const end = Math.min(text.length, from + longest + 1);
  for (let at = from; at < end; at += 1) if (text[at] === mark) return at;
  return -1;
}

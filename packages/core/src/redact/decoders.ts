import { type View, ViewWriter } from './view.ts';

/** One way in which programs write a text so that another reads it back. */
export interface Decoder {
  /** Only where one of these is in the text is there anything to decode. */
  readonly mark: RegExp;
  /** What stands at `at`, and where it ends; bytes are decoded together with those behind them. */
  readonly read: (text: string, at: number) => Decoded | undefined;
}

interface Decoded {
  readonly end: number;
  readonly text?: string;
  /** One byte of UTF-8. */
  readonly byte?: number;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};
const character = (digits: string | undefined, base: number): string | undefined => {
  const code = Number.parseInt(digits ?? '', base);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
};

/** `%C3%A9`, `%c3%a9`: queries, userinfo and paths of addresses. */
const PERCENT = /%([0-9a-fA-F]{2})/y;
const percent: Decoder = {
  mark: /%/g,
  read: (text, at) => {
    const [whole, digits] = matchAt(PERCENT, text, at) ?? [];
    return whole === undefined ? undefined : { end: at + whole.length, byte: Number.parseInt(digits ?? '', 16) };
  },
};

/** JSON's, Go's (`%q`, `%+q`), JavaScript's and C's escapes, ours for what does not show, and Markdown's. */
const UNICODE = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\u\{([0-9a-fA-F]{1,6})\}/y;
const BYTE = /\\x([0-9a-fA-F]{2})/y;
const OCTAL = /\\([0-3][0-7]{2})/y;
const backslash: Decoder = {
  mark: /\\/g,
  read: (text, at) => {
    const [unicode, ...digits] = matchAt(UNICODE, text, at) ?? [];
    if (unicode !== undefined) {
      const decoded = character(digits[0] ?? digits[1] ?? digits[2], 16);
      return decoded === undefined ? undefined : { end: at + unicode.length, text: decoded };
    }
    const [hex, hexDigits] = matchAt(BYTE, text, at) ?? [];
    if (hex !== undefined) return { end: at + hex.length, byte: Number.parseInt(hexDigits ?? '', 16) };
    const [octal, octalDigits] = matchAt(OCTAL, text, at) ?? [];
    if (octal !== undefined) return { end: at + octal.length, byte: Number.parseInt(octalDigits ?? '', 8) };
    const next = text[at + 1];
    if (next === undefined) return undefined;
    if (/[0-9A-Za-z]/.test(next)) {
      return CONTROLS[next] === undefined ? undefined : { end: at + 2, text: CONTROLS[next] };
    }
    return { end: at + 2, text: next };
  },
};

/** Entities of HTML and XML. */
const ENTITY = /&(?:(amp|lt|gt|quot|apos|nbsp)|#0{0,8}([0-9]{1,7})|#[xX]0{0,8}([0-9a-fA-F]{1,6}));/y;
const entities: Decoder = {
  mark: /&/g,
  read: (text, at) => {
    const [whole, name, decimal, hex] = matchAt(ENTITY, text, at) ?? [];
    if (whole === undefined) return undefined;
    const decoded = name === undefined ? character(decimal ?? hex, decimal === undefined ? 16 : 10) : NAMED[name];
    return decoded === undefined ? undefined : { end: at + whole.length, text: decoded };
  },
};

/** What does not show and is taken out, or stands within a word: colours, joiners, breaks of a word. */
const ESCAPE = 0x1b;
const CSI = 0x9b;
const COLOUR = /[0-?]{0,64}[ -/]{0,8}[@-~]/y;
const hidden: Decoder = {
  mark: /[\p{Cc}\p{Cf}]/gu,
  read: (text, at) => {
    const code = text.charCodeAt(at);
    if (code === CSI || (code === ESCAPE && text[at + 1] === '[')) {
      const begin = at + (code === CSI ? 1 : 2);
      const colour = matchAt(COLOUR, text, begin);
      return colour ? { end: begin + colour[0].length, text: '' } : undefined;
    }
    if (code === ESCAPE && /[@-Z\\^_]/.test(text[at + 1] ?? '')) return { end: at + 2, text: '' };
    return /\p{Cf}/u.test(text[at] ?? '') ? { end: at + 1, text: '' } : undefined;
  },
};

export const DECODERS: readonly Decoder[] = [percent, backslash, entities, hidden];

/** @returns undefined where nothing changes */
export function decoded(view: View, { mark, read }: Decoder): View | undefined {
  const { text } = view;
  if (text.search(mark) < 0) return undefined;
  const writer = new ViewWriter(view);
  let copied = 0;
  let isChanged = false;
  for (let at = nextMark(mark, text, 0); at >= 0; ) {
    const found = read(text, at);
    if (!found) {
      at = nextMark(mark, text, at + 1);
      continue;
    }
    isChanged = true;
    writer.copy(copied, at);
    let { end } = found;
    if (found.text !== undefined) writer.add(found.text, at);
    else {
      const bytes = [found.byte ?? 0];
      const starts = [at];
      for (let next = read(text, end); next?.byte !== undefined; next = read(text, end)) {
        bytes.push(next.byte);
        starts.push(end);
        end = next.end;
      }
      addBytes(writer, bytes, starts);
    }
    copied = end;
    at = text[end] === undefined ? -1 : nextMark(mark, text, end);
  }
  if (!isChanged) return undefined;
  writer.copy(copied, text.length);
  return writer.end();
}

function nextMark(mark: RegExp, text: string, from: number): number {
  mark.lastIndex = from;
  return mark.exec(text)?.index ?? -1;
}

/** Bytes that are no UTF-8 stand for the replacement character, as they do in a secret that is none. */
function addBytes(writer: ViewWriter, bytes: readonly number[], starts: readonly number[]): void {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes.slice(at, at + length)));
    const isOne = [...whole].length === 1;
    writer.add(isOne ? whole : '\ufffd', starts[at] ?? 0);
    at += isOne ? length : 1;
  }
}

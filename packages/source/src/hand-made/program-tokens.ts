export type Language =
  | 'python'
  | 'javascript'
  | 'groovy'
  | 'ruby'
  | 'go'
  | 'perl'
  | 'php'
  | 'java'
  | 'rust'
  | 'c'
  | 'lua';

export interface Token {
  readonly kind: 'name' | 'string' | 'mark';
  /** A name with its dots (`subprocess.run`), a string's contents, or one character. */
  readonly text: string;
  readonly line: number;
  /** For strings: the quotes. */
  readonly quote?: string;
}

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*(?:\s*\??\.\s*[\p{L}_$][\p{L}\p{N}_$]*)*/uy;
const PYTHON_PREFIX = /^(?:[rRbBuUfF]{1,2})$/;

interface Manner {
  readonly line: readonly string[];
  readonly block: boolean;
  readonly quotes: readonly string[];
}

const MANNERS: Readonly<Record<Language, Manner>> = {
  python: { line: ['#'], block: false, quotes: ['"""', "'''", '"', "'"] },
  javascript: { line: ['//'], block: true, quotes: ['`', '"', "'"] },
  groovy: { line: ['//', '#!'], block: true, quotes: ['"""', "'''", '"', "'"] },
  ruby: { line: ['#'], block: false, quotes: ['`', '"', "'"] },
  go: { line: ['//'], block: true, quotes: ['`', '"', "'"] },
  perl: { line: ['#'], block: false, quotes: ['`', '"', "'"] },
  php: { line: ['//', '#'], block: true, quotes: ['`', '"', "'"] },
  java: { line: ['//'], block: true, quotes: ['"""', '"'] },
  // `'a` is a lifetime in Rust, and one character elsewhere.
  rust: { line: ['//'], block: true, quotes: ['"'] },
  c: { line: ['//'], block: true, quotes: ['"'] },
  lua: { line: ['--'], block: false, quotes: ['"', "'"] },
};

/** `%w[a b]` is a list, `%x(…)` and `qx{…}` run, the others are strings. */
const PERCENT = /(?:%([wWqQxiI]?)|\bq([qxw]?))([[({<|!])/y;
const CLOSES: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };
const HEREDOC = /<<[~-]?(["'`]?)([A-Z_]{2,40})\1/y;

/** Names, strings and punctuation of a program, without comments. Sufficient to find the arguments of a call. */
export function tokensOf(text: string, language: Language): Token[] {
  const manner = MANNERS[language];
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const passLines = (until: number) => {
    for (; at < until; at += 1) if (text[at] === '\n') line += 1;
  };
  const percent = (from: number): boolean => {
    PERCENT.lastIndex = from;
    const [all, kind = '', perl = '', open = ''] = PERCENT.exec(text) ?? [];
    if (all === undefined || (kind === '' && !all.startsWith('q') && language === 'perl')) return false;
    const length = text.slice(from + all.length, from + 5000).indexOf(CLOSES[open] ?? open);
    if (length < 0) return false;
    const end = from + all.length + length;
    const body = text.slice(from + all.length, end);
    const startLine = line;
    passLines(end + 1);
    if (/^[wWiI]$/.test(kind || perl)) {
      tokens.push({ kind: 'mark', text: '[', line: startLine });
      for (const word of body.split(/\s+/).filter((one) => one !== '')) {
        tokens.push(
          { kind: 'string', text: word, line: startLine, quote: "'" },
          { kind: 'mark', text: ',', line: startLine },
        );
      }
      tokens.push({ kind: 'mark', text: ']', line: startLine });
    } else tokens.push({ kind: 'string', text: body, line: startLine, quote: (kind || perl) === 'x' ? '`' : "'" });
    return true;
  };
  const heredoc = (from: number): boolean => {
    HEREDOC.lastIndex = from;
    const [all, , name = ''] = HEREDOC.exec(text) ?? [];
    if (all === undefined) return false;
    const start = indexOr(text, '\n', from, text.length) + 1;
    const close = new RegExp(`^[ \\t]*${name}\\b`, 'm').exec(text.slice(start, start + 50_000));
    const end = close ? start + close.index : text.length;
    tokens.push({ kind: 'string', text: text.slice(start, end), line: line + 1, quote: '"""' });
    passLines(end + (close?.[0].length ?? 0));
    return true;
  };
  while (at < text.length) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) {
      passLines(at + 1);
    } else if (manner.line.some((start) => text.startsWith(start, at))) {
      passLines(indexOr(text, '\n', at, text.length));
    } else if (manner.block && text.startsWith('/*', at)) {
      passLines(Math.min(text.length, indexOr(text, '*/', at + 2, text.length) + 2));
    } else if (language === 'javascript' && character === '/' && startsRegExp(tokens.at(-1))) {
      const end = endOfRegExp(text, at);
      tokens.push({ kind: 'mark', text: '/…/', line });
      passLines(end);
    } else if (
      (language === 'ruby' || language === 'perl') &&
      (character === '%' || character === 'q') &&
      percent(at)
    ) {
      // It was read.
    } else if (language === 'ruby' && character === '<' && heredoc(at)) {
      // It was read.
    } else {
      const quote = manner.quotes.find((each) => text.startsWith(each, at));
      if (quote) {
        const end = endOfString(text, at + quote.length, quote, language);
        const startLine = line;
        const body = text.slice(at + quote.length, end);
        passLines(Math.min(text.length, end + quote.length));
        const last = tokens.at(-1);
        if (language === 'python' && last?.kind === 'name' && PYTHON_PREFIX.test(last.text)) tokens.pop();
        tokens.push({ kind: 'string', text: unescaped(body, quote, language), line: startLine, quote });
      } else {
        NAME.lastIndex = at;
        const [name] = NAME.exec(text) ?? [];
        if (name === undefined) tokens.push({ kind: 'mark', text: character, line });
        else tokens.push({ kind: 'name', text: name.replace(/[\s?]/g, ''), line });
        passLines(at + (name?.length ?? 1));
      }
    }
  }
  return tokens;
}

function indexOr(text: string, what: string, from: number, otherwise: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? otherwise : found;
}

function startsRegExp(before: Token | undefined): boolean {
  if (!before) return true;
  if (before.kind === 'name') return /^(?:return|typeof|case|in|of)$/.test(before.text);
  return before.kind === 'mark' && '(,=:[!&|?{};'.includes(before.text);
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') return at;
    if (character === '\\') at += 1;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, from: number, quote: string, language: Language): number {
  const spansLines = quote.length === 3 || quote === '`' || /^(?:ruby|perl|php)$/.test(language);
  const raw = language === 'go' && quote === '`';
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\' && !raw) at += 1;
    else if (text.startsWith(quote, at)) return at;
    // A quote that is not closed on its line is an apostrophe or a mistake: it ends there.
    else if (character === '\n' && !spansLines) return at;
  }
  return text.length;
}

/** Resolves escapes that matter in a command line; other characters are kept, and so is the number of line breaks. */
function unescaped(body: string, quote: string, language: Language): string {
  if (language === 'go' && quote === '`') return body;
  return body.replace(/\\(\r?\n|[\s\S])/g, (_, escaped: string) => {
    if (/^\r?\n$/.test(escaped)) return '\\\n';
    return escaped === 'n' ? ';' : escaped === 't' ? ' ' : escaped;
  });
}

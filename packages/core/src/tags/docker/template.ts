/**
 * Expressions in the attributes of docker/metadata-action: `{{version}}`, `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}`. This
 * is the part of Handlebars that its documentation uses: names, text in quotes, comments, `{{{…}}}`, `{{~…~}}` and `\{{`.
 * Nothing here is compiled or looked up in an object: an expression is one of a list of names, or an error.
 */
export interface Template {
  readonly parts: readonly (string | Expression)[];
  /** Names of its expressions. */
  readonly names: ReadonlySet<string>;
}

export interface Expression {
  readonly name: string;
  /** Text in quotes, in order. */
  readonly args: readonly string[];
  /** `tz='…'` */
  readonly options: ReadonlyMap<string, string>;
}

/** Two sentences: the error in a template, and the correction. */
export class TemplateError extends Error {
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.name = 'TemplateError';
    this.next = next;
  }
}

/** Expressions that take a format and a time zone. */
const DATED: ReadonlySet<string> = new Set(['date', 'commit_date']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const OPTION = /^([A-Za-z_]+)=(?=['"])/;

/** @throws TemplateError for another name than `known`, and for everything else that Handlebars knows */
export function parseTemplate(text: string, known: readonly string[]): Template {
  const parts: (string | Expression)[] = [];
  let at = 0;
  let trimNext = false;
  const say = (literal: string) => {
    const shown = trimNext ? literal.trimStart() : literal;
    if (shown !== '') parts.push(shown);
  };
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open < 0) break;
    const slashes = backslashesBefore(text, at, open);
    if (slashes === 1) {
      // Handlebars: an escaped expression is text.
      say(`${text.slice(at, open - 1)}{{`);
      trimNext = false;
      at = open + 2;
      continue;
    }
    const triple = text.startsWith('{{{', open);
    const closing = triple ? '}}}' : '}}';
    const isComment = text.startsWith('{{!', open);
    const close = closingAt(text, open, closing);
    if (close < 0) throw new TemplateError(`${text.slice(open)} is not closed`, `Close it with ${closing}.`);
    const inner = text.slice(open + closing.length, close);
    const trimsBefore = inner.startsWith('~');
    const literal = text.slice(at, slashes > 1 ? open - 1 : open);
    say(trimsBefore ? literal.trimEnd() : literal);
    trimNext = inner.endsWith('~');
    at = close + closing.length;
    if (isComment) continue;
    parts.push(parseExpression(inner.replace(/^~/, '').replace(/~$/, '').trim(), known));
  }
  say(text.slice(at));
  return templateOf(parts);
}

export function templateOf(parts: Template['parts']): Template {
  return { parts, names: new Set(parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name]))) };
}

function backslashesBefore(text: string, from: number, end: number): number {
  let start = end;
  while (start > from && text[start - 1] === '\\') start -= 1;
  return end - start;
}

/** Text as a template that gives this text. An empty comment separates a backslash of the text from the escape. */
export function literalTemplate(text: string): string {
  const [first = '', ...rest] = text.split('{{');
  let written = first;
  for (const part of rest) written += `${written.endsWith('\\') ? '\\{{!}}' : ''}\\{{${part}`;
  return written;
}

/** The end of an expression: quoted text may contain `}}`. */
function closingAt(text: string, open: number, closing: string): number {
  let quote = '';
  for (let at = open + 2; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (text.startsWith(closing, at)) return at;
    else if (char === "'" || char === '"') quote = char;
  }
  return -1;
}

function parseExpression(text: string, known: readonly string[]): Expression {
  const list = known.map((one) => `{{${one}}}`).join(', ');
  const name = NAME.exec(text)?.[0];
  if (name === undefined || !known.includes(name)) {
    throw new TemplateError(`{{${text}}} is not an expression of this attribute`, `Use one of ${list}.`);
  }
  const args: string[] = [];
  const options = new Map<string, string>();
  let rest = text.slice(name.length);
  const wrong = () =>
    DATED.has(name)
      ? new TemplateError(`{{${text}}} is not a date`, `Write for example {{${name} 'YYYYMMDD' tz='UTC'}}.`)
      : new TemplateError(`{{${text}}} has more than a name`, `Write {{${name}}}.`);
  while (rest !== '') {
    const trimmed = rest.trimStart();
    if (trimmed === rest) throw wrong();
    const option = OPTION.exec(trimmed);
    const value = trimmed.slice(option?.[0].length ?? 0);
    const quote = value[0];
    const end = quote === "'" || quote === '"' ? value.indexOf(quote, 1) : -1;
    if (end < 0) throw wrong();
    if (option?.[1] !== undefined) options.set(option[1], value.slice(1, end));
    else args.push(value.slice(1, end));
    rest = value.slice(end + 1);
  }
  const isPlain = args.length === 0 && options.size === 0;
  const isDate = args.length === 1 && [...options.keys()].every((key) => key === 'tz');
  if (DATED.has(name) ? !isDate : !isPlain) throw wrong();
  return { name, args, options };
}

export function render({ parts }: Template, textOf: (expression: Expression) => string): string {
  return parts.map((part) => (typeof part === 'string' ? part : textOf(part))).join('');
}

/** The text before the first expression. */
export function literalHead({ parts: [first] }: Template): string {
  return typeof first === 'string' ? first : '';
}

/** The text after the last expression; '' if there is none. */
export function literalTail({ parts }: Template): string {
  const last = parts.at(-1);
  return parts.length > 1 && typeof last === 'string' ? last : '';
}

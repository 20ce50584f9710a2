/** Evaluates expressions of a program, as far as possible: strings, lists of strings, and combinations of them. */
import { assignmentsIn } from './program-assignments.ts';
import type { Language, Token } from './program-tokens.ts';

export interface Value {
  /** The string, or the items of a list; `undefined` in a list is an unknown item. */
  readonly text?: string;
  readonly items?: readonly (string | undefined)[];
  readonly line: number;
  /** The string's source text, to find line numbers in it. */
  readonly token?: Token | undefined;
}

export interface Read {
  readonly value: Value | undefined;
  /** Index of the first token after the expression. */
  readonly end: number;
}

/** Placeholder for an unknown value. */
export const UNKNOWN = '$_';
/** Maximum number of tokens of an expression. */
const MOST_TOKENS = 2000;
const MOST_ITEMS = 60;
const DEEPEST = 6;

const OPENS = '([{';
const CLOSES = ')]}';
/** Calls that return their argument. */
const PASSES =
  /^(?:split|quote|join|String|str|of|asList|Sprintf|sprintf|format|list|tuple|Array|vec|raw|List|array|escapeshellcmd|which)$/;
const LISTS = /^(?:string|String|Of)$/;

export class Values {
  readonly #tokens: readonly Token[];
  readonly #language: Language;
  /** By name, the last assignment before its use. */
  readonly #set: ReadonlyMap<string, readonly { readonly at: number; readonly from: number }[]>;
  /** Reading a name may read others: all together have a limit. */
  #left = 100_000;

  constructor(tokens: readonly Token[], language: Language) {
    this.#tokens = tokens;
    this.#language = language;
    this.#set = assignmentsIn(tokens);
  }

  /** The limit was reached: the program is hostile. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Reads one expression, up to a comma, a closing bracket, or its end. */
  read(from: number, depth = 0): Read {
    let { value, end } = this.#operand(from, depth);
    for (let turn = 0; turn < 50; turn += 1) {
      const mark = this.#tokens[end];
      if (mark?.kind !== 'mark') {
        // Python joins adjacent strings.
        const joins = this.#language === 'python' && mark?.kind === 'string' && value?.text !== undefined;
        if (!joins) break;
        const next = this.#operand(end, depth);
        value = added(value, next.value);
        end = next.end;
      } else if (
        mark.text === '+' ||
        (mark.text === '.' && this.#language !== 'javascript' && this.#tokens[end + 1]?.kind === 'string')
      ) {
        const next = this.#operand(end + 1, depth);
        value = added(value, next.value);
        if (value?.items) value = { ...value, line: this.#tokens[from]?.line ?? value.line };
        end = next.end;
      } else if (mark.text === '%' && value?.text !== undefined) {
        end = this.#operand(end + 1, depth).end;
        value = { ...value, text: value.text.replace(/%[sdr]/g, UNKNOWN) };
      } else break;
    }
    return { value, end };
  }

  #operand(from: number, depth: number): Read {
    this.#left -= 1;
    const token = this.#tokens[from];
    if (!token || depth > DEEPEST || this.#left < 0) return { value: undefined, end: from + 1 };
    if (token.kind === 'string') {
      const value = { text: this.#filled(token, depth), line: token.line, token };
      return this.#behind({ value, end: from + 1 }, depth);
    }
    if (token.kind === 'mark') {
      // `*list`, `...list`, `&x`, `!x`, `new`: only the operand counts.
      if ('*&!-'.includes(token.text)) return this.#operand(from + 1, depth + 1);
      if (token.text === '.' && this.#tokens[from + 1]?.text === '.') return this.#operand(from + 3, depth + 1);
      if (token.text === '[' && this.#tokens[from + 1]?.text === ']') return this.#operand(from + 2, depth + 1);
      if (OPENS.includes(token.text)) return this.#behind(this.#list(from, depth), depth);
      return { value: undefined, end: CLOSES.includes(token.text) || token.text === ',' ? from : from + 1 };
    }
    return this.#named(from, token, depth);
  }

  #named(from: number, token: Token, depth: number): Read {
    const next = this.#tokens[from + 1];
    const last = token.text.split('.').at(-1) ?? '';
    if (token.text === 'new' || token.text === 'await' || LISTS.test(token.text)) {
      const skips = next?.text === '[' && this.#tokens[from + 2]?.text === ']' ? 3 : 1;
      if (token.text === 'new' || token.text === 'await' || next?.text === '{' || skips === 3)
        return this.#operand(from + skips, depth + 1);
    }
    // A list converted to a string: `args.join(' ')`.
    const owner = token.text.slice(0, Math.max(0, token.text.length - last.length - 1));
    if (
      next?.text === '(' &&
      /^(?:split|join|concat|strip|trim|copy|slice|to_s|toString|flatten)$/.test(last) &&
      this.#set.has(owner)
    ) {
      const value = this.#valueNamed(owner, from, depth);
      return this.#method({ value, end: from + 1 }, last, depth);
    }
    if (next?.text === '(' || next?.text === '!') {
      const open = next.text === '!' ? from + 2 : from + 1;
      const inside = this.#list(open, depth);
      if (last === 'append') return this.#behind(inside, depth);
      if (!PASSES.test(last)) return { value: undefined, end: inside.end };
      const [first] = inside.value?.items ?? [];
      if (/^(?:which|split|join|Sprintf|sprintf|format|str|String|quote|escapeshellcmd|raw)$/.test(last)) {
        const read = this.read(open + 1, depth + 1);
        if (last === 'split' && read.value?.text !== undefined)
          return this.#behind({ value: { items: split(read.value.text), line: token.line }, end: inside.end }, depth);
        const text =
          read.value?.items?.map((item) => item ?? UNKNOWN).join(' ') ??
          (first ?? UNKNOWN).replace(/%[svdq]/g, UNKNOWN);
        return this.#behind(
          {
            value: {
              text,
              line: token.line,
              token: read.value?.token === undefined ? undefined : { ...read.value.token, text },
            },
            end: inside.end,
          },
          depth,
        );
      }
      return this.#behind({ value: inside.value && { ...inside.value, line: token.line }, end: inside.end }, depth);
    }
    const value = this.#valueNamed(token.text, from, depth);
    // `args[0]`, `args[1:]`, `args...`
    if (next?.text === '[' && value?.items) {
      const index = Number(this.#number(from + 2));
      const slices = this.#tokens[from + 3]?.text === ':' || this.#tokens[from + 2]?.text === ':';
      const { end } = this.#list(from + 1, depth);
      const items = slices ? value.items.slice(index || 0) : undefined;
      return { value: items ? { ...value, items } : { text: value.items[index] ?? UNKNOWN, line: token.line }, end };
    }
    return this.#behind({ value, end: this.#pastDots(from + 1) }, depth);
  }

  #number(at: number): string {
    let text = '';
    for (let each = at; /^\d$/.test(this.#tokens[each]?.text ?? '') && text.length < 4; each += 1)
      text += this.#tokens[each]?.text;
    return text;
  }

  #pastDots(at: number): number {
    return [0, 1, 2].every((each) => this.#tokens[at + each]?.text === '.') ? at + 3 : at;
  }

  #valueNamed(name: string, use: number, depth: number): Value | undefined {
    const places = this.#set.get(name) ?? this.#set.get(name.replace(/^(?:self|this)\./, '')) ?? [];
    const found = places.findLast(({ at }) => at < use);
    return found && this.read(found.from, depth + 1).value;
  }

  /** `.split()`, `.format(…)`, `.join(…)`, `.concat(…)` after a value. */
  #behind(read: Read, depth: number): Read {
    let { value, end } = read;
    for (let turn = 0; turn < 10; turn += 1) {
      const [dot, name, open] = [this.#tokens[end], this.#tokens[end + 1], this.#tokens[end + 2]];
      if (dot?.text !== '.' || name?.kind !== 'name' || name.text.includes('.') || name.text === 'execute') break;
      if (open?.text !== '(') break;
      ({ value, end } = this.#method({ value, end: end + 2 }, name.text, depth));
    }
    return { value, end };
  }

  /** @param read a value, and the position of the opening parenthesis after a method's name */
  #method({ value, end: open }: Read, name: string, depth: number): Read {
    const given = this.#list(open, depth);
    const { end } = given;
    if (!value) return { value, end };
    if (name === 'split' && value.text !== undefined)
      return { value: { items: split(value.text), line: value.line }, end };
    if (name === 'format' && value.text !== undefined)
      return { value: { ...value, text: value.text.replace(/\{\w{0,40}\}/g, UNKNOWN) }, end };
    if (name === 'join') {
      // In Python `join` takes the list as its argument; in others it is a method of the list.
      const first = value.items ?? this.read(open + 1, depth + 1).value?.items;
      return { value: first && { text: first.map((item) => item ?? UNKNOWN).join(' '), line: value.line }, end };
    }
    if (name === 'concat' || name === 'append') return { value: added(value, given.value), end };
    return {
      value:
        /^(?:strip|trim|trimIndent|copy|slice|toString|to_s|dedent|stripIndent|flatten|freeze|into|to_string)$/.test(
          name,
        )
          ? value
          : undefined,
      end,
    };
  }

  /** The items between brackets; nested lists are flattened, and of objects the values of keys with words are used. */
  #list(open: number, depth: number): Read {
    const line = this.#tokens[open + 1]?.line ?? this.#tokens[open]?.line ?? 1;
    const items: (string | undefined)[] = [];
    let at = open + 1;
    let steps = 0;
    while (at < this.#tokens.length && steps < MOST_TOKENS) {
      steps += 1;
      const token = this.#tokens[at];
      if (!token || (token.kind === 'mark' && CLOSES.includes(token.text))) break;
      if (token.kind === 'mark' && (token.text === ',' || token.text === ';')) {
        at += 1;
        continue;
      }
      // `key: value`, `key=value`
      const mark = this.#tokens[at + 1]?.text;
      const isKey =
        (token.kind === 'name' || token.kind === 'string') &&
        (mark === ':' || mark === '=') &&
        this.#tokens[at + 2]?.text !== mark;
      const counts =
        !isKey ||
        /^(?:args|argv|cmd|command|Args|Arguments|ArgumentList|FileName|Path|script|inline|executable|fileName|arguments)$/.test(
          token.text,
        );
      const { value, end } = this.read(isKey ? at + 2 : at, depth + 1);
      if (counts && items.length < MOST_ITEMS) {
        if (value?.items) items.push(...value.items);
        else if (isKey && /^(?:Arguments|arguments)$/.test(token.text)) items.push(...split(value?.text ?? ''));
        else items.push(value?.text);
      }
      at = this.#skip(end > at ? end : at + 1);
    }
    const close = this.#tokens[at];
    return { value: { items: items.slice(0, MOST_ITEMS), line }, end: close ? at + 1 : at };
  }

  /** Skips to the comma or bracket after an unreadable expression. */
  #skip(from: number): number {
    let depth = 0;
    let at = from;
    for (let steps = 0; at < this.#tokens.length && steps < MOST_TOKENS; at += 1, steps += 1) {
      this.#left -= 0.1;
      const { kind, text } = this.#tokens[at] as Token;
      if (kind !== 'mark') continue;
      if (OPENS.includes(text)) depth += 1;
      else if (CLOSES.includes(text)) {
        if (depth === 0) return at;
        depth -= 1;
      } else if (text === ',' && depth === 0) return at;
    }
    return at;
  }

  /** Resolves names of the file in a string: `${engine}`, `{DOCKER}` of Python, `#{engine}` of Ruby. */
  #filled({ text, quote }: Token, depth: number): string {
    if (!/[{$]/.test(text) || depth > 2 || quote === undefined) return text;
    return text.replace(/[$#]?\{([A-Za-z_]\w*)\}/g, (all, name: string) => {
      if (!all.startsWith('$') && !all.startsWith('#') && this.#language !== 'python') return all;
      const value = this.#set.has(name) ? this.#valueNamed(name, Number.MAX_SAFE_INTEGER, depth + 1) : undefined;
      return value?.text ?? (this.#language === 'python' || all.startsWith('#') ? UNKNOWN : all);
    });
  }
}

function split(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MOST_ITEMS);
}

function added(one: Value | undefined, other: Value | undefined): Value | undefined {
  if (!one) return undefined;
  if (one.items)
    return { items: [...one.items, ...(other?.items ?? [other?.text])].slice(0, MOST_ITEMS), line: one.line };
  if (one.text === undefined) return undefined;
  const text = `${one.text}${other?.text ?? UNKNOWN}`.slice(0, 10_000);
  return { text, line: one.line, token: one.token === undefined ? undefined : { ...one.token, text } };
}

/** Expands a text as make does before it runs the shell: variables and functions of the file itself. */

/** Variables by name; `$(1)` and the like are arguments of `call`. */
export interface MakeVariables {
  get(name: string): string | undefined;
  /** Remaining limit for the text of all expansions of a file. */
  readonly budget: { left: number };
}

const DEEPEST = 6;
/** Maximum length of an expanded value. */
const LONGEST = 20_000;

/** Functions that print, or run nothing. */
const PRINTS = /^(?:info|warning|error|eval|value|origin|flavor|file)$/;

/** @returns the text with `$(NAME)` resolved; unknown variables become `${NAME}` */
export function madeText(text: string, variables: MakeVariables, depth = 0): string {
  let made = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || made.length > LONGEST || variables.budget.left < 0) break;
    made += text.slice(at, dollar);
    const next = text[dollar + 1] ?? '';
    if (next === '$') {
      made += /[\w({*@#?!-]/.test(text[dollar + 2] ?? '') ? '$' : '$$';
      at = dollar + 2;
    } else if (next === '(' || next === '{') {
      const end = closing(text, dollar + 1);
      made += reference(text.slice(dollar + 2, end), variables, depth);
      at = end + 1;
    } else {
      made += named(next, variables, depth);
      at = dollar + 2;
    }
  }
  variables.budget.left -= made.length + 1;
  return made + text.slice(at);
}

/** Index of the closing bracket, within the length of a long line. */
function closing(text: string, open: number): number {
  const [begin, end] = text[open] === '(' ? ['(', ')'] : ['{', '}'];
  let depth = 0;
  const stop = Math.min(text.length, open + LONGEST / 10);
  for (let at = open; at < stop; at += 1) {
    if (text[at] === begin) depth += 1;
    else if (text[at] === end) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return stop;
}

function named(name: string, variables: MakeVariables, depth: number): string {
  const value = variables.get(name);
  if (value === undefined || depth > DEEPEST) return /^\w+$/.test(name) ? `\${${name}}` : '$_';
  return madeText(value, variables, depth + 1);
}

function reference(inside: string, variables: MakeVariables, depth: number): string {
  const [, name = '', rest = ''] = /^\s{0,20}([\w-]+)[ \t,]([\s\S]*)$/.exec(inside) ?? [];
  if (name === '' || !FUNCTIONS.has(name)) return named(inside.replace(/:.*$/s, '').trim(), variables, depth);
  if (PRINTS.test(name)) return '';
  const parts = argumentsOf(rest);
  const made = (one = '') => madeText(one, variables, depth + 1);
  if (depth > DEEPEST) return '$_';
  switch (name) {
    case 'shell':
      // Commands in a variable are found at its assignment.
      if (depth > 0 && !/\b(?:which|command -v|type -[pP])\b/.test(rest)) return '$_';
      return `$(${made(rest)})`;
    case 'call': {
      const [called = '', ...given] = parts.map((one) => one.trim());
      const value = variables.get(called);
      if (value === undefined) return '$_';
      const values = given.slice(0, 9).map((one) => made(one));
      const own = {
        budget: variables.budget,
        get: (one: string) => (/^[1-9]$/.test(one) ? values[Number(one) - 1] : variables.get(one)),
      };
      return madeText(value, own, depth + 1);
    }
    case 'if': {
      const branches = parts
        .slice(1)
        .map((one) => made(one).trim())
        .filter((one) => one !== '');
      return branches.join(' ; ');
    }
    case 'or':
    case 'and':
      return made(
        (name === 'or' ? parts : parts.slice(-1))
          .map((one) => made(one).trim())
          .find((one) => one !== '' && !one.startsWith('$')) ?? parts[0],
      );
    case 'foreach':
      return madeText(parts.slice(2).join(','), variables, depth + 1);
    case 'strip':
    case 'firstword':
    case 'lastword':
      return made(rest).trim();
    default:
      return '$_';
  }
}

const FUNCTIONS = new Set([
  ...[
    'shell',
    'call',
    'if',
    'or',
    'and',
    'foreach',
    'strip',
    'firstword',
    'lastword',
    'info',
    'warning',
    'error',
    'eval',
  ],
  ...[
    'value',
    'origin',
    'flavor',
    'file',
    'subst',
    'patsubst',
    'filter',
    'filter-out',
    'sort',
    'word',
    'wordlist',
    'words',
  ],
  ...[
    'dir',
    'notdir',
    'suffix',
    'basename',
    'addsuffix',
    'addprefix',
    'join',
    'wildcard',
    'realpath',
    'abspath',
    'findstring',
    'let',
  ],
]);

/** The parts between commas outside of brackets. */
function argumentsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if ('({'.includes(character)) depth += 1;
    else if (')}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

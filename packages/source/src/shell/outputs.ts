/** The output of common programs, if it follows from their arguments. */
import type { Text, Word } from './commands.ts';
import { programOf } from './wrappers.ts';

const LONGEST = 100_000;

/**
 * @param stdin its input @param fileOf text that the script wrote to a file before
 * @returns undefined if the output is unknown
 */
export function outputOf(
  words: readonly Word[],
  stdin: Text | undefined,
  fileOf: (path: string) => Text | undefined,
): Text | undefined {
  const [first, ...more] = words;
  const rest = more.map(({ text }) => text);
  const operands = rest.filter((word) => !word.startsWith('-'));
  switch (programOf(first?.text ?? '')) {
    case 'echo':
      return { text: echoed(rest) };
    case 'printf':
      return { text: formatted(rest[0] === '--' ? rest.slice(1) : rest) };
    case 'cat':
    case 'bat':
      return operands.length === 0 ? stdin : fileOf(operands[0] ?? '');
    case 'tee':
    case 'sort':
    case 'uniq':
    case 'head':
    case 'tail':
    case 'envsubst':
    case 'dos2unix':
    case 'grep':
    case 'pv':
    case 'tr':
      return stdin;
    case 'base64':
    case 'openssl':
      return rest.some((word) => /^(?:-[a-z]*[dD]|--decode)$/.test(word)) && stdin
        ? { text: Buffer.from(stdin.text.slice(0, LONGEST), 'base64').toString('utf8') }
        : undefined;
    case 'xxd':
      return rest.some((word) => /^-r/.test(word)) && stdin
        ? { text: Buffer.from(stdin.text.slice(0, LONGEST).replace(/\s/g, ''), 'hex').toString('utf8') }
        : undefined;
    case 'sed':
      return edited(operands[0] ?? '', stdin);
    case 'awk':
    case 'gawk':
    case 'mawk':
      return { text: printedByAwk(operands[0] ?? '') };
    case 'which':
    case 'whereis':
      return { text: operands[0] ?? '' };
    case 'command':
    case 'type':
    case 'hash':
      return rest.length > operands.length ? { text: operands[0] ?? '' } : undefined;
    default:
      return undefined;
  }
}

function echoed(words: readonly string[]): string {
  let from = 0;
  let escapes = false;
  while (/^-[neE]+$/.test(words[from] ?? '')) {
    escapes ||= words[from]?.includes('e') ?? false;
    from += 1;
  }
  const text = words.slice(from).join(' ');
  return escapes ? unescaped(text) : text;
}

function unescaped(text: string): string {
  return text.replace(/\\(n|t|r|x[0-9a-fA-F]{2}|0[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    if (code === 'n') return '\n';
    if (code === 't') return '\t';
    if (code.length === 3 && code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code, 8));
    return code;
  });
}

function formatted([format = '', ...values]: readonly string[]): string {
  const pattern = unescaped(format);
  if (!/%[sbqd]/.test(pattern)) return pattern.replaceAll('%%', '%');
  let text = '';
  let at = 0;
  // printf repeats its format until no value is left.
  for (let turn = 0; turn < 100 && (turn === 0 || at < values.length) && text.length < LONGEST; turn += 1) {
    text += pattern.replace(/%(?:%|[-0-9.]{0,8}[sbqdiu])/g, (mark) => {
      if (mark === '%%') return '%';
      at += 1;
      return values[at - 1] ?? '';
    });
  }
  return text;
}

/** The replacement of `s/old/new/` is often a line of its own. */
function edited(expression: string, stdin: Text | undefined): Text | undefined {
  const [, mark = '/'] = /^s([/|#,@:!])/.exec(expression) ?? [];
  if (!/^s[/|#,@:!]/.test(expression)) return stdin;
  const [, old = '', fresh = ''] = expression.split(mark);
  const line = stdin?.text.split('\n', 1)[0] ?? '_';
  if (old === '^') return { text: `${fresh}${line}` };
  if (old === '$') return { text: `${line}${fresh}` };
  if (/[\\[\].*+?&]/.test(old)) return { text: fresh.replaceAll('&', line) };
  return { text: stdin ? stdin.text.slice(0, LONGEST).replaceAll(old, fresh.replaceAll('&', old)) : fresh };
}

/** The strings of each `print`, with `_` for fields. */
function printedByAwk(program: string): string {
  const text = program.slice(0, 4000);
  const lines: string[] = [];
  for (let at = text.indexOf('print'); at >= 0; at = text.indexOf('print', at)) {
    const unquoted = text
      .slice(at)
      .replace(/"(?:[^"\\]|\\.)*("?)/g, (string, end: string) => (end === '' ? string : '_'.repeat(string.length)));
    const end = /[;}\n]/.exec(unquoted);
    const stop = end ? at + end.index : text.length;
    const statement = text.slice(at + 5, stop);
    lines.push(
      statement.replace(/"((?:[^"\\]|\\.)*)"|\$\w+|[\s,]+|./g, (all, string?: string) => {
        if (string !== undefined) return string;
        return all.startsWith('$') ? '_' : /^[\s,]/.test(all) ? '' : '';
      }),
    );
    at = stop;
    if (lines.length > 20) break;
  }
  return lines.join('\n');
}

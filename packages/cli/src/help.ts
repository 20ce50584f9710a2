import type { Flag } from './flags/flags.ts';
import { helpWords } from './terminal/help-phrases.ts';
import { wordingFor } from './terminal/in-flags.ts';

interface Summary {
  readonly name: string;
  readonly summary: string;
}

export function overview(commands: readonly Summary[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return `Usage: tidegate COMMAND [FLAGS]

${commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join('\n')}

  tidegate COMMAND --help   flags of a command
  tidegate --version

Exit codes: 0 passed, 1 failed, 2 the command line or the configuration is wrong, 3 the policy refused.
`;
}

export function commandHelp({ name, summary }: Summary, flags: readonly Flag[], argument: string): string {
  const wording = wordingFor(flags);
  const lines = flags.flatMap((flag) => [
    `  ${usageOf(flag)}`,
    ...wrapped(wording(helpWords(flag.description)), 90).map((line) => `      ${line}`),
  ]);
  return `Usage: tidegate ${name}${argument} [FLAGS]\n\n${summary}\n\nFlags:\n${lines.join('\n')}\n`;
}

/** The argument of a command for one of its inputs. */
export function argumentOf(flags: readonly Flag[], input: string | undefined): string {
  const flag = flags.find((one) => one.input === input);
  if (input === undefined || !flag) return '';
  const name = `${input.toUpperCase()}${flag.many ? '...' : ''}`;
  return flag.required ? ` ${name}` : ` [${name}]`;
}

function usageOf(flag: Flag): string {
  const { name, value, many, required } = flag;
  const notes = [required ? 'required' : '', many ? 'repeatable' : ''].filter((note) => note !== '');
  return `--${name}${value === undefined ? '' : ` ${value}`}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
}

function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

import { lex } from './shell-lex.ts';

/** A document in the lines after its instruction. */
export interface Heredoc {
  readonly name: string;
  /** Variables in it are expanded: its name is not quoted. */
  readonly expand: boolean;
  /** `<<-`: tabs at the start of its lines are not part of it. */
  readonly chomp: boolean;
  /** As in the file, including tabs and line ends. */
  readonly content: string;
  /** Line number of its first line, from 1. */
  readonly startLine: number;
}

export type HeredocStart = Omit<Heredoc, 'content' | 'startLine'>;

const START = /^(\d*)<<(-?)([^<]*)$/;

/** The documents of a joined instruction line, in order. */
export function heredocsOf(line: string): HeredocStart[] {
  const words =
    lex(line, { escape: '\\', rawQuotes: true, rawEscapes: true, keepUnset: true, words: true })?.words ?? [];
  return words.flatMap((word) => startOf(word) ?? []);
}

function startOf(word: string): HeredocStart | undefined {
  const [, , dash, written = ''] = START.exec(word) ?? [];
  const rest = written.replace(/^[\t\n\f\r ]+/, '');
  if (rest === '') return undefined;
  const plain = lex(rest, { escape: '\\', keepUnset: true, words: true });
  const raw = lex(rest, { escape: '\\', keepUnset: true, words: true, rawQuotes: true });
  if (!plain || !raw) throw new Error(`heredoc name ${rest} is not closed`);
  const [name] = plain.words;
  if (name === undefined || plain.words.length !== 1) return undefined;
  return { name, chomp: dash === '-', expand: quotes(name) === quotes(raw.words[0] ?? '') };
}

function quotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}

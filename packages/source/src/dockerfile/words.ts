import { isSpace } from './characters.ts';

/** Words of ARG, ENV and LABEL: quotes protect blanks and stay in the word. */
export function wordsOf(text: string, token: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let inWord = false;
  /** An empty quoted text is a word too. */
  let blankOk = false;
  const characters = [...text];
  const end = () => {
    if (inWord && (blankOk || word !== '')) words.push(word);
    word = '';
    inWord = false;
    blankOk = false;
  };
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (quote === '' && isSpace(character)) {
      end();
      continue;
    }
    inWord = true;
    if (quote !== '' && character === quote) {
      quote = '';
    } else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      blankOk = true;
    } else if (character === token && quote !== "'") {
      at += 1;
      if (at === characters.length) break;
      word += character + (characters[at] ?? '');
      continue;
    }
    word += character;
  }
  end();
  return words;
}

/** The `--name=value` flags before an instruction's arguments, without quotes and escapes. */
export function cutFlags(text: string, token: string): { readonly flags: readonly string[]; readonly rest: string } {
  if (!/^\s*--/.test(text)) return { flags: [], rest: text };
  // BuildKit reads byte by byte here, so a letter with A0 or 85 in its UTF-8 is split. This does the same.
  const line = Buffer.from(text, 'utf8').toString('latin1');
  const restFrom = (at: number) => Buffer.from(line.slice(at), 'latin1').toString('utf8');
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line[at] ?? '')) at += 1;
    if (at === line.length) return { flags, rest: '' };
    if (!line.startsWith('--', at)) return { flags, rest: restFrom(at) };
    let word = '';
    let quote = '';
    let quoted = false;
    for (; at < line.length; at += 1) {
      const character = line[at] ?? '';
      if (quote === '' && isSpace(character)) break;
      if (quote === '' ? character === "'" || character === '"' : character === quote) {
        quote = quote === '' ? character : '';
        quoted = true;
      } else if (character !== token) {
        word += character;
      } else if (at + 1 < line.length) {
        at += 1;
        word += line[at] ?? '';
      }
    }
    if (word === '--' && at < line.length) return { flags, rest: restFrom(at) };
    if (word !== '--' && (quoted || word !== '')) flags.push(word);
  }
}

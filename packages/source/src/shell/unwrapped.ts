import { type Command, commandsOf, type Word } from './commands.ts';
import { InnerText } from './inner-text.ts';
import { ASSIGNMENT, afterOptions, KEYWORDS, programOf, SHELLS, WRAPPERS, wrapped } from './wrappers.ts';

const DEEPEST = 8;

/**
 * The commands that really run: keywords, assignments and wrappers (`sudo`, `env`, `timeout`, `xargs` …) are removed,
 * and the scripts in `sh -c '…'`, `eval`, `ssh host …` and here-documents of shells are read as well. Offsets inside
 * those are those of the word.
 */
export function unwrappedCommands(script: string): Command[] {
  const inner = new InnerText(script.length);
  return commandsOf(script).flatMap((command) => unwrap(command, inner));
}

/** @param inner limits the scripts in its words */
export function unwrap(command: Command, inner: InnerText, depth = 0): Command[] {
  const words = bare(command.words);
  const [first, ...rest] = words;
  if (!first || depth > DEEPEST) return [];
  const program = programOf(first.text);
  const inside = (text: string, offset: number) => {
    if (!inner.take(text)) return [];
    const found = commandsOf(text).flatMap((one) => unwrap(one, inner, depth + 1));
    return found.map((one, at): Command => {
      const isPiped = one.pipes || (command.pipes && at === found.length - 1);
      const isRemote = one.isRemote || command.isRemote;
      const place = offset + Math.min(one.offset, text.length);
      return { ...one, offset: place, pipes: isPiped ? true : undefined, isRemote: isRemote || undefined };
    });
  };
  if (SHELLS.has(program)) {
    const given = rest.findIndex(({ text }) => /^-[a-z]*c$/.test(text));
    const scriptWord = given < 0 ? undefined : rest.slice(given + 1).find(({ text }) => !text.startsWith('-'));
    const found = scriptWord ? inside(scriptWord.text, scriptWord.offset) : [];
    // With a file or -c, its input is data; otherwise its input is the script.
    const reads = command.input && !scriptWord && rest.every(({ text }) => text.startsWith('-'));
    if (reads && command.input) found.push(...inside(command.input.text, command.input.offset));
    return [{ ...command, words, offset: first.offset }, ...found];
  }
  if (program === 'eval') return inside(rest.map(({ text }) => text).join(' '), first.offset);
  if (program === 'su') {
    const given = rest.findIndex(({ text }) => text === '-c' || text === '--command');
    const scriptWord = rest[given + 1];
    return given < 0 || !scriptWord ? [] : inside(scriptWord.text, scriptWord.offset);
  }
  if (program === 'ssh') {
    const remote = afterOptions(rest, /^-[bcDEeFIiJLlmOopQRSWw]$/).slice(1);
    const found = remote[0] ? inside(remote.map(({ text }) => text).join(' '), remote[0].offset) : [];
    if (command.input && (remote.length === 0 || SHELLS.has(programOf(remote[0]?.text ?? '')))) {
      found.push(...inside(command.input.text, command.input.offset));
    }
    return found.map((one) => ({ ...one, isRemote: true }));
  }
  return [{ ...command, words, offset: first.offset }];
}

/** Only the words of the command, without wrappers. */
function bare(words: readonly Word[]): readonly Word[] {
  let rest = words;
  for (let turn = 0; turn < 20; turn += 1) {
    rest = from(rest, ({ text }) => !KEYWORDS.has(text) && !ASSIGNMENT.test(text));
    const name = programOf(rest[0]?.text ?? '');
    const wrapper = name !== 'busybox' && Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (!wrapper) return rest;
    rest = wrapped(rest.slice(1), wrapper);
  }
  return rest;
}

function from(words: readonly Word[], isFirst: (word: Word) => boolean): readonly Word[] {
  const at = words.findIndex(isFirst);
  return at < 0 ? [] : words.slice(at);
}

import { type Command, commandsOf, type Word } from './commands.ts';

/** Words before a command that are no part of it. */
const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  'time',
  '{',
  '}',
  'fi',
  'done',
  '&',
]);

/** Programs that run the one named after them, with those of their options that take a value. */
const WRAPPERS: Readonly<Record<string, { readonly valued?: RegExp; readonly operands?: number }>> = {
  sudo: { valued: /^-[CDgghpRrTtUu]$|^--(?:user|group|host|prompt|chdir|role|type)$/ },
  doas: { valued: /^-[Cu]$/ },
  env: { valued: /^-[uCS]$|^--(?:unset|chdir)$/ },
  exec: { valued: /^-a$/ },
  command: {},
  builtin: {},
  nohup: {},
  setsid: {},
  nice: { valued: /^-n$/ },
  ionice: { valued: /^-[cn]$/ },
  stdbuf: { valued: /^-[ioe]$/ },
  timeout: { valued: /^-[ks]$|^--(?:signal|kill-after)$/, operands: 1 },
  xargs: { valued: /^-[adEIiLlnPs]$|^--(?:max-args|max-procs|replace|delimiter)$/ },
  retry: { valued: /^-/ },
  unbuffer: {},
  flock: { valued: /^-[wE]$/, operands: 1 },
  gosu: { operands: 1 },
  'su-exec': { operands: 1 },
  chroot: { operands: 1 },
};

export const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox']);
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;
const DEEPEST = 8;

/** `/usr/bin/docker` and `docker.exe` are `docker`. */
export function programOf(word: string): string {
  return word.replace(/^.*[/\\]/, '').replace(/\.exe$/i, '');
}

/**
 * What really runs: keywords, assignments and wrappers (`sudo`, `env`, `timeout`, `xargs` …) taken off, and the scripts
 * in `sh -c '…'`, `eval`, `ssh host …` and here-documents of shells read too. Offsets inside those are the word's own.
 */
export function unwrappedCommands(script: string, depth = 0): Command[] {
  return commandsOf(script).flatMap((command) => unwrap(command, depth));
}

export function unwrap(command: Command, depth = 0): Command[] {
  const words = bare(command.words);
  const [first, ...rest] = words;
  if (!first || depth > DEEPEST) return [];
  const program = programOf(first.text);
  const inside = (text: string, offset: number) => {
    const found = unwrappedCommands(text, depth + 1);
    return found.map((inner, at): Command => {
      const isPiped = inner.pipes || (command.pipes && at === found.length - 1);
      const isRemote = inner.isRemote || command.isRemote;
      const place = offset + Math.min(inner.offset, text.length);
      return { ...inner, offset: place, ...(isPiped ? { pipes: true } : {}), ...(isRemote ? { isRemote } : {}) };
    });
  };
  if (SHELLS.has(program)) {
    const given = rest.findIndex(({ text }) => /^-[a-z]*c$/.test(text));
    const scriptWord = given < 0 ? undefined : rest.slice(given + 1).find(({ text }) => !text.startsWith('-'));
    const found = scriptWord ? inside(scriptWord.text, scriptWord.offset) : [];
    // With a file or -c what it reads is input; else it is the script.
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

/** Only the words that count, wrappers gone. */
function bare(words: readonly Word[]): readonly Word[] {
  let rest = words;
  for (let turn = 0; turn < 20; turn += 1) {
    rest = from(rest, ({ text }) => !KEYWORDS.has(text) && !ASSIGNMENT.test(text));
    const name = programOf(rest[0]?.text ?? '');
    const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (!wrapper) return rest;
    rest = from(afterOptions(rest.slice(1), wrapper.valued), ({ text }) => !ASSIGNMENT.test(text));
    rest = rest.slice(wrapper.operands ?? 0);
  }
  return rest;
}

function from(words: readonly Word[], isFirst: (word: Word) => boolean): readonly Word[] {
  const at = words.findIndex(isFirst);
  return at < 0 ? [] : words.slice(at);
}

/** @param valued options that take the next word too. */
export function afterOptions(words: readonly Word[], valued?: RegExp): readonly Word[] {
  let at = 0;
  while (at < words.length) {
    const { text } = words[at] ?? { text: '' };
    if (text === '--') return words.slice(at + 1);
    if (!text.startsWith('-') || text === '-') break;
    at += valued?.test(text) ? 2 : 1;
  }
  return words.slice(at);
}

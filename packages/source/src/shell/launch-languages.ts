/** Texts in other languages that a shell runs: `python -c '…'`, `pwsh -c '…'`, `awk 'BEGIN { system("…") }'`. */
import { joined, type Launch, type Launcher, optionIn, type ScriptLanguage, wordText } from './launch-parts.ts';
import type { Word } from './syntax.ts';
import { afterOptions } from './wrappers.ts';

const inLanguage =
  (language: ScriptLanguage, option: RegExp): Launcher =>
  (rest, stdin) => {
    const word = optionIn(rest, option);
    if (word) return [{ kind: 'program', language, text: wordText(word) }];
    const reads = rest.every(({ text }) => text.startsWith('-'));
    return reads && stdin ? [{ kind: 'program', language, text: stdin }] : [];
  };

/** `-EncodedCommand` is base64 of UTF-16. */
function powershell(rest: readonly Word[]): Launch[] {
  const encoded = optionIn(rest, /^-e(?:nc(?:odedcommand)?)?$/i);
  if (encoded) {
    const text = Buffer.from(encoded.text, 'base64').toString('utf16le');
    return [{ kind: 'program', language: 'powershell', text: { text, offset: encoded.offset, length: 0 } }];
  }
  const at = rest.findIndex(({ text }) => /^-c(?:ommand)?$/i.test(text));
  const found = joined(at < 0 ? (rest.length === 1 ? rest : []) : rest.slice(at + 1));
  return found.flatMap((launch) =>
    launch.kind === 'text' ? [{ kind: 'program', language: 'powershell', text: launch.text } as const] : [],
  );
}

/** `awk '{ system("docker commit " $1) }'` */
function systemIn(rest: readonly Word[]): Launch[] {
  const program = afterOptions(rest, /^-[Fvf]$/)[0];
  if (!program) return [];
  return calledByAwk(program.text.slice(0, 10_000)).map((text) => ({
    kind: 'text',
    text: { text, offset: program.offset, length: 0 },
  }));
}

/** Strings after `system(` and before `| getline`. Any quote may begin one: awk has quotes in its patterns, too. */
function calledByAwk(text: string): string[] {
  const found: string[] = [];
  const inside = /(?:[^"\\]|\\.)*/y;
  let end = 0;
  let from = 0;
  for (const { index } of text.matchAll(/"/g)) {
    if (index < from || found.length >= 50) continue;
    // A string that begins at an escaped quote of another string ends where that one ends.
    if (index >= end) {
      inside.lastIndex = index + 1;
      inside.test(text);
      end = inside.lastIndex;
    }
    if (text[end] !== '"' || end === index + 1) continue;
    if (!isCalled(text, index) && !isPiped(text, end + 1)) continue;
    found.push(text.slice(index + 1, end));
    from = end + 1;
  }
  return found;
}

function isCalled(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 30), at).trimEnd();
  return before.endsWith('(') && /\bsystem$/.test(before.slice(0, -1).trimEnd());
}

function isPiped(text: string, at: number): boolean {
  const after = text.slice(at, at + 30).trimStart();
  return after.startsWith('|') && after.slice(1).trimStart().startsWith('getline');
}

export const LANGUAGES: Readonly<Record<string, Launcher>> = {
  awk: (rest) => systemIn(rest),
  gawk: (rest) => systemIn(rest),
  mawk: (rest) => systemIn(rest),
  python: inLanguage('python', /^-[a-zA-Z]*c$/),
  node: inLanguage('javascript', /^-(?:e|p|pe)$|^--(?:eval|print)$/),
  deno: inLanguage('javascript', /^eval$/),
  bun: inLanguage('javascript', /^-e$|^--eval$/),
  ruby: inLanguage('ruby', /^-[a-z]*e$/),
  perl: inLanguage('perl', /^-[a-zA-Z]*[eE]$/),
  php: inLanguage('php', /^-r$/),
  pwsh: (rest) => powershell(rest),
  powershell: (rest) => powershell(rest),
  cmd: (rest) => {
    const at = rest.findIndex(({ text }) => /^\/[ck]$/i.test(text));
    return joined(at < 0 ? [] : rest.slice(at + 1)).flatMap((launch) =>
      launch.kind === 'text' ? [{ kind: 'program', language: 'batch', text: launch.text } as const] : [],
    );
  },
};

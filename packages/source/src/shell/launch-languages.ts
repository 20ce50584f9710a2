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
  const text = program.text.slice(0, 10_000);
  const found = [
    ...text.matchAll(
      /\bsystem\s{0,10}\(\s{0,10}"((?:[^"\\]|\\.){1,2000})"|"((?:[^"\\]|\\.){1,2000})"\s{0,10}\|\s{0,10}getline/g,
    ),
  ];
  return found.slice(0, 50).map(([, called, piped]) => ({
    kind: 'text',
    text: { text: called ?? piped ?? '', offset: program.offset, length: 0 },
  }));
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

/** Programs that run their arguments: commands, shell scripts, or code in other languages. */

import { LANGUAGES } from './launch-languages.ts';
import { given, joined, type Launch, type Launcher, optionIn, optionText, words, wordText } from './launch-parts.ts';
import { behindVerb } from './run-after.ts';
import type { Text, Word } from './syntax.ts';
import { afterOptions, programOf, SHELLS, WRAPPERS, wrapped } from './wrappers.ts';

const shell: Launcher = (rest, stdin) => {
  let at = 0;
  let isCommand = false;
  for (; at < rest.length; at += 1) {
    const { text } = rest[at] ?? { text: '' };
    if (text === '--' || text === '-' || !/^[-+]./.test(text)) break;
    if (/^-[a-zA-Z]*c$/.test(text) || text === '--command') isCommand = true;
    if (/^[-+][a-zA-Z]*[oO]$/.test(text) || /^--(?:rcfile|init-file)$/.test(text)) at += 1;
    if (/^-[a-zA-Z]+$/.test(text) && text.includes('s') && !isCommand)
      return given(stdin).map((launch) => ({
        ...launch,
        args: textsOf(rest.slice(at + 1).filter(({ text: one }) => one !== '--')),
      }));
  }
  const left = rest.slice(at).filter(({ text }, index) => index > 0 || (text !== '--' && text !== '-'));
  const [first, ...more] = left;
  if (!first) return given(stdin);
  if (isCommand) {
    const [zeroth, ...args] = textsOf(more);
    return [{ kind: 'text', text: wordText(first), args, zeroth }];
  }
  if (INPUT.test(first.text)) return given(stdin).map((launch) => ({ ...launch, args: textsOf(more) }));
  return [{ kind: 'file', path: first.text, args: textsOf(more) }];
};

/** Names of the standard input. */
const INPUT = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/0)$/;

const source: Launcher = ([file], stdin) =>
  file && !INPUT.test(file.text) ? [{ kind: 'file', path: file.text }] : given(stdin);

const su: Launcher = (rest, stdin) => {
  const found = optionText(rest, /^-c$|^--(?:session-)?command$/);
  return found.length > 0 ? found : given(stdin);
};

const ssh: Launcher = (rest, stdin) => {
  const [, ...command] = afterOptions(rest, /^-[bcDEeFIiJLlmOopQRSWw]$/);
  const [first] = command[0]?.text === '--' ? command.slice(1) : command;
  const remote = joined(command[0]?.text === '--' ? command.slice(1) : command);
  const reads = !first || SHELLS.has(programOf(first.text.split(/\s/, 1)[0] ?? '')) || /^sudo\b/.test(first.text);
  return [...remote, ...(reads ? given(stdin) : [])].map((launch) => ({ ...launch, isRemote: true }));
};

/** `minikube ssh …`, `docker-machine ssh NAME …`. */
function overSsh(rest: readonly Word[], operands: number): Launch[] {
  const at = rest.findIndex(({ text }) => text === 'ssh');
  const command = at < 0 ? [] : afterOptions(rest.slice(at + 1), /^-[np]$|^--(?:node|profile)$/).slice(operands);
  return joined(command[0]?.text === '--' ? command.slice(1) : command);
}

/**
 * `buildah unshare buildah commit …`, `minikube ssh …`: programs that also do other things, and are judged by those as
 * well.
 */
function besides(name: string, rest: readonly Word[]): readonly Launch[] | undefined {
  if (name === 'minikube') return overSsh(rest, 0);
  if (name !== 'podman' && name !== 'buildah') return undefined;
  const [verb, ...after] = afterOptions(
    rest,
    /^--(?:root|runroot|storage-driver|storage-opt|log-level|url|connection)$/,
  );
  return verb?.text === 'unshare' ? words(afterOptions(after)) : undefined;
}

const find: Launcher = (rest) => {
  const found: Launch[] = [];
  for (let at = rest.findIndex(isExec); at >= 0; ) {
    const end = rest.findIndex(({ text }, index) => index > at && (text === ';' || text === '+'));
    const stop = end < 0 ? rest.length : end;
    found.push({ kind: 'words', words: rest.slice(at + 1, stop) });
    const next = rest.slice(stop).findIndex(isExec);
    at = next < 0 || found.length > 20 ? -1 : stop + next;
  }
  return found;
};

function isExec({ text }: Word): boolean {
  return /^-(?:exec|execdir|ok|okdir)$/.test(text);
}

const parallel: Launcher = (rest, stdin) => {
  const at = rest.findIndex(({ text }) => /^::::?\+?$/.test(text));
  const command = afterOptions(
    at < 0 ? rest : rest.slice(0, at),
    /^-[jSNnILad]$|^--(?:jobs|sshlogin|delay|timeout|colsep|results)$/,
  );
  if (command.length > 0) return joined(command);
  return at < 0 ? given(stdin) : rest.slice(at + 1).map((word) => ({ kind: 'text', text: wordText(word) }));
};

const xargs: Launcher = (rest, stdin) => {
  const replaced =
    optionIn(rest, /^-[Ii]$|^--replace$/)?.text ?? rest.map(({ text }) => /^-[Ii](.+)$/.exec(text)?.[1]).find(Boolean);
  const command = wrapped(rest, WRAPPERS.xargs ?? {});
  const [first] = command;
  if (!first) return [];
  const line = stdin?.text.trim().split('\n', 1)[0] ?? '';
  if (replaced !== undefined) {
    if (line === '') return words(command);
    return words(command.map((word) => ({ ...word, text: word.text.replaceAll(replaced, line) })));
  }
  const more = stdin ? stdin.text.slice(0, 10_000).split(/[\s\0]+/) : [];
  return words([...command, ...more.flatMap((text) => (text === '' ? [] : [{ text, offset: first.offset }]))]);
};

const texts: Launcher = (rest) =>
  rest.flatMap((word) => (/\s/.test(word.text) ? [{ kind: 'text', text: wordText(word) } as const] : []));

const crontab: Launcher = (_, stdin) => {
  const lines = stdin?.text.split('\n').map((line) => line.replace(/^\s*(?:@\w+|(?:[\d*/,-]+\s+){5})/, ''));
  return lines ? [{ kind: 'text', text: { ...stdin, text: lines.join('\n') } }] : [];
};

const git: Launcher = (rest) => {
  const at = rest.findIndex(({ text }) => text === 'foreach' || text === 'run');
  const kind = rest[at - 1]?.text;
  if (kind === 'submodule') return joined(afterOptions(rest.slice(at + 1)));
  return kind === 'bisect' ? words(rest.slice(at + 1)) : [];
};

/** `Start-Process -FilePath docker -ArgumentList 'commit','web'` */
const startProcess: Launcher = (rest) => {
  const list = rest.filter(
    ({ text }) => !/^-(?:FilePath|ArgumentList|Args|Wait|NoNewWindow|PassThru|Verb|WindowStyle)$/i.test(text),
  );
  return words(list.flatMap((word) => word.text.split(/[\s,]+/).map((text) => ({ ...word, text }))));
};

const LAUNCHERS: Readonly<Record<string, Launcher>> = {
  eval: (rest) =>
    joined(
      rest.slice(
        Math.max(
          0,
          rest.findIndex(({ text }) => text !== 'eval'),
        ),
      ),
    ),
  iex: (rest, stdin) => (rest.length > 0 ? joined(rest) : given(stdin)),
  'invoke-expression': (rest, stdin) => (rest.length > 0 ? joined(rest) : given(stdin)),
  'start-process': startProcess,
  saps: startProcess,
  source,
  '.': source,
  chmod: (rest) => rest.slice(1).map(({ text }) => ({ kind: 'file', path: text })),
  su,
  newgrp: (_, stdin) => given(stdin),
  runuser: (rest, stdin) => {
    const found = su(rest, undefined, 'su');
    return found.length > 0
      ? found
      : [...words(afterOptions(rest, /^-[ugGs]$|^--(?:user|group|shell)$/)), ...given(stdin)];
  },
  sg: (rest) => [...optionText(rest, /^-c$/), ...texts(rest.slice(1), undefined, 'sg')],
  sudo: (rest, stdin) => {
    const left = wrapped(rest, WRAPPERS.sudo ?? {});
    return left.length > 0 ? words(left) : given(stdin);
  },
  env: (rest) => [...optionText(rest, /^-S$|^--split-string$/), ...words(wrapped(rest, WRAPPERS.env ?? {}))],
  flock: (rest) => {
    const found = optionText(rest, /^-c$|^--command$/);
    return found.length > 0 ? found : words(wrapped(rest, WRAPPERS.flock ?? {}));
  },
  ssh,
  mosh: ssh,
  autossh: ssh,
  vagrant: (rest) => optionText(rest, /^-c$|^--command$/),
  gcloud: (rest) => optionText(rest, /^--command$/),
  watch: (rest) => joined(afterOptions(rest, /^-[n]$|^--interval$/)),
  script: (rest) => optionText(rest, /^-[a-z]*c$|^--command$/),
  trap: (rest) => joined(rest.slice(rest[0]?.text === '--' ? 1 : 0).slice(0, 1)),
  at: (_, stdin) => given(stdin),
  batch: (_, stdin) => given(stdin),
  crontab,
  parallel,
  xargs,
  find,
  fd: (rest) =>
    words(rest.slice(rest.findIndex(({ text }) => /^(?:-[xX]|--exec(?:-batch)?)$/.test(text)) + 1 || rest.length)),
  tmux: texts,
  concurrently: texts,
  'run-p': texts,
  'run-s': () => [],
  hyperfine: texts,
  nodemon: (rest) => optionText(rest, /^-x$|^--exec$/),
  'nix-shell': (rest) => optionText(rest, /^--(?:run|command)$/),
  nix: (rest) => words(rest.slice(rest.findIndex(({ text }) => /^(?:-c|--command)$/.test(text)) + 1 || rest.length)),
  'docker-machine': (rest) => overSsh(rest, 1),
  expect: (rest) =>
    optionText(rest, /^-c$/).map((launch) =>
      launch.kind === 'text'
        ? { ...launch, text: { ...launch.text, text: launch.text.text.replace(/\bspawn\s/g, ' ') } }
        : launch,
    ),
  git,
  ...LANGUAGES,
};

function textsOf(list: readonly Word[]): string[] {
  return list.map(({ text }) => text);
}

/** @returns undefined for a program that is not known to run other programs */
export function launchesOf(
  program: string,
  rest: readonly Word[],
  stdin: Text | undefined,
): readonly Launch[] | undefined {
  const name = program
    .toLowerCase()
    .replace(/^(python|perl|ruby|php)[\d.]+$/, '$1')
    .replace(/^nodejs$/, 'node');
  if (name === 'busybox' || name === 'toybox') return words(rest);
  if (SHELLS.has(name)) return shell(rest, stdin, name);
  const launcher = Object.hasOwn(LAUNCHERS, name) ? LAUNCHERS[name] : undefined;
  if (launcher) return launcher(rest, stdin, name);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (wrapper) {
    // `command -v docker` only searches for it.
    if (name === 'command' && /^-[vV]/.test(rest[0]?.text ?? '')) return undefined;
    const left = wrapped(rest, wrapper);
    return words(name === 'start' ? left.filter(({ text }) => text !== '' && !/^\/\w/.test(text)) : left);
  }
  if (/^(?:npm|pnpm|yarn)$/.test(name) && /^(?:exec|x)$/.test(rest[0]?.text ?? '')) {
    const given = optionText(rest.slice(1), /^-c$|^--call$/);
    if (given.length > 0) return given;
  }
  const behind = behindVerb(name, rest);
  return behind ? words(behind) : besides(name, rest);
}

/** Whether a program is known to only run other programs. */
export function isLauncher(program: string): boolean {
  const name = program.toLowerCase();
  return SHELLS.has(name) || Object.hasOwn(WRAPPERS, name) || Object.hasOwn(LAUNCHERS, name);
}

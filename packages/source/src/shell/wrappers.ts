import type { Command, Word } from './syntax.ts';

/** Words before a command that are not part of it. */
export const KEYWORDS = new Set([
  ...['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', '}', 'fi', 'done', '&'],
  // fish
  ...['begin', 'and', 'or', 'not', 'coproc'],
  // zsh
  ...['noglob', 'nocorrect'],
]);

export interface Wrapper {
  /** Options that take the next word. */
  readonly valued?: RegExp;
  /** Number of its own words before the command. */
  readonly operands?: number;
}

/** Programs that run the program after them. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: { valued: /^-[a-zA-Z]*[CDgghpRrTtUu]$|^--(?:user|group|host|prompt|chdir|role|type)$/ },
  doas: { valued: /^-[Cu]$/ },
  pkexec: { valued: /^--user$/ },
  env: { valued: /^-[uC]$|^--(?:unset|chdir)$/ },
  exec: { valued: /^-a$/ },
  command: {},
  builtin: {},
  nohup: {},
  setsid: {},
  nice: { valued: /^-n$|^--adjustment$/ },
  ionice: { valued: /^-[cn]$/ },
  chrt: { operands: 1 },
  taskset: { operands: 1 },
  stdbuf: { valued: /^-[ioe]$/ },
  timeout: { valued: /^-[ks]$|^--(?:signal|kill-after)$/, operands: 1 },
  gtimeout: { valued: /^-[ks]$|^--(?:signal|kill-after)$/, operands: 1 },
  time: { valued: /^-[fo]$/ },
  unbuffer: {},
  gosu: { operands: 1 },
  'su-exec': { operands: 1 },
  chroot: { operands: 1 },
  setpriv: { valued: /^--(?:reuid|regid|groups|inh-caps|ambient-caps|bounding-set|securebits|pdeathsig)$/ },
  nsenter: { valued: /^-[tSG]$|^--(?:target|setuid|setgid)$/ },
  unshare: { valued: /^-[SGRw]$/ },
  'systemd-run': { valued: /^-[puHM]$|^--(?:property|unit|uid|gid|slice|setenv|description)$/ },
  'systemd-inhibit': {},
  'dbus-run-session': {},
  'xvfb-run': { valued: /^-[efnps]$/ },
  faketime: { valued: /^-f$/, operands: 1 },
  strace: { valued: /^-[abeEIoOpPsSuX]$/ },
  ltrace: { valued: /^-[aAeFlnopsuxX]$/ },
  proxychains: { valued: /^-f$/ },
  proxychains4: { valued: /^-f$/ },
  torsocks: {},
  caffeinate: { valued: /^-[tw]$/ },
  chronic: {},
  tsp: { valued: /^-[LN]$/ },
  'lxc-attach': { valued: /^-[nPf]$/ },
  sshpass: { valued: /^-[pfdP]$/ },
  dotenv: { valued: /^-[efcvp]$/ },
  'cross-env': {},
  'env-cmd': { valued: /^-[fer]$/ },
  npx: { valued: /^-p$|^--package$/ },
  lima: {},
  wsl: { valued: /^-[du]$|^--(?:distribution|user|cd)$/ },
  xargs: { valued: /^-[adEIiLlnPs]$|^--(?:max-args|max-procs|replace|delimiter)$/ },
  flock: { valued: /^-[wE]$/, operands: 1 },
  retry: { valued: /^-/ },
  fakeroot: { valued: /^-[lsib]$/ },
  rootlesskit: {},
  winpty: {},
  firejail: {},
  'with-contenv': {},
  'dumb-init': {},
  tini: {},
  prlimit: {},
  numactl: {},
  setuidgid: { operands: 1 },
  's6-setuidgid': { operands: 1 },
  entr: {},
  watchexec: { valued: /^-[defiosw]$/ },
  busybox: {},
  toybox: {},
  screen: { valued: /^-[a-zA-Z]*[cehpStT]$/ },
  start: { valued: /^\/d$/i },
  call: {},
};

/** Library functions that run their arguments: numbers and options may come first. */
export const HELPERS =
  /^(?:retry|run|try|attempt|repeat|execute|exec_?cmd|run_?cmd|run_?command|run_?(?:or|and)_?\w+|dry_?run|maybe|must|silent|quiet(?:ly)?|verbose|spinner|step|check_?call|assert_success|(?:log|echo|trace|print)_?and_?(?:run|exec|do)|safe_?run|x|cmd|with_retry|with_backoff|backoff)$/i;

/** Those that accept a whole command in one word; for the others, the word may be a title (`step "docker save"`). */
const TEXT_HELPERS =
  /^(?:retry|run|execute|exec_?cmd|run_?cmd|run_?command|run_?(?:or|and)_?\w+|check_?call|safe_?run|cmd)$/i;

/** `run_cmd "docker commit web"` with a function from another file: such a word can only be a command. */
export function commandText(name: string, rest: readonly Word[]): Word | undefined {
  if (!TEXT_HELPERS.test(name)) return undefined;
  const [text, ...more] = rest.filter(({ text: one }) => !/^(?:-.*|\d+[smh]?)$/.test(one));
  return text && more.length === 0 && /^[\w./$"{}-]+\s/.test(text.text) ? text : undefined;
}

export const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'rbash', 'busybox', 'fish']);
/** `bash <(…) --yes`: the file that a shell runs is one of its words. */
export function withInputFile({ words, fromCommands }: Command): readonly Word[] {
  const at = fromCommands?.at;
  const before = words.slice(0, at);
  const isRead = before.some(({ text }) => SHELLS.has(programOf(text)) || text === 'source' || text === '.');
  if (at === undefined || !isRead) return words;
  return [...before, { text: '/dev/stdin', offset: words[0]?.offset ?? 0 }, ...words.slice(at)];
}

export const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]{0,40}\])?\+?=/;

/** `/usr/bin/docker`, `docker.exe` and zsh's `=docker` are `docker`. */
export function programOf(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1);
  return name.replace(/^=(?=\w)|\.exe$/gi, '');
}

/** @param valued options that also take the next word */
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

/** The command that a wrapper runs, without options, assignments and operands. @param rest the words after its name */
export function wrapped(rest: readonly Word[], { valued, operands = 0 }: Wrapper): readonly Word[] {
  const left = afterOptions(rest, valued);
  const first = left.findIndex(({ text }) => !ASSIGNMENT.test(text));
  return first < 0 ? [] : left.slice(first + operands);
}

/** An unknown variable before a program that makes images or runs other programs: `$SUDO docker …`. */
export function isPrefix({ text }: Word, [next]: readonly Word[]): boolean {
  if (!next || !/^\$(?:\{\w{1,60}\}|\w{1,60})$/.test(text) || /echo|print|log|say|engine/i.test(text)) return false;
  const name = programOf(next.text);
  return (
    SHELLS.has(name) || Object.hasOwn(WRAPPERS, name) || /^(?:docker|podman|nerdctl|buildah|ctr|kubectl)$/.test(name)
  );
}

/**
 * Whether a program changes nothing because of an argument (`--help`, and `-h` at the end) that is not the value of the
 * option before it: `docker commit -m --help web` makes an image.
 * @param words after the program's name
 */
export function onlyAsks(words: readonly string[], asking = /^--help$/): boolean {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  return own.some((word, at) => {
    const before = words[at - 1] ?? '';
    if (/^[-+$]/.test(before) && !ALONE.test(before)) return false;
    return asking.test(word) || (word === '-h' && at === words.length - 1);
  });
}
/** Options without a value, of package managers. */
const ALONE = /^-(?:[yqv]{1,3}|-(?:yes|assume-?yes|quiet|verbose|no-[a-z-]+))$/;

/** Quotes a word for a shell script. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

import type { Budget } from '../shell/budget.ts';
import type { Command, Word } from '../shell/commands.ts';
import { runsOfWords } from '../shell/runs.ts';
import { onlyAsks, programOf } from '../shell/wrappers.ts';

/** Package managers, and their verbs that change installed packages. */
const INSTALLERS: Readonly<Record<string, RegExp>> = {
  'apt-get': /^(?:install|remove|purge|upgrade|dist-upgrade|autoremove)$/,
  apt: /^(?:install|remove|purge|upgrade|full-upgrade|autoremove)$/,
  aptitude: /^(?:install|remove|purge|safe-upgrade)$/,
  dpkg: /^(?:-i|--install|-r|--remove|-P|--purge)$/,
  apk: /^(?:add|del|upgrade|fix)$/,
  yum: /^(?:install|remove|update|upgrade|erase|localinstall)$/,
  dnf: /^(?:install|remove|update|upgrade|erase)$/,
  microdnf: /^(?:install|remove|update|upgrade)$/,
  tdnf: /^(?:install|remove|update|upgrade)$/,
  rpm: /^(?:-[a-df-hj-zA-EG-TV-Z]*[iUFe][a-zA-Z]*|--install|--upgrade|--erase)$/,
  zypper: /^(?:install|in|remove|rm|update|up)$/,
  pacman: /^-[SRU]/,
  pip: /^(?:install|uninstall)$/,
  pip3: /^(?:install|uninstall)$/,
  pipx: /^(?:install|uninstall|upgrade)$/,
  poetry: /^(?:add|remove|install)$/,
  uv: /^(?:add|remove|sync)$/,
  conda: /^(?:install|remove|update)$/,
  npm: /^(?:install|i|ci|uninstall|update)$/,
  yarn: /^(?:add|remove|install|upgrade)$/,
  pnpm: /^(?:add|remove|install|i|update)$/,
  gem: /^(?:install|uninstall|update)$/,
  bundle: /^(?:install|update|add)$/,
  composer: /^(?:install|require|update|remove)$/,
  cargo: /^(?:install|uninstall)$/,
  go: /^(?:install|get)$/,
  'docker-php-ext-install': /./,
  'docker-php-ext-enable': /./,
  pecl: /^install$/,
  a2enmod: /./,
  a2dismod: /./,
  a2ensite: /./,
  a2dissite: /./,
  useradd: /./,
  usermod: /./,
  userdel: /./,
  groupadd: /./,
  adduser: /./,
  addgroup: /./,
  'update-ca-certificates': /^|./,
  'update-alternatives': /^--(?:install|set|remove)$/,
  ldconfig: /^|./,
  chpasswd: /^|./,
  passwd: /^|./,
  git: /^(?:clone|pull|checkout|reset|apply|am|merge|fetch|submodule)$/,
  update_rc_d: /./,
};

/** Programs that write to their path arguments, and which arguments are paths. */
const WRITERS: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  cp: lastOf,
  mv: (words) => words,
  ln: lastOf,
  install: lastOf,
  rsync: lastOf,
  rm: (words) => words,
  rmdir: (words) => words,
  mkdir: (words) => words,
  touch: (words) => words,
  tee: (words) => words,
  truncate: (words) => words,
  chmod: (words) => words.slice(1),
  chown: (words) => words.slice(1),
  chgrp: (words) => words.slice(1),
  unzip: () => ['.'],
  patch: () => ['.'],
};

/** Folders that do not belong to the program: temporary files or kernel interfaces. */
const SCRATCH = /^(?:\/(?:tmp|var\/(?:tmp|run|lock)|run|dev|proc|sys)(?:\/|$))/;
const DEEPEST = 4;

/** @returns the change that a command makes in a container, for a sentence; undefined if none is visible. */
export function changeBy(
  words: readonly Word[],
  input: Command['input'],
  budget: Budget,
  depth = 0,
): string | undefined {
  if (words.length === 0 || depth > DEEPEST) return undefined;
  for (const one of runsOfWords(words, input, budget).commands) {
    const change = changeOf(one, budget, depth);
    if (change !== undefined) return change;
  }
  return undefined;
}

function changeOf(command: Command, budget: Budget, depth: number): string | undefined {
  const [first, ...rest] = command.words.map(({ text }) => text);
  const program = programOf(first ?? '');
  const written = writtenBy(command.writes);
  if (written !== undefined) return written;
  if (/^python[\d.]*$/.test(program) && rest[0] === '-m' && /^pip\d?$/.test(rest[1] ?? '')) {
    return changeBy(command.words.slice(2), undefined, budget, depth + 1);
  }
  const installer = Object.hasOwn(INSTALLERS, program) ? INSTALLERS[program] : undefined;
  if (installer && !onlyAsks(rest, /^--(?:help|version|dry-run|simulate)$/)) {
    const isOption = installer.source.includes('-');
    const verb = isOption ? rest.find((word) => installer.test(word)) : rest.find((word) => !word.startsWith('-'));
    if (installer.test(verb ?? '')) return `runs ${[program, verb ?? ''].join(' ').trim()}`;
    return undefined;
  }
  const paths = rest.filter((word) => !word.startsWith('-'));
  const writer = Object.hasOwn(WRITERS, program) ? WRITERS[program] : undefined;
  const target = writer?.(paths).find((path) => !SCRATCH.test(path));
  if (target !== undefined) return `writes with ${program} to ${target}`;
  if (program === 'sed' && rest.some((word) => /^(?:-[a-zA-Z]*i|--in-place)/.test(word)))
    return edited('sed -i', paths);
  if (program === 'perl' && rest.some((word) => /^-[a-z]*i/.test(word))) return edited('perl -i', paths);
  if (program === 'dd')
    return edited(
      'dd',
      rest.filter((word) => word.startsWith('of=')).map((word) => word.slice(3)),
    );
  if (program === 'tar' && /^(?:-?[a-zA-Z]*x|--extract)/.test(rest[0] ?? '')) {
    const at = rest.findIndex((word) => /^(?:-C|--directory)$/.test(word));
    return edited('tar', [at < 0 ? '.' : (rest[at + 1] ?? '.')]);
  }
  if (program === 'curl' || program === 'wget') {
    const at = rest.findIndex((word) =>
      (program === 'curl' ? /^-[a-zA-Z]*o$|^--output$/ : /^-[a-zA-Z]*O$|^--output-document$/).test(word),
    );
    const output = at < 0 ? undefined : rest[at + 1];
    return output === undefined || output === '-' ? undefined : edited(program, [output]);
  }
  return undefined;
}

function edited(how: string, paths: readonly string[]): string | undefined {
  const target = paths.filter((path) => !SCRATCH.test(path)).at(-1);
  return target === undefined ? undefined : `writes with ${how} to ${target}`;
}

function writtenBy(writes: readonly string[]): string | undefined {
  const target = writes.find((path) => path !== '' && !SCRATCH.test(path));
  return target === undefined ? undefined : `writes to ${target}`;
}

function lastOf(words: readonly string[]): readonly string[] {
  return words.slice(-1);
}

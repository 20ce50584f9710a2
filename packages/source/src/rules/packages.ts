import { clipped } from '@tidegate/core';
import type { Instruction } from '../dockerfile/parse.ts';
import type { Remark } from '../finding.ts';
import { baseReference, shortName } from './image.ts';
import { commandsIn, type DockerfileRule, mountsOf, type RunCommand, withEnvironment } from './subject.ts';

/** The cache that a package manager leaves behind, and ways to avoid it. All patterns match words joined by blanks. */
interface Manager {
  readonly programs: RegExp;
  readonly installs: RegExp;
  /** An option of the command itself. */
  readonly without?: RegExp;
  /** A later command of the same RUN. */
  readonly cleaned: RegExp;
  /** Arguments of `rm` or `find` in such a command. */
  readonly removed?: RegExp;
  /** Cache mounts that cover it. */
  readonly mounted: RegExp;
  /** A variable that switches off the cache. */
  readonly variable?: string | undefined;
  readonly advice: string;
}

const MANAGERS: readonly Manager[] = [
  {
    programs: /^(?:apt|apt-get|aptitude)$/,
    installs: /^(?:-\S+ )*(?:install|update|upgrade|dist-upgrade|build-dep)\b/,
    cleaned: /apt-dist-clean/,
    removed: /\/var\/lib\/(?:apt|\*)/,
    mounted: /^\/var\/lib\/apt(?:\/lists)?\/?$/,
    advice: 'End this RUN with && rm -rf /var/lib/apt/lists/*, or mount caches at /var/cache/apt and /var/lib/apt.',
  },
  {
    programs: /^apk$/,
    installs: /^(?:-\S+ )*(?:add|update|upgrade)\b/,
    without: /(?:^| )--no-cache\b/,
    cleaned: /apk cache (?:clean|purge)/,
    removed: /\/var\/cache\/apk/,
    mounted: /^\/(?:var\/cache\/apk|etc\/apk\/cache)\/?$/,
    advice: 'Write apk add --no-cache.',
  },
  {
    programs: /^(?:yum|dnf|microdnf|tdnf)$/,
    installs: /^(?:-\S+ )*(?:install|update|upgrade|groupinstall|localinstall)\b/,
    cleaned: /^(?:yum|dnf|microdnf|tdnf) (?:-\S+ )*clean all/,
    removed: /\/var\/cache\/(?:yum|dnf)/,
    mounted: /^\/var\/cache\/(?:yum|dnf|libdnf5)\/?$/,
    advice: 'End this RUN with && dnf clean all (or yum, microdnf).',
  },
  {
    programs: /^zypper$/,
    installs: /^(?:-\S+ )*(?:install|in|update|up|refresh)\b/,
    cleaned: /^zypper (?:-\S+ )*(?:clean|cc)\b/,
    mounted: /^\/var\/cache\/zypp\/?$/,
    advice: 'End this RUN with && zypper clean --all.',
  },
  {
    programs: /^pip[\d.]*$/,
    installs: /^(?:-\S+ )*install\b/,
    without: /(?:^| )--no-cache-dir\b/,
    cleaned: /pip[\d.]* cache purge/,
    removed: /\.cache/,
    mounted: /\/\.cache(?:\/pip)?\/?$/,
    variable: 'PIP_NO_CACHE_DIR',
    advice: 'Write pip install --no-cache-dir, or RUN --mount=type=cache,target=/root/.cache/pip.',
  },
  {
    programs: /^npm$/,
    installs: /^(?:-\S+ )*(?:ci|install|i)\b/,
    cleaned: /npm cache clean/,
    removed: /\.npm/,
    mounted: /\/\.npm\/?$/,
    advice: 'Write RUN --mount=type=cache,target=/root/.npm, or end with && npm cache clean --force.',
  },
  {
    programs: /^yarn$/,
    installs: /^(?:-\S+ )*(?:install|add)\b|^(?:--\S+(?: |$))*$/,
    cleaned: /yarn cache clean/,
    removed: /yarn/,
    mounted: /yarn/,
    advice: 'Write RUN --mount=type=cache,target=/usr/local/share/.cache/yarn, or end with && yarn cache clean.',
  },
  {
    programs: /^(?:conda|mamba|micromamba)$/,
    installs: /^(?:-\S+ )*(?:env )?(?:install|update|create)\b/,
    cleaned: /(?:conda|mamba) clean/,
    removed: /pkgs/,
    mounted: /pkgs\/?$/,
    advice: 'End this RUN with && conda clean --all --yes.',
  },
];

/** Only for the stages of the image: caches in other stages do not matter. */
export const packageCaches: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  for (const { instruction, environment } of withEnvironment(subject, subject.lineage)) {
    if (instruction.keyword !== 'RUN') continue;
    const commands = commandsIn(instruction);
    const mounts = mountsOf(instruction).filter((mount) => mount.get('type') === 'cache');
    for (const manager of MANAGERS) {
      const variable = manager.variable === undefined ? undefined : environment.values.get(manager.variable);
      if (variable !== undefined && !/^(?:0|false|off|no)?$/i.test(variable)) continue;
      if (mounts.some((mount) => manager.mounted.test(mount.get('target') ?? ''))) continue;
      const at = commands.findIndex((one) => installs(one, manager));
      const first = commands[at];
      if (!first || commands.slice(at + 1).some((one) => cleans(textOf(one), manager))) continue;
      remarks.push({
        rule: 'package-cache-left',
        line: first.line,
        message: `Package lists or downloads of ${first.program} stay in the layer.`,
        fix: manager.advice,
      });
    }
  }
  return remarks;
};

function cleans(text: string, { cleaned, removed }: Manager): boolean {
  const at = text.search(/(?:rm|find) /);
  return cleaned.test(text) || (at >= 0 && removed !== undefined && removed.test(text.slice(at)));
}

/** Longest command: a pattern may start at each character, so long texts would take too much time. */
const LONGEST_COMMAND = 4096;

function textOf({ command, program }: RunCommand): string {
  return [program, ...command.words.slice(1).map(({ text }) => text)].join(' ').slice(0, LONGEST_COMMAND);
}

function argumentsOf({ command }: RunCommand): string {
  return command.words
    .slice(1)
    .map(({ text }) => text)
    .join(' ')
    .slice(0, LONGEST_COMMAND);
}

function installs(one: RunCommand, manager: Manager): boolean {
  const viaPython = /^python[\d.]*$/.test(one.program) && one.command.words[1]?.text === '-m';
  const program = viaPython ? (one.command.words[2]?.text ?? '') : one.program;
  const words = viaPython ? argumentsOf(one).replace(/^-m \S+ ?/, '') : argumentsOf(one);
  return manager.programs.test(program) && manager.installs.test(words) && !manager.without?.test(words);
}

const INSTALLS: Readonly<Record<string, RegExp>> = {
  apt: /^install$/,
  'apt-get': /^install$/,
  aptitude: /^install$/,
  apk: /^add$/,
  yum: /^(?:install|groupinstall)$/,
  dnf: /^(?:install|groupinstall)$/,
  microdnf: /^install$/,
  tdnf: /^install$/,
  zypper: /^(?:install|in)$/,
};

const TOOLS =
  /^(?:gcc(?:-[\d.]+)?|g\+\+(?:-[\d.]+)?|gcc-c\+\+|clang(?:-\d+)?|llvm(?:-\d+)?|make|cmake|meson|ninja(?:-build)?|autoconf|automake|libtool|bison|flex|nasm|pkg-?config|pkgconf|build-essential|build-base|alpine-sdk|base-devel|binutils|golang(?:-[\w.]+)?|go|rustc?|cargo|maven|gradle|(?:default|openjdk-\d+)-jdk(?:-headless)?|openjdk\d+(?:-jdk)?|dotnet-sdk[\w.-]*|linux-headers[\w.-]*|musl-dev|gdb|strace|@development[ -]tools|Development Tools|.*-(?:dev|devel))$/;

/** Build images. */
const BUILDERS =
  /^(?:golang|rust|gcc|maven|gradle|sbt|haskell|swift|buildpack-deps|silkeh\/clang|mcr\.microsoft\.com\/dotnet(?:\/core)?\/sdk|mcr\.microsoft\.com\/devcontainers\/.*|docker)$/;
const BUILDER_TAG = /(?:^|-)(?:devel|sdk|jdk|builder|build)(?:-|$)/;

/** Compilers and headers in the final stage, unless the RUN that installs them also removes them. */
export const buildTools: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  const [first] = subject.lineage;
  if (first) {
    const { name, tag = '' } = baseReference(first.from.text);
    if (BUILDERS.test(shortName(name)) || BUILDER_TAG.test(tag)) {
      remarks.push({
        rule: 'build-tools-in-image',
        line: first.instruction.startLine,
        message: `The image is built on ${clipped(first.from.text)}, which is a build image.`,
        fix: 'Name this stage AS build, and add a last stage FROM a runtime base image.',
      });
    }
  }
  for (const stage of subject.lineage) {
    for (const instruction of stage.instructions) remarks.push(...toolsIn(instruction));
  }
  return remarks;
};

function toolsIn(instruction: Instruction): Remark[] {
  const commands = commandsIn(instruction);
  const removed = commands.filter(({ command, program }) => {
    const verb = command.words.slice(1).find(({ text }) => !text.startsWith('-'))?.text ?? '';
    return Object.hasOwn(INSTALLS, program) && /^(?:purge|remove|del|erase|autoremove|rm)$/.test(verb);
  });
  const gone = new Set(removed.flatMap(({ command }) => command.words.map(({ text }) => text)));
  return commands.flatMap((one): Remark[] => {
    const words = one.command.words.slice(1).map(({ text }) => text);
    const at = words.findIndex((word) => !word.startsWith('-'));
    const verb = Object.hasOwn(INSTALLS, one.program) ? INSTALLS[one.program] : undefined;
    if (!verb?.test(words[at] ?? '')) return [];
    // apk add --virtual .build-deps …: one name for several packages.
    const virtual = words[words.findIndex((word) => word === '--virtual' || word === '-t') + 1] ?? '';
    if (gone.has(virtual) && virtual !== '') return [];
    const tools = words.slice(at + 1).filter((word) => TOOLS.test(word.replace(/[=:<>~].*/s, '')) && !gone.has(word));
    if (tools.length === 0) return [];
    const message = `${one.program} installs ${clipped(tools.join(', '), 120)} in the final stage.`;
    return [{ rule: 'build-tools-in-image', line: one.line, message }];
  });
}

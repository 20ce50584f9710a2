import type { Flag } from './flags/flags.ts';
import { usageError } from './usage.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** A command with its flags, for completion. */
export interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

/** The script that completes commands and flags in a shell. It starts no program. */
export function completionScript(shell: string, commands: readonly Completed[]): string {
  const known = SHELLS.find((one) => one === shell);
  if (known) return SCRIPTS[known](commands);
  throw usageError(`completion: got ${JSON.stringify(shell)}.`, 'Write bash, zsh or fish.');
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Completed[]) => string>> = {
  bash: bashScript,
  zsh: (commands) => `#compdef tidegate\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
  fish: fishScript,
};

/** The second words of commands, by the first: `show` and `test` of `policy`. */
function secondWords(commands: readonly Completed[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), second]);
  }
  return found;
}

function firstWords(commands: readonly Completed[]): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
}

function bashScript(commands: readonly Completed[]): string {
  const seconds = [...secondWords(commands)]
    .map(([first, words]) => `    ${first}) second="${words.join(' ')}"; command="$command \${COMP_WORDS[2]}" ;;`)
    .join('\n');
  const flags = commands
    .map(({ name, flags }) => `    "${name}") words="${flags.map((flag) => `--${flag.name}`).join(' ')}" ;;`)
    .join('\n');
  // The same flag may take other values in another command.
  const byValues = new Map<string, string[]>();
  for (const { name, flags } of commands) {
    for (const { name: flag, choices } of flags) {
      if (choices) byValues.set(choices.join(' '), [...(byValues.get(choices.join(' ')) ?? []), `"${name} --${flag}"`]);
    }
  }
  const values = [...byValues].map(([words, of]) => `    ${of.join(' | ')}) words="${words}" ;;`).join('\n');
  return `# tidegate completion
_tidegate() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  local command="\${COMP_WORDS[1]}" second=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(commands).join(' ')}" -- "$cur"))
    return
  fi
  case "$command" in
${seconds}
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$second" ]; then
    COMPREPLY=($(compgen -W "$second" -- "$cur"))
    return
  fi
  case "$prev" in
    --*-file | --file | --report-dir | --layout) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  case "$command $prev" in
${values}
  esac
  if [ -z "$words" ]; then
    case "$command" in
${flags.replaceAll(/^ {4}/gm, '      ')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _tidegate tidegate
`;
}

function fishScript(commands: readonly Completed[]): string {
  const lines = ['# tidegate completion', 'complete -c tidegate -f'];
  for (const first of firstWords(commands)) {
    const summary = commands.find(({ name }) => name.split(' ')[0] === first)?.summary ?? '';
    lines.push(`complete -c tidegate -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`);
  }
  const seconds = secondWords(commands);
  for (const [first, words] of seconds) {
    const none = `not __fish_seen_subcommand_from ${words.join(' ')}`;
    lines.push(
      `complete -c tidegate -n '__fish_seen_subcommand_from ${first}; and ${none}' -a ${quoted(words.join(' '))}`,
    );
  }
  for (const { name, flags } of commands) {
    const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    // `test` is also the second word of `policy test`.
    for (const [first, words] of seconds) {
      if (words.includes(name)) seen.push(`not __fish_seen_subcommand_from ${first}`);
    }
    for (const flag of flags) {
      const value = flag.choices ? ` -x -a ${quoted(flag.choices.join(' '))}` : flag.value === undefined ? '' : ' -r';
      lines.push(`complete -c tidegate -n '${seen.join('; and ')}' -l ${flag.name}${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

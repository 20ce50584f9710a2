import type { Command, Word } from '../shell/commands.ts';
import { afterOptions, programOf } from '../shell/unwrapped.ts';

/** A call of a container engine: `docker --context x image save y` is docker, `image save`, [y]. */
export interface EngineCall {
  readonly engine: EngineName;
  /** `commit`, `image load`, `compose exec`: the words that name what is done. */
  readonly verb: string;
  readonly operands: readonly Word[];
  /** Global options, before the verb. */
  readonly options: readonly Word[];
  readonly command: Command;
}

export type EngineName = 'docker' | 'podman' | 'nerdctl' | 'buildah' | 'ctr' | 'docker-compose' | 'podman-compose';

const ENGINES = new Set<string>(['docker', 'podman', 'nerdctl', 'buildah', 'ctr', 'docker-compose', 'podman-compose']);
/** Programs that bring an engine of their own. */
const CARRIERS = new Set(['k3s', 'k0s', 'lima', 'finch']);

/** Global options that take the next word: of docker, podman, nerdctl, ctr and compose together. */
const VALUED = new RegExp(
  `^(?:-[HDlnacpf]|--(?:${[
    ...['config', 'context', 'host', 'log-level', 'tlscacert', 'tlscert', 'tlskey'],
    ...[
      'connection',
      'url',
      'identity',
      'root',
      'runroot',
      'tmpdir',
      'storage-driver',
      'storage-opt',
      'cgroup-manager',
    ],
    ...['namespace', 'address', 'snapshotter', 'data-root', 'cni-path', 'cni-netconfpath', 'hosts-dir'],
    ...['file', 'project-name', 'project-directory', 'profile', 'env-file', 'ansi', 'progress', 'parallel'],
  ].join('|')}))$`,
);
/** `-D` of docker and `-a` of nobody else than ctr stand alone. */
const ALONE: Readonly<Partial<Record<EngineName, RegExp>>> = { docker: /^-D$/, 'docker-compose': /^-D$/ };

/** Words that only say what kind of thing the verb after them is for. */
const NOUNS = new Set([
  'container',
  'image',
  'images',
  'i',
  'compose',
  'task',
  'tasks',
  't',
  'snapshot',
  'snapshots',
  'system',
]);
const SHORT: Readonly<Record<string, string>> = {
  i: 'image',
  images: 'image',
  t: 'task',
  tasks: 'task',
  snapshots: 'snapshot',
};

/** `$DOCKER`, `${DOCKER:-docker}`, `${{ env.ENGINE }}`, `{{docker}}`: a variable whose name says that it holds an engine. */
const VARIABLE =
  /^(?:\$\{\{[^}]*\b|\$\{?|\{\{\s*)(?:\w+\.)*\w*?(docker[_-]?compose|docker|podman|nerdctl|buildah|container[_-]?(?:engine|cli|runtime|tool|cmd|bin)|oci[_-]?(?:engine|cli|runtime|bin)|engine)\w*(?::?[-=?][^}]*|[^}]*)\}{0,2}$/i;

export function engineCallOf(command: Command): EngineCall | undefined {
  let words = command.words;
  if (CARRIERS.has(programOf(words[0]?.text ?? ''))) words = words.slice(1);
  const [first, ...after] = words;
  const engine = first && engineOf(first.text);
  if (!engine) return undefined;
  const alone = ALONE[engine];
  const skip = (list: readonly Word[]) => {
    let at = 0;
    for (let text = list[0]?.text; text?.startsWith('-'); text = list[at]?.text) {
      at += VALUED.test(text) && !alone?.test(text) ? 2 : 1;
    }
    return list.slice(at);
  };
  let rest = skip(after);
  const verb: string[] = engine.endsWith('-compose') ? ['compose'] : [];
  while (rest[0] && NOUNS.has(rest[0].text) && verb.length < 2) {
    verb.push(SHORT[rest[0].text] ?? rest[0].text);
    rest = skip(rest.slice(1));
  }
  const [last, ...operands] = rest;
  if (!last) return undefined;
  const options = after.slice(0, after.indexOf(last));
  return { engine, verb: [...verb, last.text].join(' '), operands, options, command };
}

function engineOf(word: string): EngineName | undefined {
  const program = programOf(word);
  if (ENGINES.has(program)) return program as EngineName;
  const [, named = ''] = word.length < 200 ? (VARIABLE.exec(word) ?? []) : [];
  const name = named.toLowerCase().replace('_', '-');
  if (name === '') return undefined;
  return ENGINES.has(name) ? (name as EngineName) : name === 'dockercompose' ? 'docker-compose' : 'docker';
}

/** Options of `exec` that take the next word. */
const EXEC_VALUED = /^-[euw]$|^--(?:env|env-file|user|workdir|detach-keys|index|preserve-fds|cwd|exec-id)$/;

/** What `exec` runs inside the container: its words, container left out. */
export function executedBy(call: EngineCall): readonly Word[] {
  const words = afterOptions(call.operands, EXEC_VALUED).slice(1);
  return words[0]?.text === '--' ? words.slice(1) : words;
}

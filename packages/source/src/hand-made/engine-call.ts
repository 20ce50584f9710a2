import type { Command, Word } from '../shell/commands.ts';
import { afterOptions, programOf } from '../shell/wrappers.ts';

/** A call of a container engine: `docker --context x image save y` is docker, `image save`, [y]. */
export interface EngineCall {
  readonly engine: EngineName;
  /** `commit`, `image load`, `compose exec`: the verb. */
  readonly verb: string;
  readonly operands: readonly Word[];
  /** Global options, before the verb. */
  readonly options: readonly Word[];
  readonly command: Command;
}

type EngineName = 'docker' | 'podman' | 'nerdctl' | 'buildah' | 'ctr' | 'docker-compose' | 'podman-compose';

const ENGINES = new Set<string>(['docker', 'podman', 'nerdctl', 'buildah', 'ctr', 'docker-compose', 'podman-compose']);
const OTHER_NAMES: Readonly<Record<string, EngineName>> = {
  'podman-remote': 'podman',
  finch: 'nerdctl',
  // Debian's name for it.
  'docker.io': 'docker',
};
/** Programs with their own engine. */
const CARRIERS = new Set(['k3s', 'k0s', 'microk8s', 'lima', 'colima']);

/** Global options that take the next word: of docker, podman, nerdctl, ctr and compose together. */
const VALUED = new RegExp(
  `^(?:-[HDlnacpf]|-D[Hlc]|--(?:${[
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
/** Options that take no value with this engine: `-D` of docker. (`-a` exists only for ctr, where it has one.) */
const ALONE: Readonly<Partial<Record<EngineName, RegExp>>> = { docker: /^-D$/, 'docker-compose': /^-D$/ };

/** Verbs that are judged. */
const DECIDES = /^(?:commit|import|export|save|load|exec|cp|container|image|compose)$/;

/** Words that only name the object type of the verb after them. */
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

/** `$DOCKER`, `${DOCKER:-docker}`, `${{ env.ENGINE }}`, `{{docker}}`: a variable with an unknown value. */
function variableIn(text: string): string | undefined {
  const [opening] = /^(?:\$\{\{|\{\{|\$\{?)\s*/.exec(text) ?? [];
  const inner = text.slice(opening?.length, text.endsWith('}}') ? -2 : text.endsWith('}') ? -1 : undefined);
  if (opening === undefined || /[{}]/.test(inner)) return undefined;
  const [path = ''] = /^(?:[\w-]+\.)*[\w-]*/.exec(inner) ?? [];
  const isWhole = /^\s*(?::?[-=?]|$)/.test(inner.slice(path.length));
  // `-` may be part of a name or begin a default: the longest name is used.
  for (let end = isWhole ? path.length : path.lastIndexOf('-'); end > 0; end = path.lastIndexOf('-', end - 1)) {
    const name = path.slice(path.lastIndexOf('.', end - 1) + 1, end);
    if (/^[A-Za-z_]/.test(name)) return name;
  }
  return undefined;
}

/** Words in the name of a variable that contains an engine: `CONTAINER_ENGINE`, `dockerCmd`. */
const ENGINE_WORDS: Readonly<Record<string, EngineName>> = {
  docker: 'docker',
  podman: 'podman',
  nerdctl: 'nerdctl',
  buildah: 'buildah',
  ctr: 'ctr',
  compose: 'docker-compose',
  dockercompose: 'docker-compose',
  engine: 'docker',
};
const TOOL_WORDS = new Set([
  ...['bin', 'binary', 'cmd', 'command', 'cli', 'client', 'exe', 'exec', 'executable', 'path', 'prog', 'program'],
  ...['runtime', 'tool', 'engine', 'sudo', 'my', 'the', 'local', 'remote', 'default', 'base', 'call'],
]);
const KINDS = new Set(['container', 'containers', 'oci', 'cri']);
/** `DOCKER_IMAGE` and `SEARCH_ENGINE` contain no engine: every word of the name must indicate one. */
function engineNamed(name: string): EngineName | undefined {
  const words = name
    .slice(0, 60)
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_-]+/)
    .filter((word) => word !== '');
  const left = words.filter((word) => !TOOL_WORDS.has(word));
  if (left.length > 0 && left.every((word) => KINDS.has(word)))
    return words.length > left.length ? 'docker' : undefined;
  const isEngine = left.every((word) => Object.hasOwn(ENGINE_WORDS, word) || KINDS.has(word));
  if (!isEngine) return undefined;
  const named = left.map((word) => ENGINE_WORDS[word]).filter((one) => one !== undefined);
  if (named.includes('docker-compose')) return 'docker-compose';
  return named[0] ?? (words.includes('engine') ? 'docker' : undefined);
}

export function engineCallOf(command: Command): EngineCall | undefined {
  let words = command.words;
  if (CARRIERS.has(programOf(words[0]?.text ?? ''))) words = words.slice(1);
  const [first, ...after] = words;
  const engine = first && engineOf(first);
  if (!engine) return undefined;
  const alone = ALONE[engine];
  const skip = (list: readonly Word[]) => {
    let at = 0;
    for (let text = list[0]?.text; text !== undefined; text = list[at]?.text) {
      if (text.startsWith('-')) at += VALUED.test(text) && !alone?.test(text) ? 2 : 1;
      // Options in a variable: `docker $OPTIONS commit`.
      else if (/^(?:\$|\{\{)/.test(text) && DECIDES.test(list[at + 1]?.text ?? '')) at += 1;
      else break;
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
  const named = 'bare' in last && typeof last.bare === 'string' ? last.bare : last.text;
  return { engine, verb: [...verb, named].join(' '), operands, options, command };
}

function engineOf(word: Word): EngineName | undefined {
  const text = 'bare' in word && typeof word.bare === 'string' ? word.bare : word.text;
  const program = programOf(text);
  if (ENGINES.has(program)) return program as EngineName;
  if (Object.hasOwn(OTHER_NAMES, program)) return OTHER_NAMES[program];
  const name = (word.text.length < 200 ? variableIn(word.text) : undefined) ?? '';
  return name === '' ? undefined : engineNamed(name);
}

/** Options of `exec` that take the next word. */
const EXEC_VALUED = /^-[euw]$|^--(?:env|env-file|user|workdir|detach-keys|index|preserve-fds|cwd|exec-id)$/;

/** The command that `exec` runs inside the container, without the container's name. */
export function executedBy(call: EngineCall): readonly Word[] {
  const words = afterOptions(call.operands, EXEC_VALUED).slice(1);
  return words[0]?.text === '--' ? words.slice(1) : words;
}

/** Calls of an engine's client libraries: docker-py, dockerode, docker-java, the engine's Go client. */
import type { Language, Token } from './program-tokens.ts';

/** Marks of a file that uses one of them. */
const USES =
  /\bimport docker\b|\bfrom docker\b|\bdocker\.(?:from_env|DockerClient|APIClient)|dockerode|docker\/docker|moby\/moby|podman-py|\bDockerClient|dockerjava|docker-api|\bpython_on_whales|\bContainerCommit\(|\bclient\.commitCmd\(/;

interface Call {
  readonly name: RegExp;
  /** The object of the call; absent if the name is specific enough. */
  readonly on?: Pick<RegExp, 'test'>;
  readonly argv: readonly string[];
}

const CONTAINER = /(?:^|\.|\b)(?:\w*[cC]ontainer|ctr|cont|api)$/;
const CLIENT = {
  test(receiver: string): boolean {
    const name = receiver.slice(receiver.lastIndexOf('.') + 1).toLowerCase();
    if (['cli', 'api', 'engine', 'images'].includes(name)) return true;
    return /^\w+$/.test(name) && (name.includes('docker') || name.endsWith('client'));
  },
};
const CALLS: readonly Call[] = [
  { name: /^(?:ContainerCommit|commitCmd|commit_container)$/, argv: ['docker', 'commit', '_'] },
  { name: /^commit$/, on: CONTAINER, argv: ['docker', 'commit', '_'] },
  { name: /^(?:import_image(?:_from_\w+)?|ImageImport|importImage|createImageCmd)$/, argv: ['docker', 'import', '_'] },
  {
    name: /^(?:ContainerExport|export)$/,
    on: /(?:^|\.)(?:\w*[cC]ontainer|ctr|cli|client)$/,
    argv: ['docker', 'export', '_'],
  },
  { name: /^(?:ImageLoad|loadImageCmd|load_image)$/, argv: ['docker', 'load'] },
  { name: /^(?:loadImage|load)$/, on: CLIENT, argv: ['docker', 'load'] },
  { name: /^(?:ImageSave|saveImageCmd)$/, argv: ['docker', 'save', '_'] },
  {
    name: /^(?:put_archive|putArchive|CopyToContainer|copyArchiveToContainerCmd)$/,
    argv: ['docker', 'cp', '_', '_:/_'],
  },
];

export interface ClientCall {
  readonly argv: readonly string[];
  /** Its argument is a command that runs in a container. */
  readonly executes?: true;
}

export function usesClient(text: string, language: Language): boolean {
  return language !== 'ruby' && USES.test(text);
}

/** @param at of a name that is followed by `(` */
export function clientCallAt(tokens: readonly Token[], at: number): ClientCall | undefined {
  // A definition in a library.
  if (/^(?:def|func|function|fn|public|void|async)$/.test(tokens[at - 1]?.text ?? '')) return undefined;
  const parts = (tokens[at]?.text ?? '').split('.');
  const name = parts.at(-1) ?? '';
  if (name === 'exec_run') return { argv: ['docker', 'exec', '_'], executes: true };
  // `load` on any other object is unrelated.
  if (name === 'load' && parts.at(-2) !== 'images') return undefined;
  const on = parts.length > 1 ? parts.slice(0, -1).join('.') : madeBy(tokens, at - 1);
  const found = CALLS.find((call) => call.name.test(name) && (!call.on || call.on.test(on)));
  return found && { argv: found.argv };
}

/** `client.containers.get('web').commit()`: the call before the dot is a container's. */
function madeBy(tokens: readonly Token[], dot: number): string {
  if (tokens[dot]?.text !== '.' || tokens[dot - 1]?.text !== ')') return '';
  let depth = 0;
  for (let at = dot - 1; at >= Math.max(0, dot - 40); at -= 1) {
    const { text, kind } = tokens[at] as Token;
    if (kind !== 'mark') continue;
    if (text === ')') depth += 1;
    else if (text === '(') {
      depth -= 1;
      if (depth === 0) return /ontainers?(?:\.\w+)?$/.test(tokens[at - 1]?.text ?? '') ? 'container' : '';
    }
  }
  return '';
}

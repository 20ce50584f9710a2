/** The effect of a command inside a container: the command that it runs, or the files that it copies there. */
import type { Command, Word } from '../shell/commands.ts';
import { afterOptions, programOf, SHELLS } from '../shell/wrappers.ts';
import { engineCallOf, executedBy } from './engine-call.ts';

export interface Inside {
  /** Name of the command in findings: `docker exec`. */
  readonly shown: string;
  readonly words: readonly Word[];
  readonly input?: Command['input'];
  /** The files that it copies there, for a sentence. */
  readonly copied?: string;
  /** The container was already running, and was not created for this command. */
  readonly isContainer: boolean;
}

const EXECUTES = new Set(['exec', 'container exec', 'compose exec', 'task exec']);
const COPIES = new Set(['cp', 'container cp', 'compose cp']);
const STARTS = new Set(['run', 'container run', 'compose run']);
/** Folders that do not belong to the program. */
const SCRATCH = /^\/?(?:tmp|var\/(?:tmp|run|lock)|run|dev|proc|sys)(?:\/|$)/;

export function insideOf(command: Command): Inside | undefined {
  const call = engineCallOf(command);
  if (!call) return insideCluster(command);
  const { engine, verb, operands } = call;
  const shown = engine.endsWith('-compose') ? verb.replace('compose', engine) : `${engine} ${verb}`;
  const { input } = command;
  const given = input ? { input } : {};
  if (EXECUTES.has(verb) || (engine === 'buildah' && verb === 'run')) {
    return { shown, words: executedBy(call), ...given, isContainer: true };
  }
  if (COPIES.has(verb)) return copiedInto(shown, operands);
  if (STARTS.has(verb)) return startedWithSocket(shown, operands, given);
  return undefined;
}

const COPY_VALUED = /^--(?:index)$/;

function copiedInto(shown: string, operands: readonly Word[]): Inside | undefined {
  const paths = operands.filter(
    ({ text }, at) => (text === '-' || !text.startsWith('-')) && !COPY_VALUED.test(operands[at - 1]?.text ?? ''),
  );
  const [from, to] = paths.slice(-2);
  if (paths.length < 2 || !from || !to) return undefined;
  const path = inContainer(to.text);
  if (path === undefined || SCRATCH.test(path) || inContainer(from.text) !== undefined) return undefined;
  return { shown, words: [], copied: `writes to ${path}`, isContainer: true };
}

/** The path after `container:`; `C:\` is a drive, and `$(…)` and `${…}` may contain colons. */
function inContainer(text: string): string | undefined {
  const bare = withoutExpansions(text);
  const colon = bare.indexOf(':');
  if (colon < 1 || /^[A-Za-z]:[\\/]/.test(bare) || /^[./]/.test(bare)) return undefined;
  return bare.slice(colon + 1);
}

/** Replaces each complete `${{…}}`, `${…}` and `$(…)` by `$_`. */
function withoutExpansions(text: string): string {
  const last = { '{': text.lastIndexOf('}'), '(': text.lastIndexOf(')') };
  let made = '';
  let from = 0;
  for (const { index } of text.matchAll(/\$[{(]/g)) {
    const opening = text[index + 1] === '(' ? '(' : '{';
    if (index < from || index > last[opening]) continue;
    const end = text.indexOf(opening === '(' ? ')' : '}', index);
    made += `${text.slice(from, index)}$_`;
    from = text.startsWith('${{', index) && text[end + 1] === '}' ? end + 2 : end + 1;
  }
  return made + text.slice(from);
}

/** A container with the engine's socket mounted works on its host. */
function startedWithSocket(
  shown: string,
  operands: readonly Word[],
  given: { readonly input?: Command['input'] },
): Inside | undefined {
  const isGiven = operands.some(({ text }) =>
    /\b(?:docker|podman|containerd)\.sock\b|^DOCKER_HOST=|^--privileged$/.test(text),
  );
  if (!isGiven) return undefined;
  const image = operands.findIndex(({ text }) => isEngineImage(text) && !text.includes('.sock'));
  const runs = operands.findIndex(({ text }, at) => at > 0 && isProgram(text) && at !== image);
  const words = operands.slice(runs >= 0 ? runs : image + 1);
  if (runs < 0 && image < 0) return undefined;
  const isBare = words[0] && !isProgram(words[0].text);
  const name = /(docker|podman|buildah|nerdctl)/.exec(operands[image]?.text ?? '')?.[1] ?? 'docker';
  const offset = operands[0]?.offset ?? 0;
  return { shown, words: isBare ? [{ text: name, offset }, ...words] : words, ...given, isContainer: false };
}

/** `docker:dind`, `registry.example/docker/cli`. */
function isEngineImage(text: string): boolean {
  const names = text.split('/');
  const last = names.findLastIndex((name) => /^(?:docker|podman|buildah|nerdctl)(?:[:@]|$)/.test(name));
  return last >= 0 && !text.includes('=') && names.slice(last).every((name) => /^[\w.:@-]*$/.test(name));
}

function isProgram(text: string): boolean {
  const name = programOf(text);
  return SHELLS.has(name) || (/^(?:docker|podman|buildah|nerdctl|ctr|env|timeout)$/.test(name) && !text.includes(':'));
}

const CLUSTER_VALUED =
  /^-[ncflspv]$|^--(?:namespace|container|context|cluster|kubeconfig|filename|server|token|user|as|request-timeout|pod-running-timeout)$/;

/** `nsenter -t $(docker inspect -f '{{.State.Pid}}' web)` */
function inspects(text: string): boolean {
  const words = text.split(/\s+/);
  return words.some((word, at) => {
    const verb = words[words[at + 1] === 'container' ? at + 2 : at + 1] ?? '';
    return /(?:docker|podman|nerdctl)$/.test(word) && /^inspect\b/.test(verb);
  });
}

/** kubectl and oc: `exec POD -- …`, `rsh POD …`, `cp`, `rsync`. */
function insideCluster({ words, input }: Command): Inside | undefined {
  const [first, ...rest] = words;
  const program = programOf(first?.text ?? '');
  if (program === 'nsenter' && rest.some(({ text }) => inspects(text))) {
    return { shown: 'nsenter', words: afterOptions(rest, /^-[tSG]$|^--(?:target|setuid|setgid)$/), isContainer: true };
  }
  if (!/^(?:kubectl|oc|k3s|microk8s\.kubectl|kubecolor)$/.test(program)) return undefined;
  const list = rest[0]?.text === 'kubectl' ? rest.slice(1) : rest;
  const [verb, ...after] = afterOptions(list, CLUSTER_VALUED);
  const shown = `${program} ${verb?.text ?? ''}`;
  const given = input ? { input } : {};
  if (verb?.text === 'exec' || verb?.text === 'rsh') {
    const dashes = after.findIndex(({ text }) => text === '--');
    const operands = afterOptions(after, CLUSTER_VALUED);
    const inside = dashes >= 0 ? after.slice(dashes + 1) : operands.slice(1);
    return { shown, words: inside, ...given, isContainer: true };
  }
  if (verb?.text === 'cp' || verb?.text === 'rsync') {
    const operands = after.filter(
      ({ text }, at) => !text.startsWith('-') && !CLUSTER_VALUED.test(after[at - 1]?.text ?? ''),
    );
    return copiedInto(shown, operands);
  }
  return undefined;
}

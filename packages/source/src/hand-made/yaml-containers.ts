/** Steps of a workflow that run a command without a script: containers, and shells that are templates. */
import { isScalar, type Pair, type YAMLMap } from 'yaml';
import type { Commands } from './places.ts';
import { type Context, settingOf } from './yaml-context.ts';

type LineOf = (node: unknown) => number;

/** Images whose entrypoint runs the engine's own client: `args: commit box`. */
const ENGINE_IMAGE = /^docker:\/\/(?:[\w.-]{1,100}\/){0,9}(docker|nerdctl)(?::[\w.-]{1,128})?$/;

const MOST_WORDS = 200;

/** @param given `with` of a step that runs a container: that of an image, or of an action with an image */
export function containerPlaces(uses: string, given: YAMLMap, context: Context, lineOf: LineOf): Commands[] {
  const entrypoint = given.get('entrypoint');
  const args = given.get('args', true);
  if (!isScalar(args)) return [];
  const line = lineOf(args);
  if (!uses.startsWith('docker://')) {
    if (typeof entrypoint !== 'string') return [];
    const words = `${entrypoint} ${String(args.value)}`.split(/\s+/).slice(0, MOST_WORDS);
    return [{ kind: 'arguments', args: words, line }];
  }
  const program = typeof entrypoint === 'string' ? entrypoint : ENGINE_IMAGE.exec(uses)?.[1];
  if (!program) return [];
  // The runner splits the arguments as a shell does.
  return [{ kind: 'script', text: `${program} ${args.value}`, lineAt: () => line, setting: settingOf(context) }];
}

/** Inputs that may be scripts: arguments of an entrypoint are not. */
export function scriptsGiven(uses: string, given: YAMLMap): readonly Pair[] {
  if (!uses.startsWith('docker://') || !given.has('entrypoint')) return given.items;
  return given.items.filter(({ key }) => !isScalar(key) || key.value !== 'args');
}

/** `shell: bash -c "…; . {0}"`: the commands that run before the script of the step. */
export function shellPlaces(shell: unknown, context: Context, lineOf: LineOf): Commands[] {
  if (!isScalar(shell) || typeof shell.value !== 'string' || !shell.value.includes(' ')) return [];
  const line = lineOf(shell);
  return [{ kind: 'script', text: shell.value, lineAt: () => line, setting: settingOf(context) }];
}

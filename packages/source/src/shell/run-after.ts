/**
 * Programs that run others after a verb of their own or after `--`: `direnv exec . docker …` and `op run -- docker …`.
 */
import type { Word } from './syntax.ts';
import { afterOptions } from './wrappers.ts';

interface Runner {
  readonly verb: RegExp;
  /** Number of its own words between the verb and the command. */
  readonly operands?: number;
}

const RUNNERS: Readonly<Record<string, Runner>> = {
  direnv: { verb: /^exec$/, operands: 1 },
  lxc: { verb: /^exec$/, operands: 1 },
  incus: { verb: /^exec$/, operands: 1 },
  multipass: { verb: /^exec$/, operands: 1 },
  limactl: { verb: /^shell$/, operands: 1 },
  colima: { verb: /^ssh$/ },
  npm: { verb: /^(?:exec|x)$/ },
  pnpm: { verb: /^(?:exec|dlx)$/ },
  yarn: { verb: /^(?:exec|dlx)$/ },
  bundle: { verb: /^exec$/ },
  poetry: { verb: /^run$/ },
  pipenv: { verb: /^run$/ },
  uv: { verb: /^run$/ },
  mise: { verb: /^(?:exec|x)$/ },
  asdf: { verb: /^exec$/ },
  rbenv: { verb: /^exec$/ },
};
/** For these programs, the text after `--` is an argument of a program of the project, or runs in a container. */
const OTHERS = /^(?:docker|podman|nerdctl|kubectl|oc|buildah|ctr|cargo|go|make|npm)/;

/** @returns undefined for a program that is not known to run others */
export function behindVerb(name: string, rest: readonly Word[]): readonly Word[] | undefined {
  const runner = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined;
  const verb = runner?.verb ?? /^(?:exec|run|shell|exec-env)$/;
  const at = rest.findIndex(({ text }) => verb.test(text));
  if (at < 0) return undefined;
  const after = rest.slice(at + 1);
  if (!runner) {
    const dashes = OTHERS.test(name) ? -1 : after.findIndex(({ text }) => text === '--');
    return dashes < 0 ? undefined : after.slice(dashes + 1);
  }
  const left = afterOptions(after).slice(runner.operands ?? 0);
  return left[0]?.text === '--' ? left.slice(1) : left;
}

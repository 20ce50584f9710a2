import { nearest } from '@tidegate/core';
import type { Cause } from './facts.ts';

export const targetMissing: Cause = ({ reason, dockerfile }) => {
  const [, target] = /^target stage "([^"]+)" could not be found/.exec(reason) ?? [];
  if (target === undefined) return undefined;
  const names = dockerfile?.stages.flatMap((stage) => stage.name ?? []) ?? [];
  const like = nearest(target, names);
  const all = names.length === 0 ? '' : `: it has ${names.slice(0, 20).join(', ')}`;
  return {
    id: 'build-target',
    message: `there is no stage ${target}${all}.`,
    next: like ? `Set the input target to ${like}.` : 'Set the input target to one of its stages, or leave it empty.',
  };
};

export const syntaxError: Cause = ({ reason }) => {
  const [, text] = /^dockerfile parse error on line \d+: (.*)$/s.exec(reason) ?? [];
  const [, word] = /^unknown (?:instruction|flag): ([^ ]+)/.exec(text ?? '') ?? [];
  const [, like] = / \(did you mean ([^ ()]+)\?\)$/.exec(text ?? '') ?? [];
  if (word !== undefined && like !== undefined) {
    const isFlag = word?.startsWith('--') === true;
    return {
      id: 'dockerfile-syntax',
      message: `unknown ${isFlag ? 'flag' : 'instruction'} ${word}.`,
      next: `Write ${isFlag ? '--' : ''}${like}.`,
    };
  }
  const known = (text ?? SYNTAX.find((one) => one.test(reason))) ? (text ?? reason) : undefined;
  if (known === undefined) return undefined;
  return {
    id: 'dockerfile-syntax',
    message: `${known.replace(/\s+/g, ' ').replace(/\.$/, '')}.`,
    next: 'Fix the syntax: https://docs.docker.com/reference/dockerfile/.',
  };
};

/** Errors of BuildKit's parser that do not begin with `dockerfile parse error`. */
const SYNTAX: readonly RegExp[] = [
  /^unterminated heredoc$/,
  /^no build stage in current context$/,
  /^the Dockerfile cannot be empty$/,
  /^file with no instructions$/,
  /^invalid containerPort: /,
  /^failed to parse stage name /,
  /^circular dependency/,
  /^failed to process "/,
];

export const blankBase: Cause = ({ reason }) => {
  const [, base] = /^base name \(([^)]*)\) should not be blank/.exec(reason) ?? [];
  if (base === undefined) return undefined;
  const name = /\$\{?(\w+)/.exec(base)?.[1];
  return {
    id: 'dockerfile-syntax',
    message: `${base} is empty.`,
    next: name
      ? `Give ARG ${name} a default before the first FROM, or set it in the input build-args.`
      : 'Name a base image.',
  };
};

/**
 * The privilege that BuildKit did not grant. The whole reason is BuildKit's then: a command, or the text of a registry,
 * may have the same words.
 */
export function deniedPrivilege(reason: string): string | undefined {
  return /^(?:failed to load LLB: |rpc error: code = \w+ desc = |granting entitlement |entitlement )*(security\.insecure|network\.host|device) is not allowed/.exec(
    reason,
  )?.[1];
}

export const notAllowed: Cause = ({ reason }) => {
  const entitlement = deniedPrivilege(reason);
  if (entitlement === undefined) return undefined;
  return entitlement === 'network.host'
    ? {
        id: 'build-privilege',
        message: 'RUN --network=host is not allowed.',
        next: 'Set the input `network: host`, or remove the flag.',
      }
    : {
        id: 'build-privilege',
        message: `${entitlement} is not allowed: the input allow does not list it, or the builder does not grant it.`,
        next: `Remove the flag from RUN, or add ${entitlement} to the input allow and to build.entitlements in the policy.`,
      };
};

/** Reading a cache never fails a build; writing one does. */
export const cacheNotWritten: Cause = ({ reason, step }) => {
  if (!step?.name.startsWith('exporting cache')) return undefined;
  const where = step.name.replace(/^exporting cache (?:to )?/, '');
  return {
    id: 'build-cache-export',
    message: `the cache could not be written (${where}): ${reason.replace(/\s+/g, ' ')}.`,
    next: 'Check the input cache-to and its credentials, or add `ignore-error=true` to it. The image itself was built.',
  };
};

import { isIP } from 'node:net';
import { badInput } from '@tidegate/core';
import { type BuildOptions, unknownStages } from '@tidegate/pipeline';

interface StepInputs {
  readonly 'no-cache': boolean;
  readonly 'no-cache-filters': readonly string[];
  readonly 'add-hosts': readonly string[];
  readonly 'cgroup-parent': string;
}

/**
 * Options of single stages and of RUN steps, checked: BuildKit ignores the name of a stage that does not exist, and runc
 * reports a cgroup that is not a path only when the first step runs.
 * @param dockerfile its text, if it is a file of this machine
 */
export function stepOptions(
  inputs: StepInputs,
  dockerfile: string | undefined,
): Pick<BuildOptions, 'noCacheFilters' | 'addHosts' | 'cgroupParent'> {
  const { 'no-cache-filters': noCacheFilters, 'add-hosts': addHosts, 'cgroup-parent': cgroupParent } = inputs;
  if (inputs['no-cache'] && noCacheFilters.length > 0) {
    throw badInput(
      'input-conflict',
      'no-cache-filters',
      noCacheFilters.join(', '),
      'no list of stages together with no-cache: true, which is for all of them',
      'Remove one of the two inputs.',
    );
  }
  const [unknown] = dockerfile === undefined ? [] : unknownStages(dockerfile, noCacheFilters);
  if (unknown !== undefined) {
    throw badInput(
      'input-value-not-allowed',
      'no-cache-filters',
      unknown,
      'names of stages in the Dockerfile',
      'Write the name after AS in its FROM; a stage without a name cannot be listed.',
    );
  }
  for (const line of addHosts) assertHost(line);
  if (cgroupParent !== '' && !isCgroup(cgroupParent)) {
    throw badInput(
      'input-format-wrong',
      'cgroup-parent',
      cgroupParent,
      'the path of a cgroup without `..`, or the name of a systemd slice',
      'Write for example /ci/builds.',
    );
  }
  return { noCacheFilters, addHosts, cgroupParent: cgroupParent || undefined };
}

function isCgroup(path: string): boolean {
  const parts = path.replace(/^\//, '').split('/');
  return parts.every((part) => /^[\w.@:-]+$/.test(part) && part !== '.' && part !== '..');
}

const HOST = /^\w[\w.-]*[:=](.+)$/;

/** As buildx reads it (build/utils.go, toBuildkitExtraHosts): an IPv6 address may have brackets. */
function assertHost(line: string): void {
  const [, address = ''] = HOST.exec(line) ?? [];
  if (address === 'host-gateway' || isIP(address.replace(/^\[(.+)\]$/, '$1')) !== 0) return;
  throw badInput('input-format-wrong', 'add-hosts', line, 'NAME:IP', 'Write for example db:10.0.0.7 or db:[fd00::7].');
}

import type { Cause, Facts, Known } from './facts.ts';
import { lastWords } from './last-words.ts';
import { networkErrorOfProgram } from './network-errors.ts';
import { otherWords, says } from './symptoms.ts';

const exitCode = ({ reason }: Facts) => /did not complete successfully: exit code: (\d+)/.exec(reason)?.[1];

/** `exec format error`: the kernel cannot run the program. */
export const foreignProgram: Cause = (facts) => {
  const line = says(facts, /(?:^|[:(\]] ?)exec format error/i);
  if (!line) return undefined;
  const platform = facts.platform ?? 'the platform of this step';
  return {
    id: 'build-foreign-program',
    message: `the builder cannot run programs for ${platform} (exec format error).${otherWords(facts, line)}`,
    next: 'Set up emulation first (docker/setup-qemu-action, or `setup-qemu: true` in the reusable workflow), or build on a native runner. If the platform is native, the program or its image is for another one.',
  };
};

/** The shell or program of a RUN is not in the image. */
export const noProgram: Cause = (facts) => {
  const line = says(facts, /unable to start container process: /);
  if (!line) return undefined;
  const [, program] = /exec: "([^"]+)"/.exec(line) ?? [];
  if (program === undefined) return undefined;
  if (/permission denied/.test(line)) {
    return {
      id: 'build-program-missing',
      message: `${program} is not executable.${otherWords(facts, line)}`,
      next: 'Make it executable in the commit (`git update-index --chmod=+x FILE`), or use COPY --chmod=755.',
    };
  }
  if (!/no such file or directory|not found/.test(line)) return undefined;
  const isShell = /\/(?:sh|bash)$/.test(program);
  return {
    id: 'build-program-missing',
    message: `${program} is not in the image.${otherWords(facts, line)}`,
    next: isShell
      ? 'Run this step in a stage whose base has a shell, and copy the result; scratch and distroless images have none.'
      : 'Install it in an earlier step, or check its path.',
  };
};

/** A shell exits with 127 for a command that it does not find. */
export const commandMissing: Cause = (facts) => {
  if (exitCode(facts) !== '127') return undefined;
  const line = says(facts, /: (?:command )?not found/) ?? '';
  const command = line
    .split(/: (?:command )?not found/, 1)[0]
    ?.split(/[\s:]/)
    .at(-1);
  if (!command) return undefined;
  return {
    id: 'build-program-missing',
    message: `${command} was not found (exit code 127).`,
    next: command.includes('/')
      ? 'Check its path. If the file exists, its first line names a missing interpreter, or it has Windows line endings.'
      : `Install ${command} in an earlier step, or use a base image that has it.`,
  };
};

export const userMissing: Cause = ({ reason }) => {
  const [, kind, name] = /unable to find (user|group) ([^:\s]+):/.exec(reason) ?? [];
  if (kind === undefined) return undefined;
  return {
    id: 'build-program-missing',
    message: `the ${kind} ${name} is not in the image.`,
    next: `Create it before USER (\`RUN adduser …\`), or use a numeric ${kind === 'user' ? 'user' : 'group'} ID.`,
  };
};

/** The kernel, or a limit of the builder, killed the step. */
export const outOfMemory: Cause = (facts) => {
  const heap = says(facts, /JavaScript heap out of memory|java\.lang\.OutOfMemoryError|MemoryError$/);
  if (heap) {
    return {
      id: 'build-memory',
      message: `the program used up its memory limit (heap out of memory).${otherWords(facts, heap)}`,
      next: 'Raise its limit (NODE_OPTIONS=--max-old-space-size=4096, MAVEN_OPTS=-Xmx4g), or use a runner with more memory.',
    };
  }
  const byExit = exitCode(facts) === '137';
  const line = byExit
    ? undefined
    : says(facts, /signal: killed|Killed signal terminated program|(?:^|[:(\]] ?)cannot allocate memory/i);
  if (!byExit && !line) return undefined;
  return {
    id: 'build-memory',
    message: `the step was killed${byExit ? ' (exit code 137)' : ''}, most likely because the builder ran out of memory.${otherWords(facts, line)}`,
    next: 'Use a runner with more memory, or let the step use less: fewer parallel jobs (make -j2), fewer platforms at once.',
  };
};

/** `write /path: no space left on device`, of a program or of BuildKit itself. */
export const outOfDisk: Cause = async (facts) => {
  const line = says(facts, /(?:^|[:(\]] ?)(?:no space left on device|disk quota exceeded)/i);
  // The text of a registry or server, which may say anything.
  if (!line || /unexpected status/.test(line)) return undefined;
  const word = line.split(/: (?:no space|disk quota)/i, 1)[0]?.split(/[\s'"]+/) ?? [];
  const path = word.findLast((part) => part.startsWith('/'));
  const use = await facts.diskUse();
  return {
    id: 'build-disk',
    message: `the disk of the builder is full${path ? ` at ${path}` : ''}${use ? `; ${use}` : ''}.${otherWords(facts, line)}`,
    next: 'Free disk space before this step (`docker buildx prune` removes the cache of builds), use a larger runner, or delete files in the RUN that creates them.',
  };
};

export const secretMissing: Cause = ({ reason }) => {
  const [, id] = /^(?:failed to [^:]+: )*secret ([^:\s]+): not found/.exec(reason) ?? [];
  if (id !== undefined) {
    return {
      id: 'build-secret-missing',
      message: `the secret ${id} was not given.`,
      next: `Add \`${id}=…\` to the input secrets, or remove required=true. In pull requests from forks, secrets are empty.`,
    };
  }
  const [, ssh] =
    /^(?:failed to [^:]+: |rpc error: code = \w+ desc = )*unset ssh forward key (\S+)$/.exec(reason) ?? [];
  if (ssh === undefined) return undefined;
  return {
    id: 'build-secret-missing',
    message: `the SSH agent or key ${ssh} was not given.`,
    next: `Set the input ssh to \`${ssh}\` or \`${ssh}=PATH\`.`,
  };
};

/** A mount without `required=true` is empty if its secret is missing; the program then reports a missing file. */
export const optionalSecretMissing: Cause = (facts) => {
  const line = says(facts, /no such file/i);
  const [, id] = /\/run\/secrets\/([^'":\s]+)/.exec(line ?? '') ?? [];
  if (id === undefined) return undefined;
  return {
    id: 'build-secret-missing',
    message: `the secret ${id} was not given (/run/secrets/${id} does not exist).${otherWords(facts, line)}`,
    next: `Add \`${id}=…\` to the input secrets. In pull requests from forks, secrets are empty.`,
  };
};

/** The program could not connect. Its own words say to which host. */
export const unreachable: Cause = (facts): Known | undefined => {
  if (facts.keyword !== 'RUN') return undefined;
  const line = networkErrorOfProgram(facts);
  if (!line) return undefined;
  return {
    id: 'build-network',
    message: `${lastWords([line])}.${otherWords(facts, line)}`,
    next: facts.isNetworkApart
      ? "Check the address. RUN steps do not share the runner's network: set `network: host` to reach services on its 127.0.0.1 (a service of the job, a proxy)."
      : 'Check the address, and whether the builder can reach it; set the build arguments HTTP_PROXY and HTTPS_PROXY for a proxy.',
  };
};

/** Any other program that failed: its own words. */
export const programFailed: Cause = (facts) => {
  const code = exitCode(facts);
  if (code === undefined) return undefined;
  const words = facts.step && lastWords(facts.step.output);
  return {
    id: 'build-step',
    message:
      words === undefined
        ? `failed without output (exit code ${code}).`
        : `${words.replace(/\.$/, '')} (exit code ${code}).`,
    next: 'Fix the command or its input. All output of the step is in the log, in the group BuildKit.',
  };
};

import type { ErrorEntries } from './entry.ts';

/** TG25: BuildKit ran, and the build failed. The message has the line of the Dockerfile. */
export const BUILD_FAILURES = {
  'build-failed': {
    code: 'TG2500',
    kind: 'tool',
    title: 'The build failed',
    cause: 'BuildKit reported an error that is not among the known ones below. The message quotes it.',
    fix: 'Read the output of the build in the log, in the group BuildKit.',
  },
  'build-step': {
    code: 'TG2501',
    kind: 'tool',
    title: 'A step of the build failed',
    cause:
      'A program in a `RUN` instruction exited with an error. The message has the last line in which it says why: a compiler, a package manager or a test.',
    fix: 'Fix the command or its input. All output of the step is in the log, in the group BuildKit.',
  },
  'build-network': {
    code: 'TG2502',
    kind: 'network',
    title: 'A step of the build could not connect',
    cause:
      'A program in a `RUN` instruction could not resolve a name or connect. `RUN` instructions have a network of their own: 127.0.0.1 is not the runner there.',
    fix: 'Check the address. Set `network: host` to reach services on 127.0.0.1 of the runner, or `HTTP_PROXY` and `HTTPS_PROXY` in `build-args`.',
  },
  'build-memory': {
    code: 'TG2503',
    kind: 'tool',
    title: 'A step of the build ran out of memory',
    cause:
      'The kernel killed a program (exit code 137), or the program reached its own limit, as V8 and the JVM have one.',
    fix: 'Use a runner with more memory, let the step use less (`make -j2`), or raise the limit of the program.',
  },
  'build-disk': {
    code: 'TG2504',
    kind: 'disk',
    title: 'The disk of the builder is full',
    cause: 'A step or BuildKit itself could not write. The message has the path, and the size of the build cache.',
    fix: 'Free disk space first (`docker buildx prune --builder NAME`, or delete the folder `buildkit-state`), use a larger runner, or delete files in the `RUN` that creates them.',
  },
  'build-foreign-program': {
    code: 'TG2505',
    kind: 'tool',
    title: 'The builder cannot run programs of this platform',
    cause:
      'The kernel rejected a program (`exec format error`): it is for another processor, and there is no emulator.',
    fix: 'Set up emulation (docker/setup-qemu-action, or `setup-qemu: true` in the reusable workflow), or build on a native runner.',
  },
  'build-program-missing': {
    code: 'TG2506',
    kind: 'tool',
    title: 'A program or user of a build step does not exist',
    cause:
      'A `RUN` instruction needs a shell, program or user that the image does not have, or a script that is not executable. scratch and distroless images have no shell.',
    fix: 'Install it in an earlier step, use a base image that has it, or set the executable bit in the commit.',
  },
  'build-secret-missing': {
    code: 'TG2507',
    kind: 'bad-input',
    title: 'A build secret was not given',
    cause:
      'The Dockerfile mounts a secret or an SSH key that no input provides. In pull requests from forks, secrets are empty.',
    fix: 'Add it to the input `secrets`, `secret-envs`, `secret-files` or `ssh` under the ID in the Dockerfile.',
  },
  'build-file-missing': {
    code: 'TG2511',
    kind: 'bad-input',
    title: 'A file of the Dockerfile is not there',
    cause:
      'A source of `COPY`, `ADD` or a mount is not in the build context or in the named stage: a wrong path or case, a file that Git ignores, or one that no step has created.',
    fix: 'Correct the path. It is relative to the input `context`, and cannot leave it.',
  },
  'build-file-excluded': {
    code: 'TG2512',
    kind: 'bad-input',
    title: 'A file of the Dockerfile is excluded by .dockerignore',
    cause: 'The file exists, but a rule of the ignore file keeps it out of the build context.',
    fix: 'Remove the rule, or add `!PATH` at the end of the ignore file.',
  },
  'build-file-unreadable': {
    code: 'TG2513',
    kind: 'bad-input',
    title: 'A file of the build context cannot be read',
    cause: 'The user of the step may not read it, often because a container wrote it as root.',
    fix: 'Grant read access, or exclude it in .dockerignore.',
  },
  'build-download': {
    code: 'TG2514',
    kind: 'network',
    title: 'A download of the Dockerfile failed',
    cause: 'The server of an `ADD` instruction did not respond, or responded with an error.',
    fix: 'Check the URL, and whether the builder can reach it.',
  },
  'build-download-checksum': {
    code: 'TG2515',
    kind: 'integrity',
    title: 'A download of the Dockerfile has another checksum',
    cause: 'The file differs from the one that `ADD --checksum` names: it was replaced, or the checksum is wrong.',
    fix: 'Find out why the file changed before you update the checksum.',
  },
  'base-not-found': {
    code: 'TG2521',
    kind: 'not-found',
    title: 'An image that the Dockerfile uses does not exist',
    cause:
      'The registry has no such repository, tag, digest or platform. A misspelled name of a stage is read as an image, too.',
    fix: 'Check its name and tag, for example with `docker buildx imagetools inspect`.',
  },
  'base-denied': {
    code: 'TG2522',
    kind: 'unauthorized',
    title: 'An image that the Dockerfile uses needs a login',
    cause: 'The registry denied access. Most registries respond the same to an image that does not exist.',
    fix: 'Check the name, and log in to that registry first (docker/login-action, or the input `registry-auths`).',
  },
  'base-rejected': {
    code: 'TG2523',
    kind: 'registry',
    title: 'A registry rejected a pull',
    cause:
      'The registry limits pulls (429), or reports a server error. Docker Hub limits pulls without a login per IP address, which hosted runners share.',
    fix: 'Log in to the registry (docker/login-action, or the input `registry-auths`), or try again later.',
  },
  'base-unreachable': {
    code: 'TG2524',
    kind: 'network',
    title: 'The registry of an image that the Dockerfile uses is not reachable',
    cause: 'The name does not resolve, the connection is refused, or the certificate is not trusted by the builder.',
    fix: 'Check that the builder can reach it, its certificate and any proxy.',
  },
  'dockerfile-syntax': {
    code: 'TG2531',
    kind: 'bad-input',
    title: 'The Dockerfile has a syntax error',
    cause: 'BuildKit cannot read an instruction.',
    fix: 'Fix the line: https://docs.docker.com/reference/dockerfile/.',
  },
  'build-target': {
    code: 'TG2532',
    kind: 'bad-input',
    title: 'The Dockerfile has no such stage',
    cause: 'The input `target` names a stage that no `FROM … AS` declares.',
    fix: 'Set `target` to one of its stages, or leave it empty.',
  },
  'build-privilege': {
    code: 'TG2533',
    kind: 'bad-input',
    title: 'A step of the build asks for a privilege that is not granted',
    cause:
      'A `RUN` instruction has `--network=host`, `--security=insecure` or `--device`, or the input `allow` lists a privilege that [the policy](../policy/README.md#privileged-build-steps) does not grant.',
    fix: 'Remove the flag, set `network: host`, or list the privilege in `allow` and in `build.entitlements` of the policy.',
  },
  'build-cache-export': {
    code: 'TG2534',
    kind: 'tool',
    title: 'The cache of the build could not be written',
    cause: 'The image was built, but the place that `cache-to` names rejected the cache or is not reachable.',
    fix: 'Check `cache-to` and its credentials, or add `ignore-error=true` to it.',
  },
  'build-node-lost': {
    code: 'TG2535',
    kind: 'network',
    title: 'A builder stopped responding during the build',
    cause:
      'The BuildKit of a line in `builder-endpoints` ended, restarted or lost its network while it built. Nothing was published.',
    fix: 'Check that BuildKit runs there and was not stopped for lack of memory. Then run again; the input `retries` repeats such a build.',
  },
} as const satisfies ErrorEntries;

/** For tests: the end of buildx's output (`--progress=plain`) of failures that no build on this machine can have. */
export interface Recorded {
  /** Where people reported this text, or the source that prints it. */
  readonly from: string;
  readonly output: string;
  readonly message: RegExp;
  readonly next: RegExp;
}

const base = (image: string, error: string, reason = error) => `#2 [internal] load metadata for docker.io/${image}
#2 ERROR: ${error}
------
 > [internal] load metadata for docker.io/${image}:
------
Dockerfile:1
--------------------
   1 | >>> FROM ${image.replace('library/', '')}
   2 |     
--------------------
ERROR: failed to build: failed to solve: ${image.replace('library/', '')}: failed to resolve source metadata for docker.io/${image}: ${reason}`;

const run = (output: readonly string[], end: string, name = '[3/3]') => `#6 ${name} RUN make
${output.map((line) => `#6 0.125 ${line}`).join('\n')}
#6 ERROR: process "/bin/sh -c make" did not complete successfully: ${end}
------
 > ${name} RUN make:
------
Dockerfile:4
--------------------
   3 |     COPY . .
   4 | >>> RUN make
   5 |     
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c make" did not complete successfully: ${end}`;

const limited =
  'failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/ubuntu/manifests/sha256:3d15: 429 Too Many Requests';

export const RECORDED: readonly Recorded[] = [
  {
    from: 'rust-lang/rust#133912',
    output: base(
      'library/ubuntu:22.04',
      `${limited} - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit`,
    ),
    message:
      /^Dockerfile:1 FROM ubuntu:22\.04: docker\.io limits pulls, and rejected that of the image ubuntu:22\.04 \(429\)\.$/,
    next: /^Log in to Docker Hub/,
  },
  {
    from: 'docker/build-push-action#1539',
    output: base(
      'library/alpine:latest',
      'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/alpine/manifests/sha256:5b10: 429 Too Many Requests',
      "failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry-1.docker.io/v2/library/alpine/manifests/sha256:5b10: 429 Too Many Requests\ntoomanyrequests: You have reached your pull rate limit as 'acme': dckr_jti_x. You may increase the limit by upgrading. https://www.docker.com/increase-rate-limit",
    ),
    message: /limits pulls/,
    next: /upgrade the plan/,
  },
  {
    from: 'soulteary/docker-prompt-generator#20',
    output: base(
      'soulteary/prompt-generator:base',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
    message:
      /FROM soulteary\/prompt-generator:base: docker\.io denied access to the image .* \(401\): it needs a login, or does not exist\.$/,
    next: /Docker Hub reports a missing image like a private one/,
  },
  {
    from: 'moby/buildkit util/contentutil, containerd images.Manifest',
    output: base('library/node:22', 'no match for platform in manifest: not found'),
    message: /the image node:22 has no variant for this platform\.$/,
    next: /input platforms/,
  },
  {
    from: 'AxisCommunications/axis-aws-kinesis-vsp#15',
    output: run(['exec /bin/sh: exec format error'], 'exit code: 255', '[linux/arm64 build 2/6]'),
    message: /^Dockerfile:4 RUN make: the builder cannot run programs for linux\/arm64 \(exec format error\)\.$/,
    next: /docker\/setup-qemu-action/,
  },
  {
    from: 'gcc',
    output: run(
      ['cc1plus: fatal error: Killed signal terminated program cc1plus', 'make: *** [x] Error 1'],
      'exit code: 2',
    ),
    message: /was killed, most likely because the builder ran out of memory\.$/,
    next: /more memory/,
  },
  {
    from: 'V8',
    output: run(
      ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'Aborted (core dumped)'],
      'exit code: 134',
    ),
    message: /used up its memory limit/,
    next: /max-old-space-size/,
  },
  {
    from: 'serverless/containers#19',
    output:
      'ERROR: failed to build: failed to solve: ResourceExhausted: failed to read dockerfile: failed to create temp dir: mkdir /var/lib/docker/tmp/buildkit-mount2667628103: no space left on device',
    message:
      /^Dockerfile: the disk of the builder is full at \/var\/lib\/docker\/tmp\/buildkit-mount2667628103; BuildKit's cache uses 9\.1GB\.$/,
    next: /Free disk space/,
  },
  {
    from: 'tonistiigi/fsutil, error of a context file that only root can read',
    output: 'ERROR: failed to build: failed to solve: error from sender: open data/db: permission denied',
    message: /^Dockerfile: data\/db of the build context cannot be read\.$/,
    next: /\.dockerignore/,
  },
];

/** Builds that fail, and what a developer reads of each. */
import type { BuildOptions } from '@tidegate/pipeline';
import type { ContextFile } from '../support/built-image.ts';

/** Registries on loopback. */
export interface Hosts {
  /** Empty. */
  readonly open: string;
  /** Requires a login: Basic, and a token. */
  readonly basic: string;
  readonly token: string;
  /** Answers 403 and 429. */
  readonly denied: string;
  readonly limited: string;
}

export interface FailingBuild {
  readonly what: string;
  readonly dockerfile: (hosts: Hosts) => string;
  readonly files?: Readonly<Record<string, ContextFile>>;
  readonly options?: (hosts: Hosts) => Partial<BuildOptions>;
  readonly message: (hosts: Hosts) => string | RegExp;
  readonly next: RegExp;
  /** Line of the Dockerfile; undefined for a failure that is at none. */
  readonly line: number | undefined;
}

const SHELL = 'FROM scratch AS shell\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n';
const inShell = (lines: string) => () => `${SHELL}${lines}\n`;

const PIP = `#!/bin/sh
echo 'Collecting flask==99.0' >&2
echo 'ERROR: Could not find a version that satisfies the requirement flask==99.0 (from versions: 0.1)' >&2
echo 'ERROR: No matching distribution found for flask==99.0' >&2
exit 1
`;
const pip = { 'pip.sh': { content: PIP, mode: 0o755 } };
/** The header of a program for arm64. */
const ELF = Buffer.from('7f454c460201010000000000000000000200b700010000007800400000000000', 'hex');

export const FAILING_BUILDS: readonly FailingBuild[] = [
  {
    what: 'a program that fails: its own words',
    dockerfile: inShell('COPY pip.sh /bin/pip\nRUN pip install flask==99.0'),
    files: pip,
    message: () =>
      'Dockerfile:5 RUN pip install flask==99.0: No matching distribution found for flask==99.0 (exit code 1).',
    next: /group BuildKit/,
    line: 5,
  },
  {
    what: 'an instruction of several lines with comments, and build arguments expanded',
    dockerfile: inShell('COPY pip.sh /bin/pip\nARG V=99.0\nRUN true && \\\n  # why\n  pip install \\\n    "flask==$V"'),
    files: pip,
    message: () => /^Dockerfile:6 RUN true && pip install "flask==99\.0": No matching distribution found/,
    next: /./,
    line: 6,
  },
  {
    what: 'a here-document',
    dockerfile: inShell('COPY pip.sh /bin/pip\nRUN <<EOF\nset -e\necho one\npip install x\nEOF'),
    files: pip,
    message: () => /^Dockerfile:5 RUN <<EOF \(set -e\.\.\.\): No matching distribution found for flask==99\.0/,
    next: /./,
    line: 5,
  },
  {
    what: 'a program that prints nothing',
    dockerfile: inShell('RUN exit 7'),
    message: () => 'Dockerfile:4 RUN exit 7: failed without output (exit code 7).',
    next: /./,
    line: 4,
  },
  {
    what: 'a base image that does not exist',
    dockerfile: ({ open }) => `FROM ${open}/nope:1\n`,
    message: ({ open }) => `Dockerfile:1 FROM ${open}/nope:1: the image ${open}/nope:1 does not exist in ${open}.`,
    next: /Check its name and tag/,
    line: 1,
  },
  ...(['basic', 'token', 'denied'] as const).map(
    (host): FailingBuild => ({
      what: `a base image that needs a login (${host})`,
      dockerfile: (hosts) => `FROM ${hosts[host]}/private:1\n`,
      message: (hosts) => new RegExp(`FROM ${hosts[host]}/private:1: ${hosts[host]} denied access .*it needs a login`),
      next: /^Log in to .*docker\/login-action/,
      line: 1,
    }),
  ),
  {
    what: 'a rate limit',
    dockerfile: ({ limited }) => `FROM ${limited}/library/x:1\n`,
    message: ({ limited }) => new RegExp(`${limited} limits pulls`),
    next: /^Log in, or try again later/,
    line: 1,
  },
  {
    what: 'a registry that does not respond',
    dockerfile: () => 'FROM 127.0.0.1:1/x:1\n',
    message: () => /127\.0\.0\.1:1 cannot be reached for the image .* \(connection refused\)\.$/,
    next: /proxy/,
    line: 1,
  },
  {
    what: 'a stage with a misspelled name',
    dockerfile: inShell('FROM scratch\nCOPY --from=shel /bin/busybox /x'),
    message: () => /^Dockerfile:5 COPY --from=shel .*the image shel:latest/,
    next: /^Write shell if you meant that stage/,
    line: 5,
  },
  {
    what: 'a frontend that does not exist',
    dockerfile: ({ open }) => `# syntax=${open}/docker/dockerfile:1\nFROM scratch\n`,
    message: () => /the frontend .* of `# syntax=` does not exist in/,
    next: /Check its name/,
    line: 1,
  },
  {
    what: 'a program of another platform',
    dockerfile: inShell('COPY elf /elf\nRUN ["/elf"]'),
    files: { elf: { content: ELF, mode: 0o755 } },
    message: () => 'Dockerfile:5 RUN ["/elf"]: the builder cannot run programs for linux/amd64 (exec format error).',
    next: /setup-qemu-action/,
    line: 5,
  },
  {
    what: 'an image without a shell',
    dockerfile: () => 'FROM scratch\nRUN echo hi\n',
    message: () => 'Dockerfile:2 RUN echo hi: /bin/sh is not in the image.',
    next: /distroless/,
    line: 2,
  },
  {
    what: 'a command that is not installed',
    dockerfile: inShell('RUN foo --bar'),
    message: () => 'Dockerfile:4 RUN foo --bar: foo was not found (exit code 127).',
    next: /^Install foo/,
    line: 4,
  },
  {
    what: 'a script that is not executable',
    dockerfile: inShell('COPY e.sh /e.sh\nRUN ["/e.sh"]'),
    files: { 'e.sh': '#!/bin/sh\n' },
    message: () => /\/e\.sh is not executable\.$/,
    next: /chmod/,
    line: 5,
  },
  {
    what: 'a user that does not exist',
    dockerfile: inShell('USER nobody\nRUN true'),
    message: () => 'Dockerfile:5 RUN true: the user nobody is not in the image.',
    next: /numeric user ID/,
    line: 5,
  },
  {
    what: 'a step that is killed',
    dockerfile: inShell("RUN echo compiling; sh -c 'kill -9 $$'; exit $?"),
    message: () => /was killed \(exit code 137\), most likely because the builder ran out of memory\.$/,
    next: /more memory/,
    line: 4,
  },
  {
    what: 'a full disk',
    dockerfile: inShell('RUN --mount=type=tmpfs,target=/t,size=1048576 dd if=/dev/zero of=/t/x bs=1M count=9'),
    message: () => /the disk of the builder is full at \/t\/x; BuildKit's cache uses [\d.]+[kMG]?B\.$/,
    next: /Free disk space/,
    line: 4,
  },
  {
    what: 'a secret that was not given',
    dockerfile: inShell('RUN --mount=type=secret,id=npmrc,required=true cat /run/secrets/npmrc'),
    message: () => /the secret npmrc was not given\.$/,
    next: /^Add `npmrc=…` to the input secrets/,
    line: 4,
  },
  {
    what: 'an optional secret that was not given',
    dockerfile: inShell('RUN --mount=type=secret,id=npmrc cat /run/secrets/npmrc'),
    message: () => /the secret npmrc was not given \(\/run\/secrets\/npmrc does not exist\)\.$/,
    next: /^Add `npmrc=…` to the input secrets/,
    line: 4,
  },
  {
    what: 'an SSH key that was not given',
    dockerfile: inShell('RUN --mount=type=ssh,required=true true'),
    message: () => /the SSH agent or key default was not given\.$/,
    next: /input ssh/,
    line: 4,
  },
  {
    what: 'a target that does not exist',
    dockerfile: () => SHELL,
    options: () => ({ target: 'shel' }),
    message: () => 'Dockerfile: there is no stage shel: it has shell.',
    next: /^Set the input target to shell\.$/,
    line: undefined,
  },
  {
    what: 'a file with a misspelled name',
    dockerfile: () => 'FROM scratch\nCOPY package.json web/package-lock.jsn \\\n  /app/\n',
    files: { 'package.json': '{}', 'web/package-lock.json': '{}' },
    message: () =>
      'Dockerfile:2 COPY package.json web/package-lock.jsn /app/: web/package-lock.jsn is not in the build context.',
    next: /^Did you mean web\/package-lock\.json\?$/,
    line: 2,
  },
  {
    what: 'a file that is in no folder',
    dockerfile: inShell('RUN --mount=type=bind,source=gone/nope.txt,target=/n true'),
    message: () => /gone\/nope\.txt is not in the build context\.$/,
    next: /not in the checkout/,
    line: 4,
  },
  {
    what: 'a file that .dockerignore excludes',
    dockerfile: () => 'FROM scratch\nCOPY dist/app.js /app/\n',
    files: { 'dist/app.js': '', '.dockerignore': 'dist\n' },
    message: () =>
      'Dockerfile:2 COPY dist/app.js /app/: dist/app.js is excluded from the build context by .dockerignore.',
    next: /`!dist\/app\.js`/,
    line: 2,
  },
  {
    what: "a file that the Dockerfile's own ignore file excludes",
    dockerfile: () => 'FROM scratch\nCOPY dist/app.js /app/\n',
    files: { 'dist/app.js': '', 'Dockerfile.dockerignore': '**/*.js\n', '.dockerignore': '' },
    message: () => /excluded from the build context by Dockerfile\.dockerignore\.$/,
    next: /Dockerfile\.dockerignore/,
    line: 2,
  },
  {
    what: 'a file outside the context',
    dockerfile: () => 'FROM scratch\nCOPY ../shared/x /x\n',
    message: () => 'Dockerfile:2 COPY ../shared/x /x: ../shared/x is outside the build context.',
    next: /input context/,
    line: 2,
  },
  {
    what: 'a file that another stage does not have',
    dockerfile: inShell('FROM scratch\nCOPY --from=shell /nope /x'),
    message: () => 'Dockerfile:5 COPY --from=shell /nope /x: /nope does not exist in shell.',
    next: /WORKDIR/,
    line: 5,
  },
  {
    what: 'a name that cannot be resolved',
    dockerfile: inShell('RUN wget http://no-such-host.invalid/x'),
    message: () => "Dockerfile:4 RUN wget http://no-such-host.invalid/x: wget: bad address 'no-such-host.invalid'.",
    next: /^Check the address/,
    line: 4,
  },
  {
    what: 'a refused connection',
    dockerfile: inShell('RUN wget http://127.0.0.1:9/x'),
    message: () => /can't connect to remote host \(127\.0\.0\.1\): Connection refused\.$/,
    next: /^Check the address/,
    line: 4,
  },
  {
    what: 'a download that does not exist: BuildKit names no line',
    dockerfile: ({ open }) => `FROM scratch\nADD http://${open}/nope /x\n`,
    message: ({ open }) => `Dockerfile:2 ADD http://${open}/nope /x: the server responded with 404.`,
    next: /Check the URL/,
    line: 2,
  },
  {
    what: 'an instruction with a misspelled name',
    dockerfile: () => 'FROM scratch\nCPOY a b\n',
    message: () => 'Dockerfile:2 CPOY a b: unknown instruction CPOY.',
    next: /^Write COPY\.$/,
    line: 2,
  },
  {
    what: 'a flag with a misspelled name',
    dockerfile: () => 'FROM scratch\nCOPY --form=a b c\n',
    message: () => 'Dockerfile:2 COPY --form=a b c: unknown flag --form.',
    next: /^Write --from\.$/,
    line: 2,
  },
  {
    what: 'a here-document without an end',
    dockerfile: () => 'FROM scratch\nRUN <<EOF\necho\n',
    message: () => /^Dockerfile:2 RUN <<EOF.*: unterminated heredoc\.$/,
    next: /Fix the syntax/,
    line: 2,
  },
  {
    what: 'an argument without a value',
    dockerfile: () => 'ARG BASE\nFROM $BASE\n',
    message: () => 'Dockerfile:2 FROM $BASE: $BASE is empty.',
    next: /Give ARG BASE a default/,
    line: 2,
  },
  {
    what: 'a privilege that is not granted',
    dockerfile: inShell('RUN true\nRUN --security=insecure true'),
    message: () => /^Dockerfile:5 RUN --security=insecure true: security\.insecure is not allowed/,
    next: /^Remove the flag/,
    line: 5,
  },
  {
    what: 'the network of the host, which was not granted',
    dockerfile: inShell('RUN --network=host true'),
    message: () => /^Dockerfile:4 RUN --network=host true: RUN --network=host is not allowed\.$/,
    next: /`network: host`/,
    line: 4,
  },
  {
    what: 'a cache that cannot be written',
    dockerfile: () => SHELL,
    options: ({ denied }) => ({ cacheTo: [`type=registry,ref=${denied}/c:1`] }),
    message: () => /^Dockerfile: the cache could not be written \(registry\): .*403 Forbidden\.$/,
    next: /cache-to/,
    line: undefined,
  },
  {
    what: 'a path below a file',
    dockerfile: inShell('RUN echo > /app\nWORKDIR /app/x'),
    message: () => 'Dockerfile:5 WORKDIR /app/x: lstat /app/x: not a directory.',
    next: /group BuildKit/,
    line: 5,
  },
];

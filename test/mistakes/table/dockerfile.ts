/** The Dockerfile and its context: what the build cannot do. */
import type { Mistake } from '../mistake.ts';

function dockerfile(text: string, more: Partial<Mistake> & Pick<Mistake, 'name' | 'sees'>): Mistake {
  return { action: 'build-image', ...more, files: { Dockerfile: text, ...more.files } };
}

export const DOCKERFILE: readonly Mistake[] = [
  dockerfile('FROM {base}\nCOPY dist /srv\n', {
    name: 'copies what .dockerignore excludes',
    files: { '.dockerignore': 'node_modules\ndist\n', 'dist/index.html': 'hello' },
    sees: { error: 'build-file-excluded', says: /Dockerfile:2 .*COPY dist \/srv.*dockerignore/, at: 'Dockerfile:2' },
  }),
  dockerfile('FROM {base}\nWORKDIR /app\nCOPY pakage.json ./\n', {
    name: 'misspelt a file to copy',
    files: { 'package.json': '{}' },
    sees: { error: 'build-file-missing', says: /Dockerfile:3 .*COPY pakage\.json/, at: 'Dockerfile:3' },
  }),
  dockerfile('FROM {base}\nCOPY ../shared /shared\n', {
    name: 'copies from outside the context',
    sees: { error: 'build-file-missing', says: /Dockerfile:2 .*COPY \.\.\/shared/, at: 'Dockerfile:2' },
  }),
  dockerfile('FROM {bases}/library/python:3.31-slim\nCOPY . .\n', {
    name: 'misspelt the tag of the base',
    sees: { error: 'base-not-found', says: /Dockerfile:1 .*FROM .*\/library\/python:3\.31-slim/, at: 'Dockerfile:1' },
  }),
  dockerfile('FROM {bases}/library/pyhton:3.13-slim\nCOPY . .\n', {
    name: 'misspelt the name of the base',
    sees: { error: 'base-not-found', says: /Dockerfile:1 .*FROM .*\/library\/pyhton:3\.13-slim/, at: 'Dockerfile:1' },
  }),
  dockerfile('FROM {private}/acme/base:1\nCOPY Dockerfile /\n', {
    name: 'builds on a private base without a login',
    sees: { error: 'base-denied', says: /Dockerfile:1 .*FROM .*\/acme\/base:1.*401/, at: 'Dockerfile:1' },
  }),
  dockerfile('FROM {private}/acme/base:1\nCOPY Dockerfile /\n', {
    name: 'builds on a private base with a wrong password',
    inputs: { 'registry-auths': '{private},octocat,expired-token' },
    sees: { error: 'base-denied', says: /Dockerfile:1 .*FROM .*\/acme\/base:1/, at: 'Dockerfile:1' },
  }),
  dockerfile('FROM registry.invalid/acme/base:1\nCOPY Dockerfile /\n', {
    name: 'builds on a base of a host that does not exist',
    sees: {
      error: 'base-unreachable',
      says: /Dockerfile:1 .*FROM registry\.invalid\/acme\/base:1/,
      at: 'Dockerfile:1',
    },
  }),
  dockerfile('FROM {limited}/library/node:24\nCOPY Dockerfile /\n', {
    name: 'pulls more bases than the registry allows',
    sees: { error: 'base-rejected', says: /Dockerfile:1 .*FROM .*\/library\/node:24.*429/, at: 'Dockerfile:1' },
  }),
  dockerfile('FROM {bases}/library/tools:every-platform\nRUN ["/bin/busybox", "true"]\n', {
    name: 'runs programs of a platform without QEMU',
    inputs: { platforms: 'linux/arm64' },
    sees: {
      error: 'platform-not-runnable',
      says: /^Dockerfile:2 RUN needs linux\/arm64, which this builder cannot run\..* — Set up emulation first \(docker\/setup-qemu-action/,
    },
  }),
  dockerfile('FROM {base} AS build\nRUN echo built\nFROM scratch AS runtime\nCOPY --from=build /bin/sh /\n', {
    name: 'misspelt the target',
    inputs: { target: 'runtme' },
    sees: { error: 'source-rule-failed', says: /no stage is named "runtme"/ },
  }),
  dockerfile('FROM {base} AS build\nRUN echo built\nFROM scratch\nCOPY --from=biuld /out /\n', {
    name: 'misspelt the stage to copy from',
    sees: { error: 'base-unreachable', says: /Dockerfile:4 .*COPY --from=biuld/, at: 'Dockerfile:4' },
  }),
  dockerfile('FROM {base} AS build\nRUN echo built\nFROM scratch\nCOPY --from=build /out/app /app\n', {
    name: 'copies a file that the stage did not make',
    sees: { error: 'build-file-missing', says: /Dockerfile:4 .*COPY --from=build \/out\/app/, at: 'Dockerfile:4' },
  }),
  dockerfile('FROM {base}\nCOPPY . .\n', {
    name: 'misspelt an instruction',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:2 dockerfile-unreadable: The Dockerfile cannot be read: unknown instruction "COPPY"\. — /,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('FROM {base}\nCOPY package.json\n', {
    name: 'forgot where to copy to',
    files: { 'package.json': '{}' },
    sees: {
      error: 'dockerfile-syntax',
      says: /Dockerfile:2 .*COPY package\.json.*requires at least two arguments/,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('FROM {base}\nRUN <<EOF\necho one\n', {
    name: 'did not end a heredoc',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:2 dockerfile-unreadable: The Dockerfile cannot be read: unterminated heredoc\. — /,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('ARG BASE\nFROM $BASE\nCOPY Dockerfile /\n', {
    name: 'gave no value to the ARG of FROM',
    sees: { error: 'dockerfile-syntax', says: /Dockerfile:2 .*FROM \$BASE/, at: 'Dockerfile:2' },
  }),
  dockerfile('RUN echo hello\n', {
    name: 'began a Dockerfile without FROM',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:1 dockerfile-unreadable: The Dockerfile cannot be read: no build stage in current context/,
      at: 'Dockerfile:1',
    },
  }),
  dockerfile('# To do\n', {
    name: 'left the Dockerfile empty',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:1 dockerfile-unreadable: The Dockerfile cannot be read: file with no instructions\. — /,
    },
  }),
  dockerfile('FROM {base}\nRUN --mount=type=secret,id=token,required cat /run/secrets/token\n', {
    name: 'gave no secret to a step that needs it',
    sees: {
      error: 'build-secret-missing',
      says: /Dockerfile:2 .*RUN --mount=type=secret,id=token/,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('FROM {base}\nRUN --mount=type=secret,id=npm-token,required cat /run/secrets/npm-token\n', {
    name: 'misspelt the id of a secret',
    inputs: { secrets: 'npm_token=dG9rZW4tb2YtdGhlLXRlc3Q' },
    sees: {
      error: 'build-secret-missing',
      says: /Dockerfile:2 .*RUN --mount=type=secret,id=npm-token/,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('FROM {base}\nRUN --mount=type=ssh,required ssh-add -l\n', {
    name: 'gave no SSH agent to a step that needs it',
    sees: { error: 'build-secret-missing', says: /Dockerfile:2 .*RUN --mount=type=ssh/, at: 'Dockerfile:2' },
  }),
  dockerfile('FROM {base}\nARG NODE_ENV=production\nRUN echo "$NODE_ENV"\n', {
    name: 'misspelt a build argument',
    inputs: { 'build-args': 'NODE_EVN=development' },
    sees: { says: /^Input build-args: the Dockerfile has no ARG NODE_EVN\./, level: 'warning' },
  }),
  dockerfile('FROM {base}\nCOPY build.sh /\nRUN /build.sh\n', {
    name: 'copied a script that may not be executed',
    files: { 'build.sh': '#!/bin/sh\necho built\n' },
    sees: { error: 'build-step', says: /^Dockerfile:3 RUN \/build\.sh: .*Permission denied/, at: 'Dockerfile:3' },
  }),
  dockerfile('FROM {base}\nCOPY build.sh /\nRUN sh -c "chmod +x /build.sh" && /build.sh\n', {
    name: 'committed a script with Windows line ends',
    files: { 'build.sh': '#!/bin/sh\r\necho built\r\n' },
    sees: { error: 'build-program-missing', says: /^Dockerfile:3 RUN .*\/build\.sh: .*not found/, at: 'Dockerfile:3' },
  }),
  dockerfile('FROM {base}\nENV AWS_SECRET_ACCESS_KEY=kR9vX2mQ7tLpW4zB8nYc1dFgH6jKsE3uA5oP0iTx\n', {
    name: 'wrote a credential into the Dockerfile',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:2 secret-in-image: ENV AWS_SECRET_ACCESS_KEY contains a secret.* — Pass it only to the step that needs it/,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('FROM scratch\nARG NPM_TOKEN\nCOPY Dockerfile /\n', {
    name: 'passed a token as a build argument',
    inputs: { 'build-args': 'NPM_TOKEN=npm_kR9vX2mQ7tLpW4zB8nYc1dFgH6jKsE3uA5oP' },
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:2 secret-in-image: ARG NPM_TOKEN gets a secret as a build argument.* — Pass it only to the step that needs it/,
      at: 'Dockerfile:2',
    },
  }),
  dockerfile('# syntax=registry.invalid/acme/frontend:1\nFROM scratch\nCOPY Dockerfile /\n', {
    name: 'named a frontend of a host that does not exist',
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:1 foreign-frontend: The file is built by the frontend image registry\.invalid\/acme\/frontend:1\. — Remove # syntax=/,
      at: 'Dockerfile:1',
    },
  }),
];

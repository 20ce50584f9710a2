/** A Dockerfile that tells what the build was given. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleResult } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import type { Suite } from '../support/suite.ts';

const DOCKERFILE = `FROM scratch AS shell
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]

FROM shell AS probe
ARG GREETING=nobody
COPY --from=extra note.txt /note.txt
COPY probe.sh /
RUN --mount=type=ssh,id=probe /probe.sh

FROM shell AS stamped
RUN touch /stamp

FROM scratch AS carried
COPY busybox /bin/busybox

FROM shell
RUN echo no target was asked for && exit 9
`;

const PROBE = `#!/bin/sh
echo "greeting is $GREETING"
echo "note is $(cat /note.txt)"
echo "nofile is $(ulimit -n)"
echo "shm is $(df -m /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)"
[ -S "$SSH_AUTH_SOCK" ] && echo "agent is there" || echo "agent is missing"
echo "database is $(grep -w database /etc/hosts | tr -s '\\t ' ' ')"
echo "devices are $(tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d ' ' | sort | tr '\\n' ' ')"
`;

/** Jobs whose checkout has the probe, and builds of its stages. */
export function probes(suite: Suite) {
  const jobs: Job[] = [];
  let count = 0;
  return {
    async checkout(more: Readonly<Record<string, string>> = {}): Promise<Job> {
      const job = await newJob(suite, { files: { 'probe.Dockerfile': DOCKERFILE, ...more } });
      jobs.push(job);
      await writeFile(join(job.workspace, 'probe.sh'), PROBE, { mode: 0o755 });
      await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
      await mkdir(join(job.workspace, 'extra'));
      await writeFile(join(job.workspace, 'extra', 'note.txt'), 'from another context');
      return job;
    },
    /** Build the stage `probe`, anew unless the caller says otherwise. */
    build(job: Job, inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
      count += 1;
      const usual = {
        file: 'probe.Dockerfile',
        target: 'probe',
        'build-contexts': 'extra=./extra',
        'no-cache': 'true',
      };
      return succeeded(job.run('build-image', { name: `build-${count}`, ...usual, ...inputs }, { env }));
    },
    leaveAll: () => Promise.all(jobs.map(leave)),
  };
}

export async function blob({ outputs }: BundleResult, digest: string) {
  return JSON.parse(await readFile(join(String(outputs.layout), 'blobs', 'sha256', digest.slice(7)), 'utf8'));
}
export async function image(result: BundleResult) {
  const manifest = await blob(result, String(result.outputs.digest));
  return { manifest, config: await blob(result, manifest.config.digest) };
}

/** How many steps came from the cache. */
export const cached = ({ log }: BundleResult) => log.filter((line) => /^#\d+ CACHED/.test(line)).length;

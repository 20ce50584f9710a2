/** Makes one mistake: a job of its own, with a registry of its own where it pushes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BundleResult, startRegistry } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import type { Stages } from '../support/stages.ts';
import type { Suite } from '../support/suite.ts';
import type { Mistake } from './mistake.ts';
import { type Places, placed } from './places.ts';

/** Actions that are given `{registry}/acme/app` as their image, unless the row says otherwise. */
const PUBLISHING: readonly string[] = ['ship', 'push-image'];

export async function make(mistake: Mistake, suite: Suite, stages: Stages, shared: Places): Promise<BundleResult> {
  await using opened = new AsyncDisposableStack();
  const { auth, fault } = mistake.registry ?? {};
  const registry = await startRegistry({ ...(auth ? { auth } : {}), ...(fault ? { onRequest: fault } : {}) });
  opened.defer(() => registry.close());
  const folder = await mkdtemp(join(suite.folder, 'mistake-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const places = { ...shared, registry: registry.host, folder };
  const set = (texts: Readonly<Record<string, string | undefined>> = {}) =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, text === undefined ? text : placed(text, places)]),
    );
  const written = (texts?: Readonly<Record<string, string>>) => set(texts) as Record<string, string>;
  for (const [path, text] of Object.entries(written(mistake.kept))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const job = await jobOf(mistake, suite, stages, written(mistake.files));
  opened.defer(() => leave(job));
  const { cancelAt, action, eventName, event } = mistake;
  let sent = false;
  // Awaited here: what was opened lives until the step has ended.
  return await job.run(
    action,
    {
      ...(PUBLISHING.includes(action) ? { image: `${registry.host}/acme/app` } : {}),
      ...written(mistake.inputs),
    },
    {
      env: set(mistake.env),
      ...(event ? { event } : {}),
      ...(eventName ? { eventName } : {}),
      ...(cancelAt
        ? {
            onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => {
              if (sent || !cancelAt.test(line)) return;
              sent = true;
              kill('SIGINT');
            },
          }
        : {}),
    },
  );
}

async function jobOf(
  { after, app, tag, unchecked }: Mistake,
  suite: Suite,
  stages: Stages,
  files: Readonly<Record<string, string>>,
): Promise<Job> {
  const earlier = after && (await stages(after, app ? { app } : {})).job;
  const job = await newJob(suite, {
    files,
    ...(app ? { app } : {}),
    ...(tag ? { tag } : {}),
    ...(earlier ? { after: earlier } : {}),
  });
  if (earlier) await leave(earlier);
  if (unchecked) {
    await rm(job.workspace, { recursive: true });
    await mkdir(job.workspace);
  }
  return job;
}

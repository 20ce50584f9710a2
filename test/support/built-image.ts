/**
 * An image that the suite's BuildKit builds from a Dockerfile in a test, like the build stage, but without an action.
 */
import { chmod, copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '@tidegate/core';
import { parsePlatform, planAnnotations } from '@tidegate/core';
import { type BuildOptions, build, type Services, type Target, useEngine } from '@tidegate/pipeline';
import { childContexts, createToolbox, hostPlatform, run } from '@tidegate/tools';
import type { Suite } from './suite.ts';

const nothing = (): void => {};
const QUIET: Log = {
  debug: nothing,
  info: nothing,
  notice: nothing,
  warning: nothing,
  mask: nothing,
  redact: (text) => text,
  group: (_title, work) => work(QUIET),
};

/** The content of a context file; `mode` as in 0o755. */
export type ContextFile = string | Buffer | { readonly content: string | Buffer; readonly mode: number };

export interface Built {
  readonly target: Target;
  readonly services: Services;
}

/** Debian's busybox: a shell and `rm` in one static program, for layers without a base. */
export const BUSYBOX = '/bin/busybox';

export async function builtImage(
  suite: Suite,
  dockerfile: string,
  files: Readonly<Record<string, ContextFile>> = {},
  more: Partial<BuildOptions> = {},
): Promise<Built> {
  const folder = await mkdtemp(join(suite.folder, 'built-'));
  const context = join(folder, 'context');
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), dockerfile);
  await copyFile(BUSYBOX, join(context, 'busybox'));
  for (const [path, file] of Object.entries(files)) {
    const { content, mode } = typeof file === 'object' && 'content' in file ? file : { content: file, mode: 0o644 };
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), content);
    await chmod(join(context, path), mode);
  }
  const signal = new AbortController().signal;
  const services: Services = {
    tools: createToolbox({
      folder: suite.tools,
      platform: hostPlatform(process.platform, process.arch),
      toolCache: join(folder, 'tool-cache'),
      temp: folder,
      log: QUIET,
      progress: { start: () => ({ advance: nothing, done: nothing }) },
      signal,
    }),
    run,
    log: QUIET,
    progress: { start: () => ({ advance: nothing, done: nothing }) },
    clock: () => new Date(),
    signal,
    temp: folder,
    children: childContexts({
      env: { PATH: process.env.PATH, HOME: folder },
      folder: join(folder, 'children'),
      workspace: context,
    }),
  };
  const options: BuildOptions = {
    workspace: context,
    context,
    platforms: [parsePlatform('linux/amd64')],
    buildArgs: [],
    secrets: [],
    ssh: [],
    buildContexts: [],
    labels: [],
    annotations: planAnnotations({}, []),
    cacheFrom: [],
    cacheTo: [],
    environment: {},
    noCache: false,
    pull: false,
    network: 'none',
    ulimit: [],
    rewriteTimestamp: false,
    layout: join(folder, 'layout'),
    builderId: 'https://example.org/test',
    ...more,
  };
  const engine = { kind: 'address', address: suite.buildkit } as const;
  const target = await build(options, (inner) => useEngine(engine, join(folder, 'engine'), inner), services);
  return { target, services };
}

import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';
import type { BuildxCall } from './buildx-argv.ts';
import { diskUse } from './failure/disk-use.ts';
import { explainFailure } from './failure/explain.ts';
import { type StepCounts, TranscriptReader } from './failure/transcript.ts';
import { isTransient } from './failure/transient.ts';
import { nodeName } from './nodes/node-name.ts';
import type { BuildOptions } from './options.ts';

/** Four hours, in milliseconds. A build that still runs after that has hung. */
const TIMEOUT = 4 * 3600_000;
/** In milliseconds, before a build is repeated. BuildKit itself has tried for up to 15 seconds. */
const PAUSE = 5_000;

/**
 * Run buildx. A build that failed because a registry or the network broke is repeated (`retries`): BuildKit still has
 * every step that succeeded. A build that failed by itself would fail again.
 */
export async function solve(
  call: BuildxCall,
  options: BuildOptions,
  at: { readonly program: string; readonly engine: Builder; readonly output: string },
  services: Services,
): Promise<StepCounts> {
  for (let left = options.retries ?? 0; ; left -= 1) {
    const reader = new TranscriptReader((text) => services.log.redact(text));
    try {
      await runOnce(call, options, at, reader, services);
      return reader.steps();
    } catch (error) {
      const transcript = reader.transcript();
      const lost = services.signal.aborted ? undefined : await lostNode(at.engine, error);
      const explained =
        lost ??
        (await explainFailure(error, transcript, options, {
          isNetworkApart: isNetworkApart(at.engine, options),
          redact: (text) => services.log.redact(text),
          diskUse: () => diskUse(at.engine, at.program, services),
        }));
      if (left <= 0 || !(lost || isTransient(explained, transcript))) throw explained;
      const because = lost ? 'a builder' : 'a registry or the network';
      services.log.notice(
        `The build failed because of ${because}, and is repeated in ${PAUSE / 1000} s: ${messageOf(explained)}`,
      );
    }
    await wait(PAUSE, undefined, { signal: services.signal });
    await rm(at.output, { recursive: true, force: true });
  }
}

/** The error of a build whose machine no longer responds. */
async function lostNode({ node }: Builder, cause: unknown): Promise<TidegateError | undefined> {
  const why = await node?.silence();
  if (node === undefined || why === undefined) return undefined;
  return new TidegateError('build-node-lost', `The builder for ${nodeName(node)} no longer responds: ${why}.`, {
    next: 'Check that BuildKit runs there and was not stopped for lack of memory. Then run again.',
    cause,
  });
}

async function runOnce(
  call: BuildxCall,
  options: BuildOptions,
  { program, engine }: { readonly program: string; readonly engine: Builder },
  reader: TranscriptReader,
  { children, log, run, signal }: Services,
): Promise<void> {
  const context = await children.create({
    cwd: options.workspace,
    login: 'buildx',
    set: { ...engine.env, ...call.env },
  });
  await log.group('BuildKit', (grouped) =>
    run(program, call.argv, {
      context,
      timeout: TIMEOUT,
      signal,
      onLine: (line) => {
        reader.read(line);
        grouped.info(line);
      },
    }),
  );
}

/** Whether a RUN step has a network in which 127.0.0.1 is not the runner's. */
function isNetworkApart({ runNetwork }: Builder, { network }: BuildOptions): boolean {
  return (runNetwork === 'bridge' || runNetwork === 'slirp') && network === 'default';
}

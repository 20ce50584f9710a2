import { stat } from 'node:fs/promises';
import { type Log, messageOf } from '@tidegate/core';
import { privileged } from '../run/privileged.ts';
import { bridgeName } from './bridge.ts';

/** Remove the bridge: CNI plugins remove a step's namespace and addresses, but never the bridge itself. */
export async function removeBridge(folder: string, log: Log): Promise<void> {
  const name = bridgeName(folder);
  if (!(await stat(`/sys/class/net/${name}/bridge`).catch(() => undefined))?.isDirectory()) return;
  const argv = ['ip', 'link', 'delete', 'dev', name, 'type', 'bridge'] as const;
  for (const [program, ...rest] of [argv, ['sudo', '-n', ...argv]] as const) {
    try {
      await privileged(program, rest, 10_000);
      return;
    } catch (error) {
      log.debug(messageOf(error));
    }
  }
  log.notice(`The network bridge ${name} could not be removed. The next BuildKit in ${folder} will reuse it.`);
}

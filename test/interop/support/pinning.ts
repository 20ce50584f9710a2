/** Workspaces with files, and the action pin-manifests in them. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleResult, runBundle } from '@tidegate/testkit';
import { actionsFromSource } from '../../support/actions.ts';

type Texts = Readonly<Record<string, string>>;

export interface Pinning {
  /** For anything else of the test. */
  readonly folder: string;
  readonly workspaceWith: (files: Texts) => Promise<string>;
  readonly pin: (workspace: string, inputs: Texts, env?: Record<string, string>) => Promise<BundleResult>;
}

/** @param running removes the folder in the end */
export async function startPinning(running: AsyncDisposableStack): Promise<Pinning> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-pin-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  const isFromSource = process.env.TIDEGATE_E2E_FROM_SOURCE === '1';
  const actions = isFromSource ? await actionsFromSource(join(folder, 'actions')) : undefined;
  const action = actions ? join(actions, 'pin-manifests', 'action.yml') : 'pin-manifests';
  return {
    folder,
    async workspaceWith(files) {
      const workspace = await mkdtemp(join(folder, 'work-'));
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(workspace, name, '..'), { recursive: true });
        await writeFile(join(workspace, name), text);
      }
      return workspace;
    },
    pin: (workspace, inputs, env = {}) => runBundle({ action, inputs, env, temp: workspace, workspace }),
  };
}

/** The states of the output `pinned`. */
export function statesOf({ outputs }: BundleResult): readonly string[] {
  return JSON.parse(outputs.pinned ?? '[]').map(({ state }: { state: string }) => state);
}

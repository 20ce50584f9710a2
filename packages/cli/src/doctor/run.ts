import { badInput, GRYPE_SERVER, TidegateError } from '@tidegate/core';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { hostPlatform } from '@tidegate/tools';
import { imageOf } from '../../../../actions/support/registry/image.ts';
import { hasDockerLogin, registryOf } from '../../../../actions/support/registry/registry.ts';
import { inputFlags } from '../flags/flags.ts';
import { wordingFor } from '../terminal/in-flags.ts';
import { action } from './action.ts';
import type { Check } from './check.ts';
import { checkoutCheck } from './checkout.ts';
import { diskCheck, emulationCheck, engineCheck, gitCheck, type Machine, nodeCheck, toolsCheck } from './machine.ts';
import { type NeededServer, permissionChecks, registryChecks, serverChecks } from './network.ts';

type DoctorInputs = Inputs<typeof action>;

const RELEASES = 'https://github.com';
const MARKS: Readonly<Record<Check['status'], string>> = { ok: '✓', warning: '!', failed: '✗' };

export async function run(inputs: DoctorInputs, job: Job): Promise<Outputs<typeof action>> {
  const machine: Machine = {
    os: process.platform,
    platform: hostPlatform(process.platform, process.arch),
    nodeVersion: process.versions.node,
    uid: process.getuid?.(),
    env: job.env,
  };
  const found: Check[] = [];
  const tell = (...checks: readonly Check[]) => {
    found.push(...checks);
    for (const { name, status, detail, fix } of checks) {
      job.log.info(`${MARKS[status]} ${name.padEnd(12)}${detail}${fix === undefined ? '' : `\n    → ${fix}`}`);
    }
  };
  tell(nodeCheck(machine), await gitCheck(machine), await engineCheck(machine, inputs.builder));
  tell(await emulationCheck(machine, inputs.platforms), await diskCheck(job.temp), await toolsCheck(inputs.tools));
  tell(...permissionChecks(job.env));
  if (job.env.GITHUB_ACTIONS !== 'true') tell(await checkoutCheck(job.workspace, job.env, job.signal));
  tell(...(await serverChecks(serversOf(inputs, job.env), job)));
  if (inputs.image) tell(...(await imageChecks(inputs, job)));
  const failures = found.filter(({ status }) => status === 'failed');
  const outputs = { checks: JSON.stringify(job.redacted(found)), failed: String(failures.length) };
  if (failures.length > 0) {
    const names = failures.map(({ name }) => name).join(', ');
    failWithOutputs(
      new TidegateError('machine-unfit', `This machine fails ${failures.length} of ${found.length} checks: ${names}.`),
      outputs,
    );
  }
  return outputs;
}

/** The servers of a run with these flags. Programs of one's own (`tools`) are not downloaded. */
function serversOf(inputs: DoctorInputs, env: Job['env']): readonly NeededServer[] {
  const downloads = {
    ...{ name: 'downloads', setting: 'tools-mirror', url: inputs['tools-mirror'] || RELEASES },
    fix: 'Set HTTPS_PROXY, or give --tools-mirror or --tools.',
  };
  const api = {
    ...{ name: 'github-api', setting: 'GITHUB_API_URL', url: env.GITHUB_API_URL || 'https://api.github.com' },
    fix: 'Set HTTPS_PROXY, or GITHUB_API_URL for a server of your own. Without it, give --default-branch; pull requests and comments are not possible.',
  };
  const mirrors = inputs['db-mirror'].length > 0 ? inputs['db-mirror'] : [GRYPE_SERVER];
  const databases = mirrors.map((url) => ({
    ...{ name: 'database', setting: 'db-mirror', url },
    fix: 'Set HTTPS_PROXY, give the address of a mirror with --db-mirror, or a downloaded archive with --db-archive.',
  }));
  const servers: readonly NeededServer[] = [downloads, api, ...databases];
  const wrong = servers.find(({ url }) => !URL.canParse(url));
  if (wrong) {
    throw badInput('input-format-wrong', wrong.setting, wrong.url, 'an HTTP or HTTPS URL', 'Write the whole URL.');
  }
  return inputs.tools ? [api, ...databases] : servers;
}

async function imageChecks(inputs: DoctorInputs, job: Job): Promise<readonly Check[]> {
  const reference = imageOf(inputs.image, job);
  const hasLogin = inputs['registry-username'] !== '' || (await hasDockerLogin(reference.registry, job));
  return registryChecks(
    { reference, registry: registryOf(reference, inputs, job), hasLogin },
    job.signal,
    wordingFor(inputFlags(action)),
  );
}

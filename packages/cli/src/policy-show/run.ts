import { writePolicyFile } from '@tidegate/core';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { resolvedWithFile } from '../../../../actions/support/policy/policy.ts';
import type { action } from './action.ts';

const STRICTER =
  'Extended policies have allow lists of their own. This file has only the entries that are in all of them and that a file can name: it is stricter.';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const { document, file } = await resolvedWithFile(inputs, job);
  const { bytes, digest, preset } = document;
  const { text, isExact } = await writePolicyFile(file);
  const comments = [`The effective policy, based on the preset ${preset}.`, `Digest: ${digest}`];
  if (!isExact) comments.push(STRICTER);
  return {
    preset,
    digest,
    file: `${comments.map((line) => `# ${line}\n`).join('')}${text}`,
    policy: Buffer.from(bytes).toString(),
  };
}

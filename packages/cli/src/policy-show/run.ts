import {
  type Digest,
  defined,
  effectivePolicy,
  type PolicyFile,
  policyDocument,
  readPolicyFile,
  type SourcePolicy,
  writePolicyFile,
} from '@tidegate/core';
import type { Inputs, Job, Outputs } from '@tidegate/runner';
import { resolvedWithFile } from '../../../../actions/support/policy/policy.ts';
import type { action } from './action.ts';

const STRICTER =
  'Extended policies have allow lists of their own. This file has only the entries that are in all of them and that a file can name: it is stricter.';
const OF_PRESET = 'The levels of the source rules are those of the preset: no file sets them.';
const OTHER =
  'Read as a policy file, this has another digest: a digest also covers the lines of exceptions, and whether a policy extends others.';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const { document, file } = await resolvedWithFile(inputs, job);
  const { bytes, digest, preset, sources } = document;
  const { setBy } = sources;
  const { text, isExact } = await writePolicyFile(file, setBy === undefined);
  const again = await readPolicyFile(Buffer.from(text), 'policy.yml');
  const isSame = digestOf(again, again.sources && 'file') === digestOf(file, setBy);
  const comments = [
    `The effective policy, based on the preset ${preset}.`,
    `Digest: ${digest}`,
    ...(setBy === undefined ? [OF_PRESET] : []),
    ...(isExact ? [] : [STRICTER]),
    ...(isSame ? [] : [OTHER]),
  ];
  return {
    preset,
    digest,
    file: `${comments.map((line) => `# ${line}\n`).join('')}${text}`,
    policy: Buffer.from(bytes).toString(),
  };
}

/** Without the VEX documents, which are the same in both. */
function digestOf(file: PolicyFile, setBy: SourcePolicy['setBy']): Digest {
  const { sources, ...effective } = effectivePolicy(file);
  return policyDocument({ ...effective, sources: { ...sources, ...defined({ setBy }) } }).digest;
}

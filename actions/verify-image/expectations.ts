import {
  badInput,
  type Digest,
  type Expectations,
  isDigest,
  parseRepositoryName,
  parseRequire,
  requiredBy,
  withoutEnd,
} from '@tidegate/core';
import type { Inputs, Job } from '@tidegate/runner';
import { policyOf } from '../support/policy/policy.ts';
import type { action } from './action.ts';

type ExpectationInputs = Omit<Inputs<typeof action>, 'image' | 'expected-digest' | 'layout' | 'name' | 'policy-dir'>;

/** Demands on every image: from inputs alone. */
export function expectationsOf(inputs: ExpectationInputs, job: Job): Expectations {
  const verdictOf = digestOf('verdict-policy', inputs['verdict-policy']);
  const repository = inputs['source-repository'];
  if (repository) parseRepositoryName(repository, 'source-repository');
  const server = withoutEnd(job.env.GITHUB_SERVER_URL || 'https://github.com', '/');
  return {
    ...requiredBy(parseRequire(inputs.require)),
    scope: inputs.scope,
    policy: { ...policyOf(inputs), verdictOf },
    provenance: {
      source: repository ? `${server}/${repository}` : undefined,
      commit: inputs['source-commit'] || undefined,
      builder: inputs.builder ? { kind: 'exact', value: inputs.builder } : undefined,
    },
  };
}

export function digestOf(name: 'expected-digest' | 'verdict-policy', text: string): Digest | undefined {
  if (text === '' || isDigest(text)) return text === '' ? undefined : text;
  throw badInput(
    'input-format-wrong',
    name,
    text,
    'sha256: and 64 hex digits',
    'Pass on the digest from another job or from the signed verdict.',
  );
}

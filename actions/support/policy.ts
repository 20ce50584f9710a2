import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badInput,
  effectivePolicy,
  everyState,
  overridden,
  type Policy,
  type PolicyDocument,
  type PolicyValues,
  parseRequire,
  policyDocument,
} from '@tidegate/core';
import { folderSource, loadPolicy, type PolicySource } from '@tidegate/pipeline';
import { githubToken, type Job, repositoryFile } from '@tidegate/runner';
import { givenDocument } from './policy-document.ts';
import { registryOf } from './registry.ts';
import { NO_TOOLS, withServices } from './services.ts';

interface PolicyInputs {
  readonly 'fail-on': Policy['failOn'] | '';
  readonly 'unknown-severity': Policy['unknownSeverity'] | '';
  readonly 'only-fixed': 'true' | 'false' | '';
  readonly 'allow-empty-sbom': 'true' | 'false' | '';
  readonly 'max-db-age': number | undefined;
  readonly 'max-scan-age'?: number | undefined;
  readonly require?: readonly string[];
}

interface PolicyFileInputs extends PolicyInputs {
  readonly policy: string;
  readonly 'policy-document'?: string;
  readonly 'policy-document-sha256'?: string;
  readonly token?: string;
  readonly 'insecure-registries'?: readonly string[];
}

const DEFAULT_PATH = '.github/tidegate.yml';

/** What inputs alone say. What nothing is said of is held to strictly. */
export function policyOf(inputs: PolicyInputs): Policy {
  return effectivePolicy(overridden({ version: 1 }, valuesOf(inputs))).policy;
}

/**
 * The policy of this step: the document that `plan` resolved, where one is given; else the policy file with what inputs
 * say, and what it extends.
 */
export async function loadedPolicy(inputs: PolicyFileInputs, job: Job): Promise<PolicyDocument> {
  return (await givenDocument(inputs, job)) ?? resolvedPolicy(inputs, job);
}

/**
 * The policy file with what inputs say, and what it extends. Read from the checkout; in a job without one, from the commit
 * that the run is of: a job that publishes must not hold the image to less than the one that scanned it.
 */
export async function resolvedPolicy(inputs: PolicyFileInputs, job: Job): Promise<PolicyDocument> {
  const path = inputs.policy || DEFAULT_PATH;
  if (/^\/|(^|\/)\.\.(\/|$)|\\/.test(path)) {
    throw badInput('policy', path, 'a path within the repository', `Write for example ${DEFAULT_PATH}.`);
  }
  const registryInputs = {
    // Whoever may write to the image's registry says nothing to another's: docker's own configuration is asked.
    'registry-username': '',
    'registry-password': '',
    token: inputs.token ?? '',
    'insecure-registries': inputs['insecure-registries'] ?? [],
  };
  const source = await sourceOf(inputs.token ?? '', job);
  const effective = await withServices(job, NO_TOOLS, (services) =>
    loadPolicy(
      {
        source,
        path,
        named: inputs.policy !== '',
        values: valuesOf(inputs),
        registry: (reference) => registryOf(reference, registryInputs, job),
      },
      services,
    ),
  );
  return policyDocument(effective);
}

async function sourceOf(input: string, job: Job): Promise<PolicySource> {
  const token = githubToken(input, job.env);
  const checkedOut = await stat(join(job.workspace, '.git')).catch(() => undefined);
  if (checkedOut || !token || !job.env.GITHUB_REPOSITORY || !job.env.GITHUB_SHA) return folderSource(job.workspace);
  const commit = job.env.GITHUB_SHA.slice(0, 12);
  return {
    nameOf: (path) => `${path} at ${commit}`,
    read: (path) => repositoryFile(job, token, path),
  };
}

function valuesOf(inputs: PolicyInputs): PolicyValues {
  const { require = [] } = inputs;
  const said = <K extends string, T>(key: K, value: T | undefined | '') =>
    value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, T>);
  const flag = (word: 'true' | 'false' | '') => (word === '' ? undefined : word === 'true');
  return {
    vulnerabilities: {
      ...said('fail-on', inputs['fail-on'] === '' ? undefined : everyState(inputs['fail-on'])),
      ...said('unknown-severity', inputs['unknown-severity']),
      ...said('only-fixed', flag(inputs['only-fixed'])),
    },
    evidence: {
      ...said('require', require.length > 0 ? parseRequire(require) : undefined),
      ...said('max-scan-age', inputs['max-scan-age']),
      ...said('allow-empty-sbom', flag(inputs['allow-empty-sbom'])),
    },
    database: said('max-age', inputs['max-db-age']),
  };
}

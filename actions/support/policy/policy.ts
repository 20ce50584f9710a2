import {
  badInput,
  defined,
  effectivePolicy,
  everyState,
  overridden,
  type Policy,
  type PolicyDocument,
  type PolicyFile,
  type PolicyValues,
  type PresetName,
  parseRequire,
  policyDocument,
  type SourceLevels,
  TidegateError,
} from '@tidegate/core';
import {
  commitObjects,
  commitSource,
  folderSource,
  gitObjects,
  loadPolicy,
  type PolicySource,
  type Services,
} from '@tidegate/pipeline';
import { githubCommit, githubToken, type Job } from '@tidegate/runner';
import { registryOf } from '../registry/registry.ts';
import { NO_TOOLS, withServices } from '../services.ts';
import { givenDocument } from './document.ts';

interface PolicyInputs {
  readonly preset?: PresetName | '';
  readonly 'fail-on'?: Policy['failOn'] | '';
  readonly 'unknown-severity'?: Policy['unknownSeverity'] | '';
  readonly 'only-fixed'?: 'true' | 'false' | '';
  readonly 'allow-empty-sbom'?: 'true' | 'false' | '';
  readonly 'max-db-age'?: number | undefined;
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

/** The policy of the inputs alone, on top of their preset. */
export function policyOf(inputs: PolicyInputs): Policy {
  return effectivePolicy(overridden({ version: 1 }, valuesOf(inputs))).policy;
}

/**
 * The policy of this step: the document that `plan` resolved, if there is one; otherwise the policy file, overridden by
 * inputs, with the policies it extends.
 * @param levels of source rules that an input sets
 */
export async function loadedPolicy(
  inputs: PolicyFileInputs,
  job: Job,
  levels: SourceLevels = {},
): Promise<PolicyDocument> {
  const given = await givenDocument(inputs, job);
  const [rule] = Object.keys(levels);
  if (given && rule !== undefined) {
    throw new TidegateError('policy-input-idle', `levels: ${rule} has no effect together with policy-document.`, {
      next: 'Set the level in the policy file, under sources.levels.',
    });
  }
  return given ?? resolvedPolicy(inputs, job, levels);
}

/** The policy file, overridden by inputs, and the policies it extends, all as of the commit of this run. */
export async function resolvedPolicy(
  inputs: PolicyFileInputs,
  job: Job,
  levels: SourceLevels = {},
): Promise<PolicyDocument> {
  return (await resolvedWithFile(inputs, job, levels)).document;
}

/** The same, also as a policy file. */
export async function resolvedWithFile(
  inputs: PolicyFileInputs,
  job: Job,
  levels: SourceLevels = {},
): Promise<{ readonly document: PolicyDocument; readonly file: PolicyFile }> {
  const path = inputs.policy || DEFAULT_PATH;
  if (/^\/|(^|\/)\.\.(\/|$)|\\/.test(path)) {
    throw badInput(
      'policy-file-unusable',
      'policy',
      path,
      'a path within the repository',
      `Write a path such as ${DEFAULT_PATH}.`,
    );
  }
  const registryInputs = {
    // The inputs' credentials are for the image's registry only: a policy's registry uses docker's own configuration.
    'registry-username': '',
    'registry-password': '',
    token: inputs.token ?? '',
    'insecure-registries': inputs['insecure-registries'] ?? [],
  };
  const { effective, file } = await withServices(job, NO_TOOLS, (services) =>
    loadPolicy(
      {
        source: sourceOf(inputs.token ?? '', job, services),
        path,
        named: inputs.policy !== '',
        values: valuesOf(inputs, levels),
        registry: (reference) => registryOf(reference, registryInputs, job),
      },
      services,
    ),
  );
  return { document: policyDocument(effective), file };
}

/**
 * The commit GITHUB_SHA: its objects in the checkout, and missing ones from GitHub. Never the work tree: on a
 * persistent runner, the last job may have left it. Outside of a workflow, the folder as it is.
 */
function sourceOf(input: string, job: Job, services: Services): PolicySource {
  const { GITHUB_SHA: commit = '', GITHUB_REPOSITORY: repository = '' } = job.env;
  if (!commit) return folderSource(job.workspace);
  const token = githubToken(input, job.env);
  const local = gitObjects({ folder: job.workspace }, services);
  const remote = token && repository ? githubCommit(job, token) : undefined;
  const missing = () =>
    new TidegateError(
      'policy-commit-missing',
      `The policy cannot be read: commit ${commit} (GITHUB_SHA) is not in the checkout.`,
      {
        next: 'Check out that commit before this step, pass the step a token with `contents: read`, or pass policy-document.',
      },
    );
  return commitSource(commitObjects(commit, local, remote, missing));
}

function valuesOf(inputs: PolicyInputs, levels: SourceLevels = {}): PolicyValues {
  const { preset = '', require = [], 'fail-on': threshold = '' } = inputs;
  const said = <K extends string, T>(key: K, value: T | undefined | '') =>
    value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, T>);
  const flag = (word: 'true' | 'false' | '' = '') => (word === '' ? undefined : word === 'true');
  return {
    ...said('preset', preset),
    vulnerabilities: {
      ...said('fail-on', threshold === '' ? undefined : everyState(threshold)),
      ...said('unknown-severity', inputs['unknown-severity']),
      ...said('only-fixed', flag(inputs['only-fixed'])),
    },
    evidence: {
      ...said('require', require.length > 0 ? parseRequire(require) : undefined),
      ...said('max-scan-age', inputs['max-scan-age']),
      ...said('allow-empty-sbom', flag(inputs['allow-empty-sbom'])),
    },
    database: said('max-age', inputs['max-db-age']),
    ...defined({ sources: Object.keys(levels).length > 0 ? { levels } : undefined }),
  };
}

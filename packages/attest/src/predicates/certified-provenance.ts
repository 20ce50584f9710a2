import { defined, parseDigest, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { members, shaped } from '../statement/shape.ts';
import { makeStatement, parseStatement, type StatementBytes } from '../statement/statement.ts';
import type { CertificateIdentity } from '../verify/certificate.ts';
import { Dependency } from './provenance.ts';

/** docs/build-type.md describes each field of this provenance. */
export const BUILD_TYPE = 'https://github.com/tidegate/tidegate/blob/main/docs/build-type.md#v1';

const Predicate = v.looseObject({
  buildDefinition: v.looseObject({
    externalParameters: members,
    internalParameters: v.optional(members, {}),
    resolvedDependencies: v.optional(v.array(Dependency), []),
  }),
  runDetails: v.looseObject({
    builder: v.optional(v.looseObject({ id: v.optional(v.string()) }), {}),
    metadata: v.optional(members, {}),
  }),
});

const SOURCE = 'source';

/**
 * Replace the claims about the run that come from its environment with the claims that Fulcio has verified: SLSA v1,
 * with the names of GitHub's workflow build type (actions.github.io/buildtypes/workflow/v1).
 * @returns undefined if the certificate is not for a workflow run, so that there is nothing to add
 * @throws TidegateError `evidence` when the provenance is of another commit or repository than the certificate.
 */
export function certifiedProvenance(bytes: Uint8Array, { claims }: CertificateIdentity): StatementBytes | undefined {
  const { sourceRepository, sourceDigest, sourceRef, buildSignerUri, buildConfigUri } = claims;
  if (!sourceRepository || !sourceDigest || !sourceRef || !buildSignerUri || !buildConfigUri) return undefined;
  const { predicate, predicateType, subject } = parseStatement(bytes);
  const { buildDefinition, runDetails, ...rest } = shaped(Predicate, predicate, 'The provenance');
  const source = { name: SOURCE, uri: `git+${sourceRepository}@${sourceRef}`, digest: { gitCommit: sourceDigest } };
  const { resolvedDependencies, externalParameters, internalParameters } = buildDefinition;
  const claimed = resolvedDependencies.find(({ name }) => name === SOURCE);
  if (claimed) assertSame(claimed, source);
  const { buildType: _buildKit, ...definition } = buildDefinition as typeof buildDefinition & { buildType?: unknown };
  const subjects = subject.map(({ digest, name }) => ({
    digest: parseDigest(`sha256:${digest.sha256}`),
    name,
  }));
  return makeStatement(predicateType, subjects, {
    ...rest,
    buildDefinition: {
      ...definition,
      buildType: BUILD_TYPE,
      externalParameters: {
        ...externalParameters,
        source: { uri: source.uri, digest: source.digest },
        workflow: { ref: sourceRef, repository: sourceRepository, path: pathOf(buildConfigUri, sourceRepository) },
      },
      internalParameters: {
        ...internalParameters,
        github: defined({
          event_name: claims.buildTrigger,
          repository_id: claims.sourceId,
          repository_owner_id: claims.ownerId,
          repository_visibility: claims.visibility,
          runner_environment: claims.runnerEnvironment,
          workflow_sha: claims.buildConfigDigest,
          job_workflow_sha: claims.buildSignerDigest,
        }),
      },
      resolvedDependencies: [source, ...resolvedDependencies.filter((one) => one !== claimed)],
    },
    runDetails: {
      ...runDetails,
      builder: { ...runDetails.builder, id: buildSignerUri },
      metadata: { ...runDetails.metadata, ...defined({ invocationId: claims.invocationUri }) },
    },
  });
}

function assertSame(claimed: v.InferOutput<typeof Dependency>, source: { uri: string; digest: { gitCommit: string } }) {
  const commit = claimed.digest?.gitCommit ?? claimed.digest?.sha1;
  if (claimed.uri === source.uri && commit === source.digest.gitCommit) return;
  throw new TidegateError(
    'provenance-of-other-commit',
    `The provenance is for ${claimed.uri}, commit ${commit}, but the identity of this run is for ${source.uri}, commit ${source.digest.gitCommit}.`,
    { next: 'Sign in a run of the workflow and commit that built the image.' },
  );
}

/** `.github/workflows/release.yml` of `https://host/owner/repo/.github/workflows/release.yml@refs/heads/main`. */
function pathOf(workflow: string, repository: string): string {
  const [path = ''] = workflow.split('@');
  return path.startsWith(`${repository}/`) ? path.slice(repository.length + 1) : path;
}

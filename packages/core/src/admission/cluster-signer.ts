import { TidegateError } from '../error.ts';
import { type ExpectedIdentity, exact, matches, shownMatch, type TextMatch } from './identity.ts';
import type { ExpectedSigner } from './signer.ts';
import { workflowOf } from './workflow-identity.ts';

/** The claims of a certificate that Kyverno and policy-controller compare: issuer and subject, and no other claim. */
export interface ClusterIdentity {
  readonly issuer: TextMatch;
  readonly subject: TextMatch;
  /** Claims that were checked here and that a controller does not compare, for the reader of a policy. */
  readonly notAsked: readonly string[];
}

/**
 * Kyverno 1.19.1 (`pkg/image/verifiers/cpol/cosign/sigstore.go`, buildPolicy) and policy-controller 0.13.1 (cosign
 * 2.5.0, `verifyImageAttestationsSigstoreBundle`, which drops the certificate) compare nothing else for bundles. A
 * workflow that other repositories call has the same issuer and subject for all of them, and a statement that one of
 * them signs may say anything. So a policy exists only for workflows of the repository that was built.
 * @throws TidegateError `bad-input` if issuer and subject do not imply the expected source
 */
export function clusterIdentity(identity: ExpectedIdentity): ClusterIdentity {
  const { issuer, subject, sourceRepository, sourceRef } = identity;
  const notAsked = [
    ...named('source repository id', identity.sourceRepositoryId),
    ...named('source commit', identity.sourceDigest),
    ...named('runner environment', identity.runnerEnvironment),
    ...named('build trigger', identity.buildTrigger),
  ];
  if (!sourceRepository) return { issuer, subject, notAsked: [...named('source ref', sourceRef), ...notAsked] };
  const workflow = workflowOf(subject);
  if (!workflow || sourceRepository.kind !== 'exact' || workflow.repository !== sourceRepository.value) {
    throw cannotAsk(
      `every repository that calls ${workflow?.file ?? shownMatch(subject)} has this identity, not only ${shownMatch(sourceRepository)}`,
      'Run verify-image before you deploy. Or sign with a key (Kyverno), or in a workflow of the repository itself.',
    );
  }
  return { issuer, subject: ofRef(workflow.file, subject, sourceRef), notAsked };
}

/** A run of a workflow that no other repository calls has the ref of its source in its subject. */
function ofRef(file: string, subject: TextMatch, ref: TextMatch | undefined): TextMatch {
  if (!ref) return subject;
  const here: TextMatch =
    ref.kind === 'exact'
      ? exact(`${file}@${ref.value}`)
      : { kind: 'pattern', source: `${file.replaceAll('.', '\\.')}@${ref.source}` };
  if (here.kind === subject.kind && shownMatch(here) === shownMatch(subject)) return here;
  const anyRef = subject.kind === 'pattern' && subject.source === `${file.replaceAll('.', '\\.')}@.+`;
  if (anyRef || (here.kind === 'exact' && matches(subject, here.value))) return here;
  if (subject.kind === 'exact' && matches(ref, subject.value.slice(file.length + 1))) return subject;
  throw cannotAsk(
    `${shownMatch(subject)} does not include the source ref ${shownMatch(ref)}`,
    'Remove the ref from workflow, or set the same ref in workflow and source-ref.',
  );
}

function cannotAsk(why: string, next: string): TidegateError {
  const message = `No cluster policy is written: Kyverno and policy-controller compare only issuer and identity of a certificate, and ${why}.`;
  return new TidegateError('cluster-policy-impossible', message, { next });
}

function named(name: string, match: TextMatch | undefined): readonly string[] {
  return match ? [`${name} ${shownMatch(match)}`] : [];
}

/** For the top of a policy: YAML comments. Text from outside stays on its line. */
export function commentsOf(signer: ExpectedSigner): string {
  if (signer.kind === 'key') return '';
  const { notAsked } = clusterIdentity(signer.identity);
  const lines = [
    ...(notAsked.length > 0 ? [`Not compared, because the controller does not read it: ${notAsked.join(', ')}.`] : []),
    ...(workflowOf(signer.identity.subject)
      ? ['The workflow must not be callable by other repositories (on: workflow_call): they would share its identity.']
      : []),
  ];
  return lines.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, '?')}\n`).join('');
}

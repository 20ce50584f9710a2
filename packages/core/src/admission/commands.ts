import { PredicateType } from '../evidence.ts';
import { anchored, type ExpectedIdentity, GITHUB_ISSUER, shownMatch, type TextMatch } from './identity.ts';
import { type Admission, type ExpectedSigner, predicateTypesOf } from './signer.ts';

export interface CommandOptions {
  /** `registry/repository@sha256:…` */
  readonly reference: string;
  /** File names that the commands use. */
  readonly keyFile?: string;
  readonly trustedRoot?: string;
}

/** One shell word. Text of others goes into these lines: a ref may hold `$(…)`, and people paste them. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const line = (...words: readonly string[]) => words.map(shellWord).join(' ');

/** `cosign verify` and `cosign verify-attestation` (3.0 or newer) for one identity. */
export function cosignCommands(admission: Admission, options: CommandOptions): readonly string[] {
  const flags = cosignFlags(admission.signer, options);
  return predicateTypesOf(admission).map((type) =>
    type === PredicateType.signature
      ? line('cosign', 'verify', ...flags, options.reference)
      : line('cosign', 'verify-attestation', ...flags, '--type', type, options.reference),
  );
}

export function cosignFlags(
  signer: ExpectedSigner,
  { keyFile = 'cosign.pub', trustedRoot }: Omit<CommandOptions, 'reference'>,
): readonly string[] {
  const root = trustedRoot === undefined ? [] : ['--trusted-root', trustedRoot];
  if (signer.kind === 'key') {
    return ['--key', keyFile, ...root, ...(signer.logged ? [] : ['--insecure-ignore-tlog=true'])];
  }
  const { issuer, subject, sourceRepository, sourceRef, sourceDigest, buildTrigger } = signer.identity;
  return [
    ...either('--certificate-identity', '--certificate-identity-regexp', subject),
    ...either('--certificate-oidc-issuer', '--certificate-oidc-issuer-regexp', issuer),
    // Of a reusable workflow the identity is the same for everybody who calls it. cosign reads these of older extensions,
    // which name a repository without its server.
    ...exactly('--certificate-github-workflow-repository', withoutServer(sourceRepository)),
    ...exactly('--certificate-github-workflow-ref', sourceRef),
    ...exactly('--certificate-github-workflow-sha', sourceDigest),
    ...exactly('--certificate-github-workflow-trigger', buildTrigger),
    ...root,
  ];
}

function exactly(flag: string, match: TextMatch | undefined): readonly string[] {
  return match?.kind === 'exact' ? [flag, match.value] : [];
}

function withoutServer(repository: TextMatch | undefined): TextMatch | undefined {
  if (repository?.kind !== 'exact') return undefined;
  return { kind: 'exact', value: repository.value.replace(/^https:\/\/[^/]+\//, '') };
}

/** What these commands cannot be told, as comments for a shell: who pastes them shall not believe that it was held. */
export function notAsked({ signer }: Admission): readonly string[] {
  if (signer.kind === 'key' || signer.identity.sourceRef?.kind !== 'pattern') return [];
  // A ref cannot hold a line break; a pattern of one is made of what may stand in a ref.
  return [
    `# cosign, gh and slsa-verifier take one ref and no pattern: that it is ${shownMatch(signer.identity.sourceRef)} is not held below.`,
  ];
}

/** cosign and gh look for a pattern anywhere: it is anchored here. */
function either(exactly: string, regexp: string, match: TextMatch): readonly string[] {
  return match.kind === 'exact' ? [exactly, match.value] : [regexp, anchored(match)];
}

const GITHUB = /^https:\/\/github\.com\/([^/]+\/[^/]+)/;

/** `gh attestation verify`, for signers that are workflows on github.com; undefined for others. */
export function ghCommand(admission: Admission, options: CommandOptions): string | undefined {
  const identity = workflowsOf(admission);
  const repository = identity && sourceOf(identity);
  if (!identity || repository === undefined) return undefined;
  const { issuer, subject, sourceRef, sourceDigest } = identity;
  const types = predicateTypesOf(admission).filter((type) => type !== PredicateType.signature);
  if (types.length === 0) return undefined;
  return types
    .map((type) =>
      line(
        ...['gh', 'attestation', 'verify', `oci://${options.reference}`, '--bundle-from-oci', '--repo', repository],
        ...either('--cert-identity', '--cert-identity-regex', subject),
        ...exactly('--cert-oidc-issuer', issuer),
        ...exactly('--source-ref', sourceRef),
        ...exactly('--source-digest', sourceDigest),
        ...['--predicate-type', type],
        ...(options.trustedRoot === undefined ? [] : ['--custom-trusted-root', options.trustedRoot]),
      ),
    )
    .join('\n');
}

/**
 * `slsa-verifier verify-image`. It knows cosign 2's attestations only, so it is given the provenance as a file; and it
 * takes a builder without its ref.
 */
export function slsaVerifierCommands(admission: Admission, options: CommandOptions): readonly string[] {
  const identity = workflowsOf(admission);
  const repository = identity && sourceOf(identity);
  const builder = identity && workflowOf(identity.subject);
  if (!identity || repository === undefined || builder === undefined) return [];
  const { sourceRef } = identity;
  const [, kind, name] = (sourceRef?.kind === 'exact' && /^refs\/(tags|heads)\/(.+)$/.exec(sourceRef.value)) || [];
  const provenance = 'https://slsa.dev/provenance/v1';
  return [
    `${line('cosign', 'download', 'attestation', '--predicate-type', provenance, options.reference)} > provenance.json`,
    line(
      ...['slsa-verifier', 'verify-image', options.reference, '--provenance-path', 'provenance.json'],
      ...['--source-uri', `github.com/${repository}`, '--builder-id', builder],
      ...(kind && name ? [kind === 'tags' ? '--source-tag' : '--source-branch', name] : []),
    ),
  ];
}

function workflowsOf({ signer }: Admission): ExpectedIdentity | undefined {
  if (signer.kind !== 'keyless') return undefined;
  const { issuer } = signer.identity;
  return issuer.kind === 'exact' && issuer.value === GITHUB_ISSUER ? signer.identity : undefined;
}

/** The repository that called the workflow; where nobody says, the workflow's own. */
function sourceOf({ sourceRepository, subject }: ExpectedIdentity): string | undefined {
  if (sourceRepository) {
    return sourceRepository.kind === 'exact' ? GITHUB.exec(sourceRepository.value)?.[1] : undefined;
  }
  return GITHUB.exec(workflowOf(subject) ?? '')?.[1];
}

/** The workflow without its ref. A pattern says it literally up to the `@`, or not at all. */
function workflowOf(subject: TextMatch): string | undefined {
  const text = subject.kind === 'exact' ? subject.value : subject.source.replace(/\\([.+*?^$()[\]{}|\\])/g, '$1');
  const [, workflow] =
    /^(https:\/\/github\.com\/[^/@]+\/[^/@]+\/\.github\/workflows\/[^/@*]+\.ya?ml)@/.exec(text) ?? [];
  return workflow;
}

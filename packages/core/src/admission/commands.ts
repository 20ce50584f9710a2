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
  return predicateTypesOf(admission).map((type) => {
    if (type === PredicateType.signature) return line('cosign', 'verify', ...flags, options.reference);
    const command = line('cosign', 'verify-attestation', ...flags, '--type', type, options.reference);
    return type === PredicateType.verdict ? `${command} | ${newestPassed(COSIGN_OUTPUT, admission)}` : command;
  });
}

/** One DSSE envelope a line. */
const COSIGN_OUTPUT = '[.[].payload | @base64d | fromjson | .predicate]';
/** One array. */
const GH_OUTPUT = '[.[][].verificationResult.statement.predicate]';

/**
 * A verdict is signed when it says no, too, and these tools accept it: so the newest one for this repository is read.
 * With nothing on its standard input jq fails as well.
 */
function newestPassed(predicates: string, { repository }: Admission): string {
  const here = `select(.resourceUri == ${JSON.stringify(repository)})`;
  const program = `${predicates} | map(${here}) | sort_by(.timeVerified) | last | .verificationResult == "PASSED"`;
  return line('jq', '-e', '-s', program);
}

function cosignFlags(
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

/** Claims that no flag of a tool compares, as comments for a shell: nobody shall believe that they were compared. */
export function notAsked({ signer }: Admission): readonly string[] {
  if (signer.kind === 'key') return [];
  const { sourceRef, sourceRepositoryId, runnerEnvironment } = signer.identity;
  const claims = (tools: string, asked: readonly (readonly [string, TextMatch | undefined])[]) =>
    // A claim cannot hold a line break; patterns of refs are made of what may stand in a ref.
    asked.flatMap(([name, match]) => (match ? [`# Not compared by ${tools}: ${name} ${shownMatch(match)}.`] : []));
  return [
    ...claims('cosign and gh', [['source ref', sourceRef?.kind === 'pattern' ? sourceRef : undefined]]),
    ...claims('cosign and gh', [['source repository id', sourceRepositoryId]]),
    ...claims(deniesSelfHosted(signer.identity) ? 'cosign' : 'cosign and gh', [
      ['runner environment', runnerEnvironment],
    ]),
  ];
}

/** The one runner environment that gh can be told to insist on. */
function deniesSelfHosted({ runnerEnvironment }: ExpectedIdentity): boolean {
  return runnerEnvironment?.kind === 'exact' && runnerEnvironment.value === 'github-hosted';
}

/** cosign and gh look for a pattern anywhere: it is anchored here. */
function either(exactly: string, regexp: string, match: TextMatch): readonly string[] {
  return match.kind === 'exact' ? [exactly, match.value] : [regexp, anchored(match)];
}

const GITHUB = /^https:\/\/github\.com\/([^/]+\/[^/]+)$/;

/**
 * `gh attestation verify`, for signers that are workflows on github.com. `--repo` is the repository that was built: gh
 * compares it with the certificate's source repository.
 */
export function ghCommands(admission: Admission, options: CommandOptions): readonly string[] {
  const { signer } = admission;
  if (signer.kind !== 'keyless') return [];
  const { issuer, subject, sourceRef, sourceDigest, sourceRepository } = signer.identity;
  const repository = sourceRepository?.kind === 'exact' ? GITHUB.exec(sourceRepository.value)?.[1] : undefined;
  if (issuer.kind !== 'exact' || issuer.value !== GITHUB_ISSUER || repository === undefined) return [];
  const types = predicateTypesOf(admission).filter((type) => type !== PredicateType.signature);
  return types.map((type) => {
    const command = line(
      ...['gh', 'attestation', 'verify', `oci://${options.reference}`, '--bundle-from-oci', '--repo', repository],
      ...either('--cert-identity', '--cert-identity-regex', subject),
      ...exactly('--cert-oidc-issuer', issuer),
      ...exactly('--source-ref', sourceRef),
      ...exactly('--source-digest', sourceDigest),
      ...(deniesSelfHosted(signer.identity) ? ['--deny-self-hosted-runners'] : []),
      ...['--predicate-type', type],
      ...(options.trustedRoot === undefined ? [] : ['--custom-trusted-root', options.trustedRoot]),
    );
    return type === PredicateType.verdict
      ? `${command} --format json | ${newestPassed(GH_OUTPUT, admission)}`
      : command;
  });
}

/** What people paste into a shell: every command, with the versions that it takes and the claims that it leaves out. */
export function shellLines(admission: Admission, options: CommandOptions): readonly string[] {
  const gh = ghCommands(admission, options);
  return [
    '# cosign 3.0 or newer.',
    ...notAsked(admission),
    ...cosignCommands(admission, options),
    ...(gh.length > 0 ? ['# gh 2.67 or newer: an older one succeeds where the evidence is missing.', ...gh] : []),
  ];
}

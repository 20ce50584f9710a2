import { PredicateType } from '../evidence.ts';
import { anchored, type ExpectedIdentity, GITHUB_ISSUER, shownMatch, type TextMatch } from './identity.ts';
import { type Admission, type ExpectedSigner, predicateTypesOf } from './signer.ts';

export interface CommandOptions {
  /** `registry/repository@sha256:…` */
  readonly reference: string;
  /** File names that the commands use. */
  readonly keyFile?: string;
  readonly trustedRoot?: string | undefined;
}

/**
 * One shell word. These lines contain text from outside: a ref may contain `$(…)`, and users paste the lines into a
 * shell.
 */
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

/** One DSSE envelope per line. */
const COSIGN_OUTPUT = '[.[].payload | @base64d | fromjson | .predicate]';
/** One array. */
const GH_OUTPUT = '[.[][].verificationResult.statement.predicate]';

/**
 * A failed verdict is signed, too, and these tools accept it: so the command reads the newest verdict for this
 * repository. Without any input jq fails as well.
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
    // The identity of a reusable workflow is the same for every repository that calls it. cosign reads these claims
    // from older extensions, which name a repository without its server.
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

/**
 * Claims that no flag of a tool compares, as comments for a shell: readers must not believe that they were compared.
 */
export function notAsked({ signer }: Admission): readonly string[] {
  if (signer.kind === 'key') return [];
  const { sourceRef, sourceRepositoryId, runnerEnvironment } = signer.identity;
  const claims = (tools: string, asked: readonly (readonly [string, TextMatch | undefined])[]) =>
    // A claim cannot contain a line break; patterns of refs are limited to the characters of refs.
    asked.flatMap(([name, match]) => (match ? [`# Not compared by ${tools}: ${name} ${shownMatch(match)}.`] : []));
  return [
    ...claims('cosign and gh', [['source ref', sourceRef?.kind === 'pattern' ? sourceRef : undefined]]),
    ...claims('cosign and gh', [['source repository id', sourceRepositoryId]]),
    ...(deniesSelfHosted(signer.identity)
      ? ["# cosign cannot check that the runner was GitHub's."]
      : claims('cosign and gh', [['runner environment', runnerEnvironment]])),
  ];
}

/** The one runner environment that a flag of gh can require. */
function deniesSelfHosted({ runnerEnvironment }: ExpectedIdentity): boolean {
  return runnerEnvironment?.kind === 'exact' && runnerEnvironment.value === 'github-hosted';
}

/** cosign and gh match a pattern anywhere in the text, so it is anchored here. */
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

/** Lines to paste into a shell: every command, with the tool version it needs and the claims it does not compare. */
export function shellLines(admission: Admission, options: CommandOptions): readonly string[] {
  const gh = ghCommands(admission, options);
  return [
    '# cosign 3.0 or newer.',
    ...notAsked(admission),
    ...cosignCommands(admission, options),
    ...(gh.length > 0 ? ['# gh 2.67 or newer: older versions succeed if the evidence is missing.', ...gh] : []),
  ];
}

import type { ErrorEntries } from './entry.ts';

/** TG4: registries, their logins and tags, content from them, and GitHub's API. */
export const REGISTRY_ERRORS = {
  'registry-denied': {
    code: 'TG4001',
    kind: 'unauthorized',
    title: 'The registry denied access',
    cause:
      'The registry responded with 401 or 403: there is no login, it is wrong or expired, or it lacks the permission. Many registries respond the same to a repository that does not exist.',
    fix: 'Log in with credentials that may do this. For ghcr.io, give the job `permissions: packages: write` and the repository access to the package.',
  },
  'registry-not-found': {
    code: 'TG4002',
    kind: 'not-found',
    title: 'Not found in the registry',
    cause:
      'The registry responded with 404: the repository, tag or digest does not exist there, or the login may not see it.',
    fix: 'Check the name and the tag. Some registries require you to create a repository before the first push.',
  },
  'registry-conflict': {
    code: 'TG4003',
    kind: 'conflict',
    title: 'The registry reports a conflict',
    cause:
      'The registry responded with 409 or 412: another client changed the same thing at the same time, or it is immutable.',
    fix: 'Check its current state, and run again.',
  },
  'registry-failed': {
    code: 'TG4004',
    kind: 'registry',
    title: 'The registry rejected a request',
    cause:
      'The registry responded with an error: a limit of requests or of size, a redirect, or a failure of its own. The message has its status and quotes it.',
    fix: 'Follow the message of the registry. For 429 log in or wait, for 413 raise the limit of size, for 5xx try again later.',
  },
  'registry-unreachable': {
    code: 'TG4005',
    kind: 'network',
    title: 'The registry is not reachable',
    cause:
      'The name does not resolve, the connection is refused or cut, the certificate is not trusted, or no response came in time. Retries did not help.',
    fix: 'Check that the registry is reachable from this machine, its certificate, and any proxy.',
  },
  'registry-response-invalid': {
    code: 'TG4006',
    kind: 'registry',
    title: 'The registry sent an invalid response',
    cause:
      'The response does not follow the OCI distribution specification: often it comes from a proxy or a web server, not from a registry.',
    fix: 'Check for a proxy in front of the registry, and that the host is a registry.',
  },
  'credential-helper-failed': {
    code: 'TG4101',
    kind: 'unauthorized',
    title: 'A credential helper failed',
    cause:
      "docker's `config.json` names a program that provides the login, and the program failed or is not installed.",
    fix: "Run it manually to see why, or remove it from docker's `config.json` and log in again.",
  },
  'docker-config-unreadable': {
    code: 'TG4102',
    kind: 'unauthorized',
    title: 'The configuration of docker cannot be read',
    cause: 'The file `config.json` with the logins is not valid, or not readable for the user of the step.',
    fix: 'Log in again with `docker login`, or set `registry-username` and `registry-password`.',
  },
  'token-service-untrusted': {
    code: 'TG4103',
    kind: 'unauthorized',
    title: 'The token service of the registry is not trusted',
    cause:
      'The registry names a server for tokens that does not belong to it. Credentials sent there could be stolen, so none were sent.',
    fix: "Check the registry's name, or configure its token service.",
  },
  'credentials-unusable': {
    code: 'TG4104',
    kind: 'unauthorized',
    title: 'The credentials cannot be used',
    cause:
      'The login is incomplete or contains characters that no header may contain: a user name without a password, a colon in the user name, a line break in a token.',
    fix: 'Set user name and password separately, and check the secret that contains them.',
  },
  'token-service-failed': {
    code: 'TG4105',
    kind: 'unauthorized',
    title: 'The registry issued no token',
    cause: 'The token service responded without a token, or in an unexpected way.',
    fix: 'Check the name of the registry, and whether its token service is available.',
  },
  'registry-identity-denied': {
    code: 'TG4106',
    kind: 'unauthorized',
    title: 'The identity of this job may not log in at the registry',
    cause:
      'With `registry-identities`, the cloud checks issuer, audience and subject of the job, and one of them is not what it trusts; or it trusts the job, and the role or account may not use the registry. The message has its answer, and the subject.',
    fix: 'Correct the trust policy of the role, provider, application, connection or robot that the line names. On a pull request the subject ends in `:pull_request`.',
  },
  'identity-service-failed': {
    code: 'TG4107',
    kind: 'registry',
    title: 'The service that issues logins for the registry failed',
    cause:
      'With `registry-identities`, a service of the cloud exchanges the identity of the job for a login. It is not reachable, failed, redirected, or responded with something else.',
    fix: 'Run the job again. If it still fails, check that the host in the message is reachable from the runner, and any proxy.',
  },
  'tag-immutable': {
    code: 'TG4201',
    kind: 'conflict',
    title: 'A version tag already points to another image',
    cause: 'Version tags are immutable here (`immutable-tags`): a version that was published once does not change.',
    fix: 'Release a new version, or set `immutable-tags` to false.',
  },
  'tag-changed': {
    code: 'TG4202',
    kind: 'conflict',
    title: 'A tag was changed by another client',
    cause:
      'Between reading the tag and moving it, another run or client moved it, or the registry does not let it change.',
    fix: 'Run again if this image is the newer one. Use `concurrency` in the workflow so that publishing runs do not overlap.',
  },
  'tag-not-set': {
    code: 'TG4203',
    kind: 'registry',
    title: 'A tag could not be set',
    cause:
      'The registry accepted the write but still returns the old image, or an unexpected error interrupted the move.',
    fix: 'Run again: existing content is not uploaded twice.',
  },
  'referrers-contended': {
    code: 'TG4204',
    kind: 'conflict',
    title: 'Writes to the list of evidence are lost',
    cause:
      'The registry has no referrers API, so a tag `sha256-…` lists the evidence. Other clients overwrite this tag at the same time.',
    fix: 'Run again when no other job attaches evidence to this image.',
  },
  'registry-content-wrong': {
    code: 'TG4301',
    kind: 'integrity',
    title: 'The registry returned other content than requested',
    cause: 'Digest, size or type of the content differ from what the digest or descriptor says.',
    fix: 'Do not use this content until the cause is known: the registry, or something in front of it, changes content.',
  },
  'evidence-not-listed': {
    code: 'TG4302',
    kind: 'integrity',
    title: 'The registry does not list the evidence',
    cause:
      'The registry accepted signatures and SBOMs, but its list of referrers does not contain them, so nobody could verify the image. No tag was set.',
    fix: "Run again. If it still fails, check the registry's documentation on the OCI 1.1 referrers API.",
  },
  'content-damaged': {
    code: 'TG4303',
    kind: 'integrity',
    title: 'Content does not match its digest',
    cause: 'The bytes of a blob or manifest differ from its digest or size: it is damaged, or was changed.',
    fix: 'Do not use this content. Fetch or build it again.',
  },
  'content-too-large': {
    code: 'TG4304',
    kind: 'integrity',
    title: 'Content exceeds a limit',
    cause:
      'A manifest, configuration or list is larger, or nested more deeply, than any real image needs. Reading it could exhaust the memory.',
    fix: 'Check where this image comes from.',
  },
  'pull-request-denied': {
    code: 'TG4411',
    kind: 'unauthorized',
    title: 'GitHub denied a pull request',
    cause:
      'The token of the step may not write contents or pull requests, the repository does not allow Actions to open pull requests, or a rule protects the branch. No pull request was opened or changed.',
    fix: 'Give the job `permissions: contents: write` and `pull-requests: write`.',
  },
  'pull-request-branch-taken': {
    code: 'TG4412',
    kind: 'conflict',
    title: 'The branch of the pull request has commits of somebody else',
    cause:
      'Tidegate keeps one pull request up to date by replacing the only commit of its branch. The newest commit of that branch was made or amended by somebody else and would be lost.',
    fix: 'Merge or close the pull request, and delete its branch. The next run opens a new one.',
  },
  'pull-request-branch-moved': {
    code: 'TG4415',
    kind: 'conflict',
    title: 'Another run changed the branch of the pull request at the same time',
    cause:
      'Two runs proposed different changes on the same branch. The first one is there; the second one would have replaced it without having seen it.',
    fix: 'Run the job again. Give the workflow a `concurrency` group, and each step with other files its own `pull-request-branch`.',
  },
  'pull-request-outdated': {
    code: 'TG4413',
    kind: 'conflict',
    title: 'A file differs from the commit of the run',
    cause:
      'A pull request changes only what Tidegate changed. The file in the work tree is not the one of the commit: an earlier step changed it, or it is not committed.',
    fix: 'Run the step right after `actions/checkout`, and commit generated files first.',
  },
  'deployment-not-recorded': {
    code: 'TG4414',
    kind: 'unauthorized',
    title: 'GitHub did not record the deployment',
    cause:
      'The token of the step may not write artifact metadata, the repository belongs to no organisation, or GitHub did not respond. The images were verified.',
    fix: 'Give the job `permissions: artifact-metadata: write`. Remove `deployment` in repositories of users.',
  },
  'github-denied': {
    code: 'TG4401',
    kind: 'unauthorized',
    title: 'GitHub denied access to the repository',
    cause: 'The token of the step may not read the repository.',
    fix: 'Give the job `permissions: contents: read`, or check out the commit before this step.',
  },
  'github-unreachable': {
    code: 'TG4402',
    kind: 'network',
    title: 'GitHub did not respond as expected',
    cause: "A request to GitHub's API failed, also after retries.",
    fix: 'Run the job again. If it still fails, see https://www.githubstatus.com.',
  },
  'attestation-store-denied': {
    code: 'TG4403',
    kind: 'unauthorized',
    title: 'GitHub does not accept attestations of this run',
    cause:
      'The token of the job may not write to the attestation store of the repository, or the plan of a private repository does not include the store.',
    fix: 'Give the job `permissions: attestations: write`. Private repositories also need GitHub Enterprise Cloud; without it, remove `github-attestations`.',
  },
  'attestation-not-stored': {
    code: 'TG4404',
    kind: 'network',
    title: 'An attestation was not stored on GitHub',
    cause:
      "GitHub's attestation store did not accept a bundle, also after retries. The image and its evidence are in the registry, without tags.",
    fix: 'Run the job again. If GitHub rejects the bundle again, remove `github-attestations` and report it.',
  },
} as const satisfies ErrorEntries;

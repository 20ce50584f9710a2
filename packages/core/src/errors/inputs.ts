import type { ErrorEntries } from './entry.ts';

/** TG1: inputs of a step, the event and the environment of the job. */
export const INPUT_ERRORS = {
  'input-missing': {
    code: 'TG1001',
    kind: 'bad-input',
    title: 'An input is missing',
    cause:
      'The step needs this input, and it is not set or empty. An expression such as `secrets.NAME` is empty if the secret does not exist or if the event has no access to secrets.',
    fix: 'Set the input in the `with:` block of the step. If its value is an expression, check that the expression has a value in this event.',
  },
  'input-value-not-allowed': {
    code: 'TG1002',
    kind: 'bad-input',
    title: 'An input has a value that is not allowed',
    cause: 'The input accepts only the values that the message lists.',
    fix: 'Use one of the listed values. Names are case-sensitive.',
  },
  'input-format-wrong': {
    code: 'TG1003',
    kind: 'bad-input',
    title: 'An input has the wrong format',
    cause:
      'The value cannot be read as the number, duration, date, pattern, digest, URL or list that the input expects.',
    fix: 'Write the value as the message shows. In YAML, quote values that contain `:`, `#`, `*` or braces.',
  },
  'input-conflict': {
    code: 'TG1004',
    kind: 'bad-input',
    title: 'Two inputs contradict each other',
    cause:
      'An input has no effect, or no meaning, together with another one. Such a setting is an error, because it would be ignored otherwise.',
    fix: 'Remove one of the inputs that the message names, or set both.',
  },
  'input-path-unusable': {
    code: 'TG1005',
    kind: 'bad-input',
    title: 'An input names a path that cannot be used',
    cause:
      'The file or folder does not exist, is of the wrong type, is not readable by the user of the step, or is in a place that the step does not trust.',
    fix: 'Check the path: relative paths start at the workspace (`GITHUB_WORKSPACE`). Check that an earlier step of the same job creates the file.',
  },
  'input-lines-unparsable': {
    code: 'TG1006',
    kind: 'bad-input',
    title: 'The lines of an input cannot be parsed',
    cause: 'The input has one entry per line. A quote is not closed, or text follows a closing quote.',
    fix: 'Quote the whole entry and double the quotes inside it: `"KEY=say ""hi"""`.',
  },
  'input-secret-unparsable': {
    code: 'TG1007',
    kind: 'bad-input',
    title: 'A secret input cannot be parsed',
    cause:
      'A line of the input is not an entry of the expected form. The most frequent reason is a value with line breaks that is not quoted. The message shows no content, because it may be part of a secret.',
    fix: 'Quote a multi-line value together with its ID, or pass it with `secret-envs` or `secret-files`.',
  },
  'input-not-in-policy': {
    code: 'TG1008',
    kind: 'bad-input',
    title: 'The policy does not allow this input',
    cause:
      'The policy of the repository, or one that it extends, decides on this setting. An input cannot make it weaker.',
    fix: 'Remove the input, or change the policy.',
  },
  'registry-identity-invalid': {
    code: 'TG1009',
    kind: 'bad-input',
    title: 'A line of registry-identities is not valid',
    cause:
      'A line has a host and the keys of its provider. The host is not one of a supported provider, or a key is missing, unknown, repeated, or has another form.',
    fix: 'Write the line as docs/guides/passwordless-logins.md shows for this host.',
  },
  'bake-definition-invalid': {
    code: 'TG1010',
    kind: 'bad-input',
    title: 'The bake or compose files cannot be read',
    cause:
      'buildx cannot resolve the definition of the targets, it defines too many or none, or a file reads other files, which a plan does not allow.',
    fix: 'Correct the file that the message names. `docker buildx bake --print` shows what docker reads in it.',
  },
  'bake-target-unsupported': {
    code: 'TG1011',
    kind: 'bad-input',
    title: 'A target of the bake files has settings that cannot be used',
    cause:
      'The target asks for something that this build cannot do, such as another output than an image, or that the workflow must get in another way, such as a secret. It is not ignored, because the image would be another one.',
    fix: 'Change the target as the message says, or name only other targets in the input `targets`.',
  },
  'tag-rule-invalid': {
    code: 'TG1101',
    kind: 'bad-input',
    title: 'A tag rule is invalid',
    cause:
      'A line of the input `tags` is neither a tag nor a rule that Tidegate knows, or has an attribute that the rule does not have.',
    fix: 'Write one rule per line, as docs/tags.md lists them.',
  },
  'tag-invalid': {
    code: 'TG1102',
    kind: 'bad-input',
    title: 'A tag is not valid',
    cause:
      'A tag has at most 128 letters, digits, underscores, dots and dashes, and does not begin with a dot or a dash. Tags `sha256-…` belong to the evidence of images.',
    fix: 'Write the tag alone, without a registry or repository, and shorten it if necessary.',
  },
  'flavor-invalid': {
    code: 'TG1107',
    kind: 'bad-input',
    title: 'The flavor is invalid',
    cause:
      'A line of the input `flavor` is not `latest=`, `prefix=` or `suffix=`, has an unknown expression, or contradicts the input `latest`.',
    fix: 'Write `latest=auto`, `prefix=TEXT` or `suffix=TEXT`, one per line; `,onlatest=true` after the last two.',
  },
  'image-name-invalid': {
    code: 'TG1103',
    kind: 'bad-input',
    title: 'The name of an image is not valid',
    cause:
      'The value is not `registry/repository`. Repositories are lower case; a tag or digest is not allowed everywhere.',
    fix: 'Write for example `ghcr.io/acme/app`.',
  },
  'platform-invalid': {
    code: 'TG1104',
    kind: 'bad-input',
    title: 'A platform is not valid',
    cause: 'A platform is `os/architecture` or `os/architecture/variant`, and the image must have it.',
    fix: 'Write for example `linux/amd64`, `linux/arm64` or `linux/arm/v7`.',
  },
  'label-invalid': {
    code: 'TG1105',
    kind: 'bad-input',
    title: 'A label or annotation is not valid',
    cause: 'An entry is not `KEY=VALUE`, or names a level or platform that the image does not have.',
    fix: 'Write `KEY=VALUE`, for annotations optionally with levels before it: `index:KEY=VALUE`.',
  },
  'digest-invalid': {
    code: 'TG1106',
    kind: 'integrity',
    title: 'A digest is not valid',
    cause: 'A digest is `sha256:` followed by 64 lower-case hex digits. Other algorithms are not supported.',
    fix: 'Copy the whole digest from the output of the job that made the image.',
  },
  'signer-missing': {
    code: 'TG1201',
    kind: 'bad-input',
    title: 'The expected signer is not named completely',
    cause:
      'A signature proves something only together with the signer that you expect: a workflow, an identity of a certificate, or a key. None, several, or only a part of one is named.',
    fix: 'Set `workflow`, `certificate-identity` or `verification-key`, with the inputs that belong to it.',
  },
  'signer-claim-invalid': {
    code: 'TG1202',
    kind: 'bad-input',
    title: 'A property of the expected signer is not valid',
    cause: 'The workflow, repository, ref or commit of the expected signer is not written as certificates contain it.',
    fix: 'Write the value in full, as the message shows.',
  },
  'cluster-policy-impossible': {
    code: 'TG1203',
    kind: 'bad-input',
    title: 'No cluster policy can be written for this signer',
    cause: 'Neither Kyverno nor policy-controller can check for the signer that the inputs name.',
    fix: 'Remove `policy-dir`, or sign the image in a way that a controller can verify.',
  },
  'cache-entry-invalid': {
    code: 'TG1301',
    kind: 'bad-input',
    title: 'A cache entry is not valid',
    cause:
      'An entry of `cache-from` or `cache-to` is not in buildx syntax, has an unknown type, or lacks an attribute.',
    fix: 'Write `type=TYPE,KEY=VALUE`, for example `type=gha,mode=max`.',
  },
  'cache-unavailable': {
    code: 'TG1302',
    kind: 'bad-input',
    title: 'The GitHub cache is not available here',
    cause: '`type=gha` needs variables that only the runner of a GitHub Actions job sets.',
    fix: 'Use another cache type outside of GitHub Actions, for example `type=registry`.',
  },
  'event-unreadable': {
    code: 'TG1401',
    kind: 'bad-input',
    title: 'The event of the workflow cannot be read',
    cause: 'The file that `GITHUB_EVENT_PATH` names is missing, or is not a JSON object.',
    fix: 'Do not change `GITHUB_EVENT_PATH`. In a container, mount the folder of the runner that contains it.',
  },
  'not-a-workflow': {
    code: 'TG1402',
    kind: 'bad-input',
    title: 'A property of the commit is not known',
    cause:
      'The step reads repository, commit and ref from the variables that a GitHub runner sets, and one of them is missing or not valid.',
    fix: 'Run the action in a GitHub workflow, or set the variable that the message names to the value that a runner sets.',
  },
  'default-branch-unknown': {
    code: 'TG1403',
    kind: 'bad-input',
    title: 'The default branch is not known',
    cause:
      'The event does not contain it, and the token cannot read the repository. The default branch decides on publication and on the tag `latest`.',
    fix: 'Give the job `permissions: contents: read` and pass the token, or list `publish-branches`.',
  },
  'proxy-invalid': {
    code: 'TG1501',
    kind: 'bad-input',
    title: 'A proxy variable is not valid',
    cause: 'The value of `HTTP_PROXY` or `HTTPS_PROXY` is not the URL of an HTTP proxy.',
    fix: 'Set it to a URL such as `http://proxy.example.com:3128`, or unset it.',
  },
  'certificates-unreadable': {
    code: 'TG1502',
    kind: 'bad-input',
    title: 'Additional certificates cannot be read',
    cause:
      'A variable such as `SSL_CERT_FILE` names a file that does not exist or that the user of the step cannot read.',
    fix: 'Set the variable to a readable file of PEM certificates, or unset it.',
  },
  'archive-invalid': {
    code: 'TG1506',
    kind: 'bad-input',
    title: 'An archive of another job cannot be unpacked',
    cause: 'It is not a zip archive, is damaged, or has an entry that leads out of its folder, such as a link.',
    fix: 'Upload the files with `actions/upload-artifact`, and without links.',
  },
  'image-tests-invalid': {
    code: 'TG1503',
    kind: 'bad-input',
    title: 'The tests of the image cannot be read',
    cause:
      'The file is not in the format of container-structure-test (schema version 2.0.0), has a key that no test has, or a regular expression that is not valid or never finishes.',
    fix: 'Correct the file. actions/test-image/README.md lists what is supported.',
  },
  'predicate-type-invalid': {
    code: 'TG1504',
    kind: 'bad-input',
    title: 'A predicate type is not valid',
    cause:
      'The type of your own evidence is an absolute URI. Types of evidence that Tidegate writes itself, such as provenance and SBOMs, are refused: a file could forge them.',
    fix: 'Use a URI of your own, such as `https://example.com/review/v1`.',
  },
  'predicate-invalid': {
    code: 'TG1505',
    kind: 'bad-input',
    title: 'A predicate cannot be signed',
    cause:
      'The file is not one JSON object in UTF-8 of at most 8 MiB, has a name twice in one object, or a number that programs read differently.',
    fix: 'Correct the program that writes the file. Write numbers beyond 2^53 as text.',
  },
  'command-line-invalid': {
    code: 'TG1801',
    kind: 'bad-input',
    title: 'The command line is not valid',
    cause:
      'A command, flag, argument or variable of `tidegate` is unknown, missing, or has a value that is not allowed.',
    fix: 'Run `tidegate COMMAND --help` for its flags.',
  },
  'commit-unknown': {
    code: 'TG1802',
    kind: 'bad-input',
    title: 'The commit of the command line is not known',
    cause:
      'Outside of a workflow, repository, commit, branch and tag come from git: the remote `origin`, HEAD, and the tags of its commit. One of them is missing or ambiguous.',
    fix: 'Run the command in a checkout, and give `--repository`, `--ref` or `--default-branch`.',
  },
  'work-tree-changed': {
    code: 'TG1803',
    kind: 'bad-input',
    title: 'The work tree has uncommitted changes',
    cause:
      'Provenance and labels name the commit. An image that was built from other files would carry a false statement, so it is not published.',
    fix: 'Commit or stash the changes, or give `--no-publish`, which builds and judges only.',
  },
  'checkout-not-trusted': {
    code: 'TG1804',
    kind: 'bad-input',
    title: 'The git checkout is not trusted',
    cause:
      'The checkout belongs to another user, or its `.git/config` names a filter that cannot be turned off. Settings of such a checkout can start programs.',
    fix: 'Clone the repository yourself. If you trust its owner: `git config --global --add safe.directory FOLDER`.',
  },
} as const satisfies ErrorEntries;

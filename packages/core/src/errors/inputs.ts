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
} as const satisfies ErrorEntries;

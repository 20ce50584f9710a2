import type { ErrorEntries } from './entry.ts';

/** TG16 and TG17: the policy file, what it extends, and VEX documents. */
export const POLICY_ERRORS = {
  'policy-invalid': {
    code: 'TG1601',
    kind: 'bad-input',
    title: 'The policy file is not valid',
    cause:
      'A key does not exist, or a value is not allowed. The message names file and line. A policy is never applied in part.',
    fix: 'Correct the listed lines. `schema/tidegate-policy.schema.json` gives editors completion and checks.',
  },
  'policy-missing': {
    code: 'TG1602',
    kind: 'bad-input',
    title: 'The policy file does not exist',
    cause: 'The input `policy`, or `extends` of a policy, names a file that is not in the commit.',
    fix: 'Commit the file, or correct its path.',
  },
  'policy-file-unusable': {
    code: 'TG1603',
    kind: 'bad-input',
    title: 'The policy file cannot be used',
    cause:
      'The path leads out of the repository, or the file is too large or not readable. Policies are read from the commit, so that no step of the job can change them.',
    fix: 'Commit a regular file inside the repository.',
  },
  'policy-commit-missing': {
    code: 'TG1604',
    kind: 'bad-input',
    title: 'The policy cannot be read from the commit',
    cause: 'The commit of this run is not in the checkout, and the step has no token that can read it from GitHub.',
    fix: 'Run actions/checkout before this step, or pass the step a token with `contents: read`.',
  },
  'policy-extends-unreadable': {
    code: 'TG1605',
    kind: 'bad-input',
    title: 'An extended policy cannot be fetched',
    cause:
      'The repository or commit under `extends` does not exist, is not readable for this job, or is not on a branch or tag of that repository.',
    fix: 'Check URL and commit. For a private repository, configure git in the job so that it can read it without a prompt.',
  },
  'policy-checksum-wrong': {
    code: 'TG1606',
    kind: 'bad-input',
    title: 'An extended policy is not the pinned one',
    cause: 'The file does not match the checksum or digest under `extends`: it was changed after it was pinned.',
    fix: 'Review the change. If it is intended, pin the new checksum.',
  },
  'policy-too-deep': {
    code: 'TG1607',
    kind: 'bad-input',
    title: 'Policies extend each other too deeply',
    cause:
      'A policy extends another one, which extends another one, and so on: more levels than are supported, or a circle.',
    fix: 'Extend the base policy directly.',
  },
  'policy-document-invalid': {
    code: 'TG1608',
    kind: 'bad-input',
    title: 'The policy document is not valid',
    cause: 'The file is not the one that the action `plan` wrote, or another version of Tidegate wrote it.',
    fix: 'Pass the file of `plan` unchanged, and use the same version of Tidegate in all jobs.',
  },
  'policy-input-idle': {
    code: 'TG1609',
    kind: 'bad-input',
    title: 'A policy input has no effect',
    cause: 'A policy document already contains the resolved policy. Inputs that change the policy are ignored with it.',
    fix: 'Set these inputs on `plan`, which resolves the policy, or remove `policy-document`.',
  },
  'policy-contradiction': {
    code: 'TG1610',
    kind: 'bad-input',
    title: 'Policies contradict each other',
    cause: 'Two policies that apply to this run leave no value that both allow.',
    fix: 'Change one of the two, as the message says.',
  },
  'vex-invalid': {
    code: 'TG1701',
    kind: 'bad-input',
    title: 'A VEX document is not valid',
    cause:
      'The document is neither OpenVEX nor CycloneDX, or a statement in it is incomplete. An unread statement could suppress a finding that nobody reviewed.',
    fix: 'Correct the document, or remove it from `vex` in the policy.',
  },
} as const satisfies ErrorEntries;

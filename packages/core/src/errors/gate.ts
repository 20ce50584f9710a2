import type { ErrorEntries } from './entry.ts';

/** TG6: the verdict on an image. */
export const GATE_ERRORS = {
  'gate-failed': {
    code: 'TG6001',
    kind: 'gate',
    title: 'The gate failed',
    cause:
      'The image breaks at least one rule of the policy ([all rules](../policy/rules.md)). No tag was set. [Fixing a finding](../guides/fixing.md) has the steps.',
    fix: 'Make the changes that the job summary lists. For a single finding, the policy can have an exception with an expiry date (`ignore`).',
  },
  'registry-not-allowed': {
    code: 'TG6002',
    kind: 'gate',
    title: 'The policy does not allow this registry',
    cause:
      'The policy lists the repositories to which images may be pushed (`registries.allow`). Nothing was uploaded.',
    fix: 'Push to a repository that the policy lists.',
  },
  'secret-in-layers': {
    code: 'TG6003',
    kind: 'gate',
    title: 'The image contains a secret',
    cause:
      'A layer contains a key, token or password. A later instruction that deletes it leaves it in the image. Nothing was uploaded.',
    fix: 'Remove the secret from the build and revoke it. Pass secrets with `RUN --mount=type=secret`.',
  },
  'live-image-failed': {
    code: 'TG6004',
    kind: 'gate',
    title: 'A published image no longer passes the gate',
    cause:
      'Since the image was published, vulnerabilities became known, an exception expired, or the policy changed. Its tags were not changed.',
    fix: 'Fix the listed findings, and build and publish the image again.',
  },
  'verification-failed': {
    code: 'TG6005',
    kind: 'gate',
    title: 'Verification failed: do not deploy',
    cause: 'The image has no signature by the expected signer, or lacks evidence that the inputs require.',
    fix: 'Deploy a digest that passes; or, if the image is correct, correct the inputs.',
  },
  'image-tests-failed': {
    code: 'TG6006',
    kind: 'gate',
    title: 'The image failed its tests',
    cause: 'A command, file or value in the image is not what its tests expect. Nothing was published.',
    fix: 'Correct the image, or the tests. The log lists what each test found.',
  },
  'proposed-policy-refuses': {
    code: 'TG6007',
    kind: 'gate',
    title: 'The proposed policy would refuse a published image',
    cause:
      '`tidegate policy test` judged published evidence under another policy or at another time. Nothing was changed.',
    fix: 'Fix what the failed rules name, or change the proposed policy.',
  },
} as const satisfies ErrorEntries;

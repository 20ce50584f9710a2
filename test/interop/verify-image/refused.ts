/** Cases that verify-image refuses. */
import { digestOf } from '@tidegate/core';
import { IDENTITY, images, keyless, publicPem, registries, sigstore, WORKFLOW } from './signed-images.ts';

/** Properties that the image lacks, and the checks that fail. */
export const REFUSED: readonly (readonly [string, () => Record<string, string>, readonly string[]])[] = [
  [
    'another workflow',
    () => ({ workflow: WORKFLOW.replace('release', 'other') }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another ref of it',
    () => ({ workflow: `${WORKFLOW}@refs/tags/*` }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another issuer',
    () => ({ 'certificate-oidc-issuer': 'https://token.actions.githubusercontent.com' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another source repository',
    () => ({ 'source-repository': 'octo-org/other' }),
    ['identity', 'signature', 'provenance', 'provenance-source', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another repository id',
    () => ({ 'source-repository-id': '1296270' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'a self-hosted runner',
    () => ({ 'runner-environment': 'self-hosted' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  ['another builder', () => ({ builder: `${IDENTITY}x` }), ['provenance-builder']],
  ['a younger scan', () => ({ 'max-scan-age': '0s' }), ['scan-recent']],
  ['another digest', () => ({ 'expected-digest': digestOf('another') }), ['digest']],
  ['the verdict of another policy', () => ({ 'verdict-policy': digestOf('another policy') }), ['verdict-present']],
];

/** Inputs that are errors, and the words of each error. */
export const ERRORS: readonly (readonly [string, () => Record<string, string>, string])[] = [
  ['nobody is named', () => ({ image: images.olareg ?? '' }), 'Input workflow'],
  [
    'somebody is named twice',
    () => ({ image: images.olareg ?? '', ...keyless(), 'certificate-identity': 'x' }),
    'Input certificate-identity',
  ],
  [
    'a shared workflow is named without the repository that calls it',
    () => ({
      ...{ image: images.olareg ?? '', ...keyless() },
      workflow: 'tidegate/tidegate/.github/workflows/commit-to-registry.yml',
    }),
    'source-repository',
  ],
  [
    'a claim of certificates is asked of a key',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'source-ref': 'refs/heads/main' }),
    'Input source-ref',
  ],
  [
    'a policy for a cluster is wanted that no cluster can hold',
    () => ({
      ...{ image: images.olareg ?? '', ...keyless(), 'policy-dir': 'policies' },
      'source-repository': 'octo-org/other',
    }),
    'Input policy-dir',
  ],
  ['a workflow is none', () => ({ image: images.olareg ?? '', ...keyless(), workflow: 'x' }), 'Input workflow'],
  [
    'a pattern is none',
    () => ({ image: images.olareg ?? '', ...keyless(), workflow: '', 'certificate-identity-regexp': '(' }),
    'Input certificate-identity-regexp',
  ],
  [
    'the root is no root',
    () => ({ image: images.olareg ?? '', ...keyless(), 'trusted-root': sigstore.signingConfig }),
    'is not a trusted root',
  ],
  [
    'the root is not there',
    () => ({ image: images.olareg ?? '', ...keyless(), 'trusted-root': 'nowhere.json' }),
    'Input trusted-root',
  ],
  [
    'the key is none',
    () => ({ image: images.olareg ?? '', 'verification-key': 'nowhere.pub' }),
    'Input verification-key',
  ],
  [
    'the digest is none',
    () => ({ image: images.olareg ?? '', ...keyless(), 'expected-digest': 'v1' }),
    'Input expected-digest',
  ],
  [
    'the policy of the verdict is no digest',
    () => ({ image: images.olareg ?? '', ...keyless(), 'verdict-policy': 'strict' }),
    'Input verdict-policy',
  ],
  [
    'a log is asked for, and no root names one',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'transparency-log': 'required' }),
    'Input transparency-log',
  ],
  [
    'a timestamp is asked for, and no root names an authority',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'signed-timestamp': 'required' }),
    'Input signed-timestamp',
  ],
  ['the image is not there', () => ({ image: `${registries.olareg.address}/nothing:v1`, ...keyless() }), 'nothing'],
  [
    'evidence has no such name',
    () => ({ image: images.olareg ?? '', ...keyless(), require: 'sboms' }),
    'Input require',
  ],
];

import { defineAction } from '@tidegate/runner';
import { action as scan } from '../scan-image/action.ts';
import { layoutInputs, registryInputs } from '../support/inputs.ts';
import { signerInputs } from '../support/signing/signer-inputs.ts';

/**
 * No policy file is read here: it would come from the source of the image, or from a checkout that was not requested.
 */
function withoutFile<const S extends { readonly description: string }>(input: S): S {
  return { ...input, description: input.description.replace("the policy's, else ", '') };
}

export const action = defineAction({
  name: 'verify-image',
  title: 'Tidegate: verify image',
  description: 'Verify an image before it runs: its signer, its source, its SBOM, its scan and the verdict.',
  branding: { icon: 'check-circle', color: 'blue' },
  inputs: {
    image: {
      type: 'list',
      description:
        'Image to verify: `registry/repository` with a tag or digest. Several: one per line. Default: the image of the layout. With both, the layout is verified.',
    },
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have. Any other digest fails.',
    },
    workflow: {
      type: 'string',
      description:
        'Workflow that must have signed (keyless): `owner/repository/.github/workflows/FILE.yml`; append `@REF` to require that version. `*` in the ref matches any text without `/`.',
    },
    'source-repository': signerInputs['source-repository'],
    'source-repository-id': {
      type: 'string',
      description:
        'Numeric id of that repository in the certificate. Distinguishes it from a later repository of the same name.',
    },
    'source-ref': {
      type: 'string',
      description:
        'Ref the image must be built from: `refs/heads/main`, `refs/tags/v*`. Default: images of every branch pass.',
    },
    'source-commit': {
      type: 'string',
      description: 'Commit the image must be built from, in the certificate and the provenance.',
    },
    'runner-environment': signerInputs['runner-environment'],
    'certificate-identity': signerInputs['certificate-identity'],
    'certificate-identity-regexp': {
      type: 'string',
      description: 'Regular expression that the whole identity must match. Instead of `workflow`.',
    },
    'certificate-oidc-issuer': signerInputs['certificate-oidc-issuer'],
    'verification-key': {
      type: 'string',
      path: true,
      multiline: true,
      description: 'Public key (PEM text or path) to trust. With an identity as well, either is accepted.',
    },
    'trusted-root': {
      type: 'string',
      path: true,
      description:
        'Trusted root (path or https URL) of the Sigstore services. Default: the public good instance for keyless signatures; none for keys, whose log entries are then ignored.',
    },
    'transparency-log': {
      type: 'choice',
      choices: ['required', 'optional'],
      optional: true,
      description:
        'Whether a signature must be in a log of the trusted root. Existing entries must always be valid. Default: `required` with a trusted root.',
    },
    'signed-timestamp': {
      type: 'choice',
      choices: ['required', 'optional'],
      default: 'optional',
      description: 'Whether a signature must have an RFC 3161 timestamp, even if the log proves its time.',
    },
    require: {
      type: 'list',
      commas: true,
      default: 'provenance, sbom, scan, verdict, signature',
      description:
        'Signed evidence the image must have: `provenance`, `sbom`, `scan`, `tests`, `reproduced`, `verdict`, `signature`, or predicate types such as `https://example.com/review/v1`.',
    },
    scope: {
      type: 'choice',
      choices: ['every', 'root', 'platforms'],
      default: 'every',
      description:
        'Scope of signatures: `every` (the index and each platform), `root` (the digest of the reference) or `platforms`. Third-party images often need the last two.',
    },
    builder: {
      type: 'string',
      description: 'Exact builder that the provenance must name.',
    },
    'max-scan-age': {
      type: 'duration',
      default: '7d',
      description: 'Maximum age of the newest scan.',
    },
    preset: { ...scan.inputs.preset, description: 'Built-in policy to verify with. Default: `recommended`.' },
    'fail-on': withoutFile(scan.inputs['fail-on']),
    'unknown-severity': withoutFile(scan.inputs['unknown-severity']),
    'only-fixed': withoutFile(scan.inputs['only-fixed']),
    'allow-empty-sbom': withoutFile(scan.inputs['allow-empty-sbom']),
    'max-db-age': withoutFile(scan.inputs['max-db-age']),
    'verdict-policy': {
      type: 'string',
      description:
        'Digest of the policy that the verdict must name: `sha256:…`, from `policy.digest` of the signed verdict. Default: any, because the signer is trusted.',
    },
    'policy-dir': {
      type: 'string',
      path: true,
      description:
        'Folder to write cluster admission policies for this signer to: `kyverno.yaml` and, if keyless, `cluster-image-policy.yaml`.',
    },
    ...registryInputs,
    ...layoutInputs,
  },
  outputs: {
    verified: { description: '`true` if every check of every image passed. The step fails if it is `false`.' },
    digest: {
      description: 'Digest to deploy: the digest of the reference when it was verified; empty for several images.',
    },
    reference: {
      description:
        'Image by digest: `registry/repository@sha256:…`; empty for a layout without `image`, and for several images.',
    },
    platforms: {
      json: true,
      description: 'JSON object that maps each platform to the digest of its manifest; empty for several images.',
    },
    signers: { json: true, description: 'JSON array of the signers whose signatures were verified.' },
    checks: {
      json: true,
      description:
        'JSON array with `name`, `outcome` (`pass`, `fail`, `not-applicable`) and `why` of each check; empty for several images.',
    },
    results: {
      json: true,
      description:
        'Several images: JSON array with `image`, `reference`, `digest`, `platforms`, `verified`, `signers`, `failed` and `error` of each. Else empty.',
    },
  },
});

import { defineAction } from '@tidegate/runner';
import { action as scan } from '../scan-image/action.ts';
import { layoutInputs, registryInputs } from '../support/inputs.ts';
import { signerInputs } from '../support/signing/signer-inputs.ts';

/** No policy file is read here: it would come from where the image comes from, or from a checkout that nobody asked for. */
function withoutFile<const S extends { readonly description: string }>(input: S): S {
  return { ...input, description: input.description.replace("the policy's, else ", '') };
}

export const action = defineAction({
  name: 'verify-image',
  title: 'Tidegate: verify image',
  description:
    'Verify an image before it runs: who signed it, where it was built from, its SBOM, its scan and the verdict.',
  branding: { icon: 'check-circle', color: 'blue' },
  inputs: {
    image: {
      type: 'string',
      description:
        'Image to verify: `registry/repository` with a tag or a digest. Default: the image of the layout, which is then what is verified.',
    },
    'expected-digest': {
      type: 'string',
      description: 'Digest the image must have. Anything else fails.',
    },
    workflow: {
      type: 'string',
      description:
        'Workflow that must have signed (keyless): `owner/repository/.github/workflows/FILE.yml`, with `@REF` where only that version of it counts. `*` in the ref is any text without `/`.',
    },
    'source-repository': signerInputs['source-repository'],
    'source-repository-id': {
      type: 'string',
      description:
        'Numeric id of that repository, as the certificate has it. Tells it from a later one of the same name.',
    },
    'source-ref': {
      type: 'string',
      description:
        'Ref that must have been built: `refs/heads/main`, `refs/tags/v*`. Without it, images of every branch are accepted.',
    },
    'source-commit': {
      type: 'string',
      description: 'Commit that must have been built. Compared with the certificate and the provenance.',
    },
    'runner-environment': signerInputs['runner-environment'],
    'certificate-identity': signerInputs['certificate-identity'],
    'certificate-identity-regexp': {
      type: 'string',
      description: 'Instead of `workflow`: a regular expression that the whole identity must match.',
    },
    'certificate-oidc-issuer': signerInputs['certificate-oidc-issuer'],
    'verification-key': {
      type: 'string',
      multiline: true,
      description: 'Public key (PEM text or path) whose signatures count. With an identity beside it, either will do.',
    },
    'trusted-root': {
      type: 'string',
      description:
        'Trusted root (path or https URL) with the Sigstore services that count. Default: the public good instance for keyless signatures; none for keys, whose log entries are then not looked at.',
    },
    'transparency-log': {
      type: 'choice',
      choices: ['required', 'optional'],
      optional: true,
      description:
        'Whether a signature must be in a log of the trusted root. Entries that are there must hold in any case. Default: `required` where there is a trusted root.',
    },
    'signed-timestamp': {
      type: 'choice',
      choices: ['required', 'optional'],
      default: 'optional',
      description: 'Whether a signature must have an RFC 3161 timestamp, even where the log promises a time.',
    },
    require: {
      type: 'list',
      commas: true,
      default: 'provenance, sbom, scan, verdict, signature',
      description:
        'What must be there and signed: `provenance`, `sbom`, `scan`, `verdict`, `signature`. For images of others name what they publish.',
    },
    scope: {
      type: 'choice',
      choices: ['every', 'root', 'platforms'],
      default: 'every',
      description:
        'What must be signed: `every` (the index and each platform), or as others do it, `root` (what the reference names) or `platforms`.',
    },
    builder: {
      type: 'string',
      description: 'Builder that the provenance must name, exactly.',
    },
    'max-scan-age': {
      type: 'duration',
      default: '7d',
      description: 'How long ago the newest scan may have been.',
    },
    preset: { ...scan.inputs.preset, description: 'Built-in policy to verify by. Default: `recommended`.' },
    'fail-on': withoutFile(scan.inputs['fail-on']),
    'unknown-severity': withoutFile(scan.inputs['unknown-severity']),
    'only-fixed': withoutFile(scan.inputs['only-fixed']),
    'allow-empty-sbom': withoutFile(scan.inputs['allow-empty-sbom']),
    'max-db-age': withoutFile(scan.inputs['max-db-age']),
    'verdict-policy': {
      type: 'string',
      description:
        'Digest of the policy that the verdict must be of: `sha256:…`, as the signed verdict has it under `policy.digest`. Default: any, since the signer is trusted with it.',
    },
    'policy-dir': {
      type: 'string',
      description:
        'Folder to write admission policies for a cluster to, made of this identity: `kyverno.yaml` and, keyless, `cluster-image-policy.yaml`.',
    },
    ...registryInputs,
    ...layoutInputs,
  },
  outputs: {
    verified: { description: '`true` when every check passed. The step fails when it is `false`.' },
    digest: { description: 'Digest to deploy: what the reference named when it was verified.' },
    reference: {
      description: 'The image by digest: `registry/repository@sha256:…`; empty for a layout without `image`.',
    },
    platforms: { description: 'JSON object: platform to the digest of its manifest.' },
    signers: { description: 'JSON array: whose signatures counted.' },
    checks: {
      description: 'JSON array: `name`, `outcome` (`pass`, `fail`, `not-applicable`) and `why` of each check.',
    },
  },
});

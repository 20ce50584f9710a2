import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { action as sbom } from '../generate-sbom/action.ts';
import { action as push } from '../push-image/action.ts';
import { scanInputs, scanOutputs } from '../scan-image/action.ts';
import { action as sign } from '../sign-image/action.ts';

/** Left out: the stages of `ship` decide these themselves, and no earlier job hands over a baseline or digest. */
const {
  'expected-digest': _pushed,
  'expected-layout-digest': _scanned,
  'verification-key': _key,
  'policy-document': _document,
  'policy-document-sha256': _sha256,
  ...pushInputs
} = push.inputs;
/** Bundles of exported files are beside them. */
const {
  'expected-digest': _signed,
  'expected-layout-digest': _handed,
  'output-bundles-dir': _beside,
  checked: _between,
  ...signInputs
} = sign.inputs;

/** Left out: a second build runs in the same job. */
const { reproduced: _result, runner: _here, ...buildOutputs } = build.outputs;
const {
  'first-layout': _first,
  'first-digest': _ofFirst,
  'first-runner': _there,
  destination: _destination,
  'registry-identities': _bases,
  'policy-document': _built,
  'policy-document-sha256': _ofBuild,
  ...buildInputs
} = build.inputs;

/** Left out: push-image's `token` serves these requests, too. */
const { token: _cataloged, ...sbomInputs } = sbom.inputs;

export const action = defineAction({
  name: 'ship',
  title: 'Tidegate',
  description: 'From commit to registry in one step: build, SBOM, scan, gate, sign, push, verify, and only then tag.',
  branding: { icon: 'anchor', color: 'blue' },
  post: true,
  inputs: {
    ...pushInputs,
    ...buildInputs,
    ...sbomInputs,
    ...scanInputs,
    ...signInputs,
    'reuse-evidence': {
      type: 'boolean',
      default: 'true',
      description:
        'For an unchanged digest, use the SBOMs and the verdict on the layers that this signer has published under this policy. The scan is always new.',
    },
  },
  outputs: {
    ...buildOutputs,
    ...sbom.outputs,
    ...scanOutputs,
    ...sign.outputs,
    ...push.outputs,
  },
});

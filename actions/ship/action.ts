import { defineAction } from '@tidegate/runner';
import { action as build } from '../build-image/action.ts';
import { action as sbom } from '../generate-sbom/action.ts';
import { action as push } from '../push-image/action.ts';
import { scanInputs, scanOutputs } from '../scan-image/action.ts';
import { action as sign } from '../sign-image/action.ts';
import { layoutOutputs } from '../support/inputs.ts';

/** Left out: the stages of `ship` decide these themselves, and no earlier job hands over a baseline or digest. */
const {
  'expected-digest': _pushed,
  'verification-key': _key,
  'policy-document': _document,
  'policy-document-sha256': _sha256,
  ...pushInputs
} = push.inputs;
const { 'expected-digest': _signed, ...signInputs } = sign.inputs;

const { 'policy-document': _built, 'policy-document-sha256': _ofBuild, ...buildInputs } = build.inputs;

/** Left out: push-image's `token` serves these requests, too. */
const { token: _catalogued, ...sbomInputs } = sbom.inputs;

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
  },
  outputs: {
    ...layoutOutputs,
    ...sbom.outputs,
    ...scanOutputs,
    ...sign.outputs,
    ...push.outputs,
  },
});

/** The documentation and the examples show the current output of the generators. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { shellLines } from './commands.ts';
import { kyvernoPolicy } from './kyverno.ts';
import { clusterImagePolicy } from './policy-controller.ts';
import type { Admission } from './signer.ts';
import { workflowIdentity } from './workflow-identity.ts';

const at = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const released = (ref: string): Admission => ({
  repository: 'ghcr.io/acme/app',
  signer: {
    kind: 'keyless',
    identity: workflowIdentity({
      workflow: `acme/app/.github/workflows/image.yml@${ref}`,
      ...{ repository: 'acme/app', ref },
    }),
  },
});

test.each([
  ['kyverno.yaml', kyvernoPolicy],
  ['cluster-image-policy.yaml', clusterImagePolicy],
])('examples/cluster/%s', async (name, write) => {
  expect(await at(`examples/cluster/${name}`)).toBe(write(released('refs/tags/v*')));
});

test.each<[string, Admission]>([
  ['keyless', released('refs/tags/v1.2.3')],
  ['with a key', { repository: 'ghcr.io/acme/app', signer: { kind: 'key', publicKey: '', logged: false } }],
])('the commands of docs/guides/verifying.md: %s', async (_, admission) => {
  const commands = shellLines(admission, { reference: 'ghcr.io/acme/app@sha256:DIGEST' });
  expect(await at('docs/guides/verifying.md')).toContain(`\`\`\`sh\n${commands.join('\n')}\n\`\`\``);
});

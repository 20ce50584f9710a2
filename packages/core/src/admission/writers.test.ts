import { describe, expect, test } from '@jest/globals';
import { parse as load } from 'yaml';
import { PredicateType } from '../evidence.ts';
import { cosignCommands, ghCommand, shellWord, slsaVerifierCommands } from './commands.ts';
import { exact, pattern, workflowIdentity } from './identity.ts';
import { kyvernoPolicy } from './kyverno.ts';
import { clusterImagePolicy } from './policy-controller.ts';
import type { Admission } from './signer.ts';
import { admissionMarkdown, verificationMarkdown, verificationTable } from './summary.ts';
import { yaml } from './yaml.ts';

const WORKFLOW = 'acme/app/.github/workflows/release.yml';
const REFERENCE = `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`;
const PEM = '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ==\n-----END PUBLIC KEY-----\n';
const ANCHORED = '^(?:https://github\\.com/acme/app/\\.github/workflows/release\\.yml@.+)$';

const keyless = (more: object = {}): Admission => ({
  repository: 'ghcr.io/acme/app',
  signer: { kind: 'keyless', identity: workflowIdentity({ workflow: WORKFLOW, ...more }) },
});
const keyed = (logged = false): Admission => ({
  repository: 'ghcr.io/acme/app',
  signer: { kind: 'key', publicKey: PEM, logged },
});

// biome-ignore lint/suspicious/noExplicitAny: documents of foreign shape
const parsed = (text: string): any => load(text);

describe('a Kyverno policy', () => {
  const rule = (text: string) => parsed(text).spec.rules[0].verifyImages[0];

  test('is of this repository and no other that begins alike', () => {
    expect(rule(kyvernoPolicy(keyless())).imageReferences).toEqual(['ghcr.io/acme/app:*', 'ghcr.io/acme/app@*']);
  });

  test('fails closed', () => {
    const { spec } = parsed(kyvernoPolicy(keyless()));
    expect(spec).toMatchObject({ failurePolicy: 'Fail' });
    expect(rule(kyvernoPolicy(keyless()))).toMatchObject({
      type: 'SigstoreBundle',
      failureAction: 'Enforce',
      required: true,
      mutateDigest: true,
      verifyDigest: true,
    });
  });

  test('asks for a signature and for a verdict that says yes', () => {
    const { attestations } = rule(kyvernoPolicy(keyless()));
    expect(attestations.map(({ type }: { type: string }) => type)).toEqual([
      PredicateType.signature,
      PredicateType.verdict,
    ]);
    expect(attestations[1].conditions[0].all).toEqual([
      { key: '{{ verificationResult }}', operator: 'Equals', value: 'PASSED' },
    ]);
  });

  test('looks for a pattern from end to end', () => {
    const { keyless: attestor } = rule(kyvernoPolicy(keyless())).attestations[0].attestors[0].entries[0];
    expect(attestor).toMatchObject({ issuer: 'https://token.actions.githubusercontent.com', subjectRegExp: ANCHORED });
    expect(attestor.subject).toBeUndefined();
  });

  test('asks the provenance where it was built from, since certificates are asked for issuer and subject alone', () => {
    const given = keyless({ repository: 'acme/caller', ref: "refs/tags/it's-*", commit: 'c'.repeat(40) });
    const { attestations } = rule(kyvernoPolicy(given));
    const { type, conditions } = attestations[2];
    expect(type).toBe(PredicateType.provenance);
    const workflow = 'buildDefinition.externalParameters.workflow';
    expect(conditions).toEqual([
      {
        all: [
          `{{ regex_match('^https://github\\.com/acme/caller$', ${workflow}.repository) }}`,
          `{{ regex_match('^(?:refs/tags/it\\'s-[^/]*)$', ${workflow}.ref) }}`,
          `{{ regex_match('^c{40}$', buildDefinition.resolvedDependencies[0].digest.gitCommit) }}`.replace(
            'c{40}',
            'c'.repeat(40),
          ),
        ].map((key) => ({ key, operator: 'Equals', value: true })),
      },
    ]);
  });

  test('asks for what was asked here, and for no verdict where there is none', () => {
    const given = { ...keyless(), predicateTypes: [PredicateType.provenance] };
    const { attestations } = rule(kyvernoPolicy(given));
    expect(attestations).toMatchObject([{ type: PredicateType.provenance, name: 'slsa-dev-provenance-v1' }]);
    expect(attestations[0].conditions).toBeUndefined();
    expect(cosignCommands(given, { reference: REFERENCE })).toEqual([expect.stringContaining('verify-attestation')]);
  });

  test('of a key holds the key, and asks for a log where there is one', () => {
    const { keys } = rule(kyvernoPolicy(keyed())).attestations[0].attestors[0].entries[0];
    expect(keys).toMatchObject({ publicKeys: PEM, rekor: { ignoreTlog: true } });
    expect(rule(kyvernoPolicy(keyed(true))).attestations[0].attestors[0].entries[0].keys).toEqual({ publicKeys: PEM });
  });
});

describe('a ClusterImagePolicy', () => {
  test('is of one identity, in bundles', () => {
    const { spec } = parsed(clusterImagePolicy(keyless()));
    expect(spec).toMatchObject({
      mode: 'enforce',
      images: [{ glob: 'ghcr.io/acme/app:*' }, { glob: 'ghcr.io/acme/app@*' }],
      authorities: [{ signatureFormat: 'bundle', keyless: { identities: [{ subjectRegExp: ANCHORED }] } }],
    });
    expect(
      spec.authorities[0].attestations.map(({ predicateType }: { predicateType: string }) => predicateType),
    ).toEqual([PredicateType.signature, PredicateType.verdict]);
    expect(spec.authorities[0].attestations[1].policy).toEqual({
      type: 'cue',
      data: 'predicate: verificationResult: "PASSED"\n',
    });
  });

  test('asks the provenance where it was built from', () => {
    const given = keyless({ repository: 'acme/caller', ref: 'refs/tags/v*', commit: 'c'.repeat(40) });
    const { attestations } = parsed(clusterImagePolicy(given)).spec.authorities[0];
    const workflow = 'predicate: buildDefinition: externalParameters: workflow:';
    expect(attestations[2]).toMatchObject({
      predicateType: PredicateType.provenance,
      policy: {
        type: 'cue',
        data:
          `${workflow} repository: =~"^https://github\\\\.com/acme/caller$"\n` +
          `${workflow} ref: =~"^(?:refs/tags/v[^/]*)$"\n` +
          `predicate: buildDefinition: resolvedDependencies: [{digest: gitCommit: =~"^${'c'.repeat(40)}$"}, ...]\n`,
      },
    });
  });

  test('calls Docker Hub as policy-controller does', () => {
    const hub = { ...keyless(), repository: 'docker.io/acme/app' };
    expect(parsed(clusterImagePolicy(hub)).spec.images[0].glob).toBe('index.docker.io/acme/app:*');
  });

  test('is not written for a key: policy-controller would admit nothing', () => {
    expect(() => clusterImagePolicy(keyed())).toThrow('policy-controller reads bundles of no other');
  });
});

describe('commands', () => {
  test('cosign is given a pattern that is anchored, as it looks anywhere', () => {
    expect(cosignCommands(keyless(), { reference: REFERENCE })).toEqual([
      `cosign verify --certificate-identity-regexp '${ANCHORED}' --certificate-oidc-issuer https://token.actions.githubusercontent.com ${REFERENCE}`,
      `cosign verify-attestation --certificate-identity-regexp '${ANCHORED}' --certificate-oidc-issuer https://token.actions.githubusercontent.com --type https://slsa.dev/verification_summary/v1 ${REFERENCE}`,
    ]);
  });

  test('cosign is told which repository, ref and commit called the workflow; what it cannot be told is said', () => {
    const given = { repository: 'acme/caller', ref: 'refs/tags/v1.2.3', commit: 'c'.repeat(40) };
    for (const command of cosignCommands(keyless(given), { reference: REFERENCE })) {
      expect(command).toContain(
        '--certificate-github-workflow-repository acme/caller --certificate-github-workflow-ref refs/tags/v1.2.3 ' +
          `--certificate-github-workflow-sha ${'c'.repeat(40)}`,
      );
    }
    expect(admissionMarkdown(keyless(given), REFERENCE)).not.toContain('is not held below');
    const some = keyless({ ...given, ref: 'refs/tags/v*' });
    expect(cosignCommands(some, { reference: REFERENCE })[0]).not.toContain('workflow-ref');
    expect(admissionMarkdown(some, REFERENCE)).toContain('that it is /refs/tags/v[^/]*/ is not held below');
  });

  test('cosign is told that there is no log only where there is none', () => {
    expect(cosignCommands(keyed(), { reference: REFERENCE })[0]).toBe(
      `cosign verify --key cosign.pub --insecure-ignore-tlog=true ${REFERENCE}`,
    );
    expect(cosignCommands(keyed(true), { reference: REFERENCE })[0]).toBe(
      `cosign verify --key cosign.pub ${REFERENCE}`,
    );
  });

  test('gh is given repository, identity, ref and commit', () => {
    const given = keyless({ repository: 'acme/caller', ref: 'refs/tags/v1.2.3', commit: 'c'.repeat(40) });
    const command = ghCommand(given, { reference: REFERENCE });
    for (const part of [
      '--repo acme/caller',
      `--cert-identity-regex '${ANCHORED}'`,
      '--source-ref refs/tags/v1.2.3',
      `--source-digest ${'c'.repeat(40)}`,
      '--bundle-from-oci',
    ]) {
      expect(command).toContain(part);
    }
    expect(ghCommand(keyless(), { reference: REFERENCE })).toContain('--repo acme/app');
  });

  test('slsa-verifier is given the builder without its ref, and a tag as a tag', () => {
    const [, line] = slsaVerifierCommands(keyless({ ref: 'refs/tags/v1.2.3' }), { reference: REFERENCE });
    expect(line).toContain(
      `--source-uri github.com/acme/app --builder-id https://github.com/${WORKFLOW} --source-tag v1.2.3`,
    );
    expect(slsaVerifierCommands(keyless({ ref: 'refs/heads/a/b' }), { reference: REFERENCE })[1]).toContain(
      '--source-branch a/b',
    );
  });

  test('of gh and slsa-verifier are for workflows on GitHub only', () => {
    const mail: Admission = {
      repository: 'ghcr.io/acme/app',
      signer: {
        kind: 'keyless',
        identity: { issuer: exact('https://accounts.example'), subject: exact('a@example.org') },
      },
    };
    for (const admission of [mail, keyed()]) {
      expect(ghCommand(admission, { reference: REFERENCE })).toBeUndefined();
      expect(slsaVerifierCommands(admission, { reference: REFERENCE })).toEqual([]);
    }
    const anywhere: Admission = {
      ...mail,
      signer: {
        kind: 'keyless',
        identity: { issuer: exact('https://token.actions.githubusercontent.com'), subject: pattern('.*', 'x') },
      },
    };
    expect(slsaVerifierCommands(anywhere, { reference: REFERENCE })).toEqual([]);
  });

  test.each(['$(id)', '`id`', "it's", 'a b', ';rm', '&&x', '|x', '>x', '*', '~', '!x', '"x"', 'x\ny', '', '#x', '\\'])(
    'the word %j is one word to a shell',
    (word) => {
      const quoted = shellWord(word);
      expect(quoted).toMatch(/^'[\s\S]*'$/);
      expect(quoted.slice(1, -1).replaceAll(`'\\''`, '')).not.toContain("'");
    },
  );
});

describe('YAML', () => {
  test.each<[unknown]>([
    ['text'],
    ['yes'],
    ['null'],
    ['1.0'],
    ['2026-11-25'],
    ['a: b'],
    ['# no comment'],
    ['two\nlines\n'],
    ['two\nlines'],
    [' leading\nblank'],
    ['tab\there'],
    ['\u202e'],
    ['{{ x }}'],
    ['*'],
    [''],
    [true],
    [3],
  ])('reads back %j as it was', (value) => {
    const document = { key: value, list: [value, { nested: value, more: [value] }], '@odd key:': value };
    expect(load(yaml(document as never))).toEqual(document);
  });
});

describe('the summary of a verification', () => {
  const evil = '</details><img src=x onerror=alert(1)> | ::error::x';
  const checks = [
    { name: 'identity', outcome: 'fail' as const, why: evil },
    { name: 'digest', outcome: 'pass' as const, why: 'sha256:…' },
  ];

  test('lists every check, and lets nothing become markup', () => {
    const text = verificationMarkdown({
      name: evil,
      passed: false,
      checks,
      refused: [{ subject: 'sha256:a' as never, where: evil, why: evil }],
    });
    expect(text).toContain('Not to be deployed');
    expect(text).not.toContain('<img');
    expect(text.match(/<\/details>/g)).toHaveLength(1);
    expect(verificationTable(checks).split('\n')).toHaveLength(2);
  });

  test('has what a cluster needs', () => {
    const text = admissionMarkdown(keyless(), REFERENCE);
    for (const part of [
      'cosign verify ',
      'gh attestation verify ',
      'slsa-verifier ',
      'kind: ClusterPolicy',
      'kind: ClusterImagePolicy',
    ]) {
      expect(text).toContain(part);
    }
    expect(admissionMarkdown(keyed(), REFERENCE)).not.toContain('ClusterImagePolicy');
  });
});

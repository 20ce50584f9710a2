import { describe, expect, test } from '@jest/globals';
import { parse as load } from 'yaml';
import { PredicateType } from '../evidence.ts';
import { clusterPolicies } from './cluster-policies.ts';
import { cosignCommands, ghCommands, shellWord } from './commands.ts';
import { exact, pattern } from './identity.ts';
import { kyvernoPolicy } from './kyverno.ts';
import { clusterImagePolicy } from './policy-controller.ts';
import type { Admission } from './signer.ts';
import { admissionMarkdown, verificationMarkdown, verificationTable } from './summary.ts';
import { workflowIdentity } from './workflow-identity.ts';
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
      useCache: false,
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
    expect(attestations[1].conditions[0].all).toEqual(
      [
        "{{ regex_match('^PASSED$', verificationResult) }}",
        "{{ regex_match('^ghcr\\.io/acme/app$', resourceUri) }}",
      ].map((key) => ({ key, operator: 'Equals', value: true })),
    );
  });

  test('looks for a pattern from end to end', () => {
    const { keyless: attestor } = rule(kyvernoPolicy(keyless())).attestations[0].attestors[0].entries[0];
    expect(attestor).toMatchObject({ issuer: 'https://token.actions.githubusercontent.com', subjectRegExp: ANCHORED });
    expect(attestor.subject).toBeUndefined();
  });

  test('requires what was required here, and no verdict if there is none', () => {
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
    ).toEqual([PredicateType.signature, PredicateType.verdict, PredicateType.verdict]);
  });

  test('asks for a verdict of yes for this repository, and for none of no, of the last seven days', () => {
    const { spec } = parsed(clusterImagePolicy(keyless()));
    const [, passed, any] = spec.authorities[0].attestations;
    expect([passed.name, any.name]).toEqual(['verdict-passed', 'verdict-any']);
    for (const { predicateType, policy } of [passed, any]) {
      expect([predicateType, policy.type]).toEqual([PredicateType.verdict, 'rego']);
      expect(policy.data).toContain('input.predicate.resourceUri == "ghcr.io/acme/app"');
      expect(policy.data).toContain(`age < ${7 * 24 * 3600}000000000\n`);
    }
    expect(passed.policy.data).toContain('input.predicate.verificationResult == "PASSED"');
    expect(any.policy.data).not.toContain('verificationResult');
    expect(spec.policy.data).toContain('count(verdicts["verdict-passed"]) == count(verdicts["verdict-any"])');
    const day = parsed(clusterImagePolicy({ ...keyless(), maxVerdictAge: 24 * 3_600_000 }));
    expect(day.spec.authorities[0].attestations[2].policy.data).toContain(`age < ${24 * 3600}000000000\n`);
  });

  test('ignores verdicts if none is required', () => {
    const { spec } = parsed(clusterImagePolicy({ ...keyless(), predicateTypes: [PredicateType.provenance] }));
    expect(spec.policy).toBeUndefined();
    expect(spec.authorities[0].attestations).toEqual([
      { name: 'slsa-dev-provenance-v1', predicateType: PredicateType.provenance },
    ]);
  });

  test('calls Docker Hub as policy-controller does', () => {
    const hub = { ...keyless(), repository: 'docker.io/acme/app' };
    expect(parsed(clusterImagePolicy(hub)).spec.images[0].glob).toBe('index.docker.io/acme/app:*');
  });

  test('is not written for a key: policy-controller would admit nothing', () => {
    expect(() => clusterImagePolicy(keyed())).toThrow('reads bundles of keyless signers only');
  });
});

describe('commands', () => {
  const NEWEST = `map(select(.resourceUri == "ghcr.io/acme/app")) | sort_by(.timeVerified) | last | .verificationResult == "PASSED"'`;

  test('cosign is given a pattern that is anchored, as it looks anywhere; of the verdicts the newest must be of yes', () => {
    const flags = `--certificate-identity-regexp '${ANCHORED}' --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-github-workflow-repository acme/app`;
    expect(cosignCommands(keyless(), { reference: REFERENCE })).toEqual([
      `cosign verify ${flags} ${REFERENCE}`,
      `cosign verify-attestation ${flags} --type https://slsa.dev/verification_summary/v1 ${REFERENCE} | jq -e -s '[.[].payload | @base64d | fromjson | .predicate] | ${NEWEST}`,
    ]);
  });

  test('cosign gets the repository, ref and commit that called the workflow; the rest is listed', () => {
    const given = { repository: 'acme/caller', ref: 'refs/tags/v1.2.3', commit: 'c'.repeat(40) };
    for (const command of cosignCommands(keyless(given), { reference: REFERENCE })) {
      expect(command).toContain(
        '--certificate-github-workflow-repository acme/caller --certificate-github-workflow-ref refs/tags/v1.2.3 ' +
          `--certificate-github-workflow-sha ${'c'.repeat(40)}`,
      );
    }
    expect(admissionMarkdown(keyless(given), REFERENCE)).not.toContain('source ref');
    const some = keyless({ ...given, ref: 'refs/tags/v*', repositoryId: '4711' });
    expect(cosignCommands(some, { reference: REFERENCE })[0]).not.toContain('workflow-ref');
    const text = admissionMarkdown(some, REFERENCE);
    expect(text).toContain('# Not compared by cosign and gh: source ref /refs/tags/v[^/]*/.');
    expect(text).toContain('# Not compared by cosign and gh: source repository id 4711.');
    expect(text).toContain("# cosign cannot check that the runner was GitHub's.");
    expect(admissionMarkdown(keyless({ runner: 'self-hosted' }), REFERENCE)).toContain(
      '# Not compared by cosign and gh: runner environment self-hosted.',
    );
  });

  test('cosign ignores the log only if there is none', () => {
    expect(cosignCommands(keyed(), { reference: REFERENCE })[0]).toBe(
      `cosign verify --key cosign.pub --insecure-ignore-tlog=true ${REFERENCE}`,
    );
    expect(cosignCommands(keyed(true), { reference: REFERENCE })[0]).toBe(
      `cosign verify --key cosign.pub ${REFERENCE}`,
    );
  });

  test('gh is given the repository that was built, identity, ref and commit, and denies self-hosted runners', () => {
    const given = keyless({ repository: 'acme/caller', ref: 'refs/tags/v1.2.3', commit: 'c'.repeat(40) });
    const [command] = ghCommands(given, { reference: REFERENCE });
    for (const part of [
      '--repo acme/caller',
      `--cert-identity-regex '${ANCHORED}'`,
      '--source-ref refs/tags/v1.2.3',
      `--source-digest ${'c'.repeat(40)}`,
      '--deny-self-hosted-runners',
      '--bundle-from-oci',
      `--format json | jq -e -s '[.[][].verificationResult.statement.predicate] | ${NEWEST}`,
    ]) {
      expect(command).toContain(part);
    }
    expect(ghCommands(keyless(), { reference: REFERENCE })[0]).toContain('--repo acme/app');
    expect(ghCommands(keyless({ runner: 'any' }), { reference: REFERENCE })[0]).not.toContain('--deny');
  });

  test('gh names the caller of a shared workflow, and not the repository of the workflow', () => {
    const shared = workflowIdentity({
      workflow: 'tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
      repository: 'acme/app',
    });
    const given: Admission = { repository: 'ghcr.io/acme/app', signer: { kind: 'keyless', identity: shared } };
    expect(ghCommands(given, { reference: REFERENCE })[0]).toContain(
      '--repo acme/app --cert-identity https://github.com/tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1',
    );
  });

  test('of gh are for workflows on GitHub with a known repository only', () => {
    const mail: Admission = {
      repository: 'ghcr.io/acme/app',
      signer: {
        kind: 'keyless',
        identity: { issuer: exact('https://accounts.example'), subject: exact('a@example.org') },
      },
    };
    const anywhere: Admission = {
      ...mail,
      signer: {
        kind: 'keyless',
        identity: { issuer: exact('https://token.actions.githubusercontent.com'), subject: pattern('.*', 'x') },
      },
    };
    for (const admission of [mail, keyed(), anywhere]) {
      expect(ghCommands(admission, { reference: REFERENCE })).toEqual([]);
    }
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

describe('policies for a cluster, whose controllers compare issuer and subject alone', () => {
  const WORKFLOWS = 'https://github.com/acme/app/.github/workflows/release.yml';
  const signed = (given: Parameters<typeof workflowIdentity>[0]): Admission => ({
    repository: 'ghcr.io/acme/app',
    signer: { kind: 'keyless', identity: workflowIdentity(given) },
  });
  const subjectOf = (admission: Admission) => {
    const { written } = clusterPolicies(admission);
    return parsed(written[1]?.text ?? '').spec.authorities[0].keyless.identities[0];
  };

  test('are not written for a workflow that others call: each of them has its identity', () => {
    const given = signed({ workflow: 'acme/shared/.github/workflows/build.yml', repository: 'acme/app' });
    const { written, missing } = clusterPolicies(given);
    expect(written).toEqual([]);
    expect(missing).toEqual([expect.stringContaining('every repository that calls')]);
    expect(admissionMarkdown(given, REFERENCE)).toContain('before you deploy');
    expect(admissionMarkdown(given, REFERENCE)).not.toContain('kind: ClusterPolicy');
  });

  test.each<[string, Parameters<typeof workflowIdentity>[0], object]>([
    ['any ref', { workflow: WORKFLOW }, { subjectRegExp: ANCHORED }],
    ['the ref of the source', { workflow: WORKFLOW, ref: 'refs/tags/v1' }, { subject: `${WORKFLOWS}@refs/tags/v1` }],
    [
      'a pattern of it',
      { workflow: WORKFLOW, ref: 'refs/tags/v*' },
      { subjectRegExp: ANCHORED.replace('@.+', '@refs/tags/v[^/]*') },
    ],
    [
      'the same said twice',
      { workflow: `${WORKFLOW}@refs/tags/v*`, ref: 'refs/tags/v*' },
      { subjectRegExp: ANCHORED.replace('@.+', '@refs/tags/v[^/]*') },
    ],
    [
      'the narrower of two',
      { workflow: `${WORKFLOW}@refs/tags/v1`, ref: 'refs/tags/v*' },
      { subject: `${WORKFLOWS}@refs/tags/v1` },
    ],
  ])('name %s', (_, given, identity) => {
    expect(subjectOf(signed(given))).toEqual({ issuer: 'https://token.actions.githubusercontent.com', ...identity });
  });

  test('are not written if the required ref is not part of the identity', () => {
    const given = signed({ workflow: `${WORKFLOW}@refs/heads/main`, ref: 'refs/tags/v*' });
    expect(clusterPolicies(given).missing).toEqual([expect.stringContaining('does not include the source ref')]);
  });

  test('say which claims they do not ask for', () => {
    const given = signed({ workflow: WORKFLOW, repositoryId: '4711', commit: 'c'.repeat(40) });
    for (const { text } of clusterPolicies(given).written) {
      expect(text).toContain(`source repository id 4711, source commit ${'c'.repeat(40)}, runner environment`);
      expect(text).toContain('on: workflow_call');
    }
  });

  test('of a mail address need no repository', () => {
    const identity = { issuer: exact('https://accounts.example'), subject: exact('a@example.org') };
    const mail: Admission = { repository: 'ghcr.io/acme/app', signer: { kind: 'keyless', identity } };
    expect(clusterPolicies(mail).written).toHaveLength(2);
  });
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
    expect(text).toContain('Verification failed: do not deploy');
    expect(text).not.toContain('<img');
    expect(text.match(/<\/details>/g)).toHaveLength(1);
    expect(verificationTable(checks).split('\n')).toHaveLength(2);
  });

  test('has what a cluster needs', () => {
    const text = admissionMarkdown(keyless(), REFERENCE);
    for (const part of [
      'cosign verify ',
      'gh attestation verify ',
      'kind: ClusterPolicy',
      'kind: ClusterImagePolicy',
    ]) {
      expect(text).toContain(part);
    }
    const key = admissionMarkdown(keyed(), REFERENCE);
    expect(key).not.toContain('kind: ClusterImagePolicy');
    expect(key).toContain('reads bundles of keyless signers only');
  });
});

import { describe, expect, test } from '@jest/globals';
import { type Evidence, PredicateType, type ProvenanceEvidence, type ScanEvidence } from '../evidence.ts';
import { digestOf } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import type { Policy } from '../policy.ts';
import type { Expectations, VerifiedFact } from './check.ts';
import { admissionChecks, admitted } from './checks.ts';

const NOW = new Date('2026-11-25T00:00:00Z');
const DAY = 24 * 3600_000;
const manifest = (name: string) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf(name),
  size: 3,
});
const INDEX = { ...manifest('index'), mediaType: 'application/vnd.oci.image.index.v1+json' };
const AMD64 = manifest('amd64');
const ARM64 = manifest('arm64');
const IMAGE: Image = {
  root: INDEX,
  platforms: [
    { platform: { os: 'linux', architecture: 'amd64' }, descriptor: AMD64 },
    { platform: { os: 'linux', architecture: 'arm64' }, descriptor: ARM64 },
  ],
};
const POLICY: Policy = {
  require: [],
  failOn: 'high',
  unknownSeverity: 'fail',
  onlyFixed: false,
  maxDatabaseAge: 5 * DAY,
  maxScanAge: 7 * DAY,
};
const ALL: Expectations = {
  require: ['provenance', 'sbom', 'scan', 'verdict', 'signature'],
  scope: 'every',
  policy: POLICY,
  provenance: { source: 'https://github.com/acme/app', commit: 'c0ffee', builder: { kind: 'exact', value: 'builder' } },
};

const provenance = (subject: string, more: Partial<ProvenanceEvidence> = {}): Evidence => ({
  kind: 'provenance',
  subject: digestOf(subject),
  builder: 'builder',
  buildType: 'b',
  source: { uri: 'git+https://github.com/acme/app@refs/heads/main', commit: 'c0ffee' },
  ...more,
});
const scan = (subject: string, more: Partial<ScanEvidence> = {}): Evidence => ({
  kind: 'scan',
  subject: digestOf(subject),
  sbom: digestOf('sbom'),
  scanner: { name: 'grype', version: '1' },
  database: {
    built: new Date(NOW.getTime() - DAY),
    schema: 'v6',
    source: 'https://grype.example/databases',
    checksum: digestOf('archive'),
  },
  finishedOn: new Date(NOW.getTime() - 3600_000),
  covered: ['deb'],
  endOfLife: 0,
  findings: [],
  suppressed: 0,
  scannerTripped: false,
  scannerThreshold: 'high',
  onlyFixed: false,
  ...more,
});
const verdict = (subject: string, passed = true, decidedOn = NOW): Evidence => ({
  kind: 'verdict',
  destination: 'ghcr.io/acme/app',
  subject: digestOf(subject),
  passed,
  policy: digestOf('policy'),
  decidedOn,
});
const sbom = (subject: string): Evidence => ({
  kind: 'sbom',
  subject: digestOf(subject),
  format: 'spdx',
  document: digestOf('sbom'),
  packages: 3,
  osPackages: 0,
});
const fact = (evidence: Evidence): VerifiedFact => ({
  subject: evidence.subject,
  predicateType: evidence.kind,
  signer: 'release.yml',
  evidence,
});
const signature = (subject: string): VerifiedFact => ({
  subject: digestOf(subject),
  predicateType: PredicateType.signature,
  signer: 'release.yml',
});

const SOUND: readonly VerifiedFact[] = [
  ...['index', 'amd64', 'arm64'].flatMap((name) => [signature(name), fact(provenance(name)), fact(verdict(name))]),
  ...['amd64', 'arm64'].flatMap((name) => [fact(sbom(name)), fact(scan(name))]),
];
const without = (drop: (one: VerifiedFact) => boolean) => SOUND.filter((one) => !drop(one));
const failing = (
  facts: readonly VerifiedFact[],
  expectations = ALL,
  refused: Parameters<typeof admissionChecks>[2] = [],
) =>
  admissionChecks(IMAGE, facts, refused, expectations, NOW)
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ name }) => name);

test('an image that has everything, signed, is admitted', () => {
  const checks = admissionChecks(IMAGE, SOUND, [], ALL, NOW);
  expect(checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(admitted(checks)).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'identity',
      'signature',
      'provenance',
      'provenance-source',
      'sbom',
      'scan-recent',
      'verdict-present',
    ]),
  );
});

describe('an image is not admitted', () => {
  test.each<[string, readonly VerifiedFact[], readonly string[]]>([
    [
      'without any signature',
      [],
      [
        'identity',
        'signature',
        'provenance',
        'provenance-source',
        'provenance-commit',
        'provenance-builder',
        'sbom',
        'scan-present',
        'verdict-present',
      ],
    ],
    [
      'with the index unsigned',
      without((one) => one.predicateType === PredicateType.signature && one.subject === INDEX.digest),
      ['signature'],
    ],
    [
      'with one platform unsigned',
      without((one) => one.predicateType === PredicateType.signature && one.subject === ARM64.digest),
      ['signature'],
    ],
    [
      'without the provenance of one platform',
      without((one) => one.evidence?.kind === 'provenance' && one.subject === AMD64.digest),
      ['provenance', 'provenance-source', 'provenance-commit', 'provenance-builder'],
    ],
    ['without one SBOM', without((one) => one.evidence?.kind === 'sbom' && one.subject === AMD64.digest), ['sbom']],
    [
      'without one scan',
      without((one) => one.evidence?.kind === 'scan' && one.subject === ARM64.digest),
      ['scan-present'],
    ],
    [
      'without a verdict on the index',
      without((one) => one.evidence?.kind === 'verdict' && one.subject === INDEX.digest),
      ['verdict-present'],
    ],
    [
      'when it was also built from elsewhere',
      [...SOUND, fact(provenance('amd64', { source: { uri: 'https://github.com/evil/app', commit: 'c0ffee' } }))],
      ['provenance-source'],
    ],
    [
      'when a longer repository begins alike',
      [...SOUND, fact(provenance('amd64', { source: { uri: 'https://github.com/acme/app2', commit: 'c0ffee' } }))],
      ['provenance-source'],
    ],
    [
      'when another commit was built',
      [...SOUND, fact(provenance('index', { source: { uri: 'https://github.com/acme/app', commit: 'other' } }))],
      ['provenance-commit'],
    ],
    [
      'when another builder built it',
      [...SOUND, fact(provenance('index', { builder: 'builder2' }))],
      ['provenance-builder'],
    ],
    [
      'when the newest scan is too old',
      without((one) => one.evidence?.kind === 'scan' && one.subject === AMD64.digest).concat(
        fact(
          scan('amd64', {
            finishedOn: new Date(NOW.getTime() - 8 * DAY),
            database: {
              built: new Date(NOW.getTime() - 9 * DAY),
              schema: 'v6',
              source: 'https://grype.example/databases',
              checksum: digestOf('archive'),
            },
          }),
        ),
      ),
      ['scan-recent'],
    ],
    [
      'when the newest scan is from the future',
      [...SOUND, fact(scan('amd64', { finishedOn: new Date(NOW.getTime() + 2 * DAY) }))],
      ['scan-recent'],
    ],
    [
      'when the newest verdict says no',
      [...SOUND, fact(verdict('arm64', false, new Date(NOW.getTime() + 1)))],
      ['verdict-present'],
    ],
    [
      'when something signed cannot be read',
      [...SOUND, fact({ kind: 'unreadable', subject: AMD64.digest, claimed: 'scan', why: 'x' })],
      ['evidence-readable'],
    ],
  ])('%s', (_, facts, names) => {
    expect(failing(facts)).toEqual(names);
  });
});

describe('of many scans and verdicts the newest counts', () => {
  test('an old one that failed is history', () => {
    const old = new Date(NOW.getTime() - 30 * DAY);
    expect(failing([fact(scan('amd64', { finishedOn: old })), fact(verdict('amd64', false, old)), ...SOUND])).toEqual(
      [],
    );
    expect(failing([...SOUND, fact(scan('amd64', { finishedOn: old })), fact(verdict('amd64', false, old))])).toEqual(
      [],
    );
  });
});

describe('signatures of others', () => {
  const github: Expectations = { require: ['provenance'], scope: 'root', policy: POLICY };
  test('on the index alone is enough if only that is required', () => {
    expect(failing([fact(provenance('index'))], github)).toEqual([]);
    expect(failing([fact(provenance('amd64'))], github)).toEqual(['provenance']);
  });
  test('on the platforms alone is enough if only that is required', () => {
    const each = { ...github, scope: 'platforms' as const };
    expect(failing([fact(provenance('amd64')), fact(provenance('arm64'))], each)).toEqual([]);
    expect(failing([fact(provenance('index'))], each)).toEqual(['provenance']);
    const verdicts: Expectations = { ...each, require: ['verdict'] };
    expect(failing([fact(verdict('amd64')), fact(verdict('arm64'))], verdicts)).toEqual([]);
  });
  test('beside a valid signature changes nothing, and is reported', () => {
    const refused = [{ subject: AMD64.digest, where: 'r', why: 'Another key.' }];
    const [identity] = admissionChecks(IMAGE, SOUND, refused, ALL, NOW);
    expect(identity).toMatchObject({
      outcome: 'pass',
      why: expect.stringContaining('1 other signature is not trusted'),
    });
  });
  test('fails the image if it was not read: it could be a newer verdict that failed', () => {
    const refused = [{ subject: AMD64.digest, where: 'r', why: 'Too many.', isUnread: true }];
    const failed = admissionChecks(IMAGE, SOUND, refused, ALL, NOW).filter(({ outcome }) => outcome === 'fail');
    expect(failed).toEqual([{ name: 'evidence-readable', outcome: 'fail', why: 'Too many.' }]);
  });
  test('alone is refused, with its reasons', () => {
    const refused = [{ subject: AMD64.digest, where: 'r', why: 'Another key.' }];
    const [identity] = admissionChecks(IMAGE, [], refused, ALL, NOW);
    expect(identity).toMatchObject({ outcome: 'fail', why: expect.stringContaining('Another key.') });
  });
});

test('an image without requirements is not admitted without a signature', () => {
  const nothing: Expectations = { require: [], scope: 'every', policy: POLICY };
  expect(admitted(admissionChecks(IMAGE, [], [], nothing, NOW))).toBe(false);
});

describe('the destination of a verdict', () => {
  const HERE = { ...ALL, destination: { registry: 'ghcr.io', repository: 'acme/app' } };
  const elsewhere = (subject: string, passed = true, decidedOn = NOW): VerifiedFact => {
    const evidence = verdict(subject, passed, decidedOn);
    return fact({ ...evidence, destination: 'ghcr.io/acme/sandbox' } as Evidence);
  };
  const SUBJECTS = ['index', 'amd64', 'arm64'];

  test('is where the image is', () => {
    expect(failing(SOUND, HERE)).toEqual([]);
    const there = { ...ALL, destination: { registry: 'ghcr.io', repository: 'acme/production' } };
    expect(failing(SOUND, there)).toEqual(['verdict-present']);
  });

  test('that is missing denies the deployment', () => {
    const undirected = SOUND.map(({ evidence, ...one }): VerifiedFact => {
      if (evidence?.kind !== 'verdict') return { ...one, ...(evidence ? { evidence } : {}) };
      const { destination: _, ...rest } = evidence;
      return { ...one, evidence: rest };
    });
    expect(failing(undirected, HERE)).toEqual(['verdict-present']);
    expect(failing(undirected)).toEqual([]);
  });

  test('elsewhere neither passes nor fails the gate here', () => {
    const none = without(({ evidence }) => evidence?.kind === 'verdict');
    expect(failing([...none, ...SUBJECTS.map((name) => elsewhere(name))], HERE)).toEqual(['verdict-present']);
    expect(failing([...SOUND, ...SUBJECTS.map((name) => elsewhere(name, false))], HERE)).toEqual([]);
  });

  test('of a newer verdict of no is not hidden behind an older one of yes, and not by one for elsewhere', () => {
    const before = new Date(NOW.getTime() - DAY);
    const old = without(({ evidence }) => evidence?.kind === 'verdict').concat(
      SUBJECTS.map((name) => fact(verdict(name, true, before))),
    );
    expect(failing(old, HERE)).toEqual([]);
    expect(failing([...old, fact(verdict('amd64', false, NOW)), elsewhere('amd64', true, NOW)], HERE)).toEqual([
      'verdict-present',
    ]);
  });
});

describe('claims of the certificate', () => {
  const identity = {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    sourceRepository: 'https://github.com/acme/app',
    sourceRef: 'refs/heads/main',
    runnerEnvironment: 'github-hosted',
  };
  const expected = {
    issuer: { kind: 'exact', value: identity.issuer },
    subject: { kind: 'exact', value: identity.subject },
    sourceRepository: { kind: 'exact', value: identity.sourceRepository },
    runnerEnvironment: { kind: 'exact', value: 'github-hosted' },
  } as const;
  const lines = (facts: readonly VerifiedFact[]) =>
    Object.fromEntries(
      admissionChecks(IMAGE, facts, [], { ...ALL, identity: expected }, NOW).map(({ name, outcome, why }) => [
        name,
        `${outcome}: ${why}`,
      ]),
    );

  test('that were compared are shown, and those that were not required are named', () => {
    expect(lines(SOUND.map((one) => ({ ...one, identity })))).toMatchObject({
      'source-repository': 'pass: https://github.com/acme/app.',
      'source-repository-id': expect.stringContaining('not-applicable: Not checked'),
      'source-ref': 'not-applicable: Not checked: images of every branch and tag pass.',
      'runner-environment': 'pass: github-hosted.',
    });
  });

  test('are not said of a key', () => {
    expect(lines(SOUND)).toMatchObject({
      'source-repository': 'not-applicable: Signed with a key, which does not certify this claim.',
    });
  });

  test('replace unpublished provenance, if a certificate has them', () => {
    const none = without(({ evidence }) => evidence?.kind === 'provenance');
    const asked = { ...ALL, require: ['signature'] as const, provenance: { source: identity.sourceRepository } };
    expect(failing(none, asked)).toEqual(['provenance-source']);
    expect(
      failing(
        none.map((one) => ({ ...one, identity })),
        asked,
      ),
    ).toEqual([]);
  });
});

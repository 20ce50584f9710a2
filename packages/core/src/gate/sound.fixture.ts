/** For tests: an image of two platforms that passes the strictest policy. Tests break one part of it at a time. */
import type { ImageContents } from '../contents/image-contents.ts';
import type {
  BaselineEvidence,
  Component,
  Evidence,
  ProgramEvidence,
  ProvenanceEvidence,
  SbomEvidence,
  ScanEvidence,
  SignatureEvidence,
  VerdictEvidence,
} from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import { MediaType } from '../image/media-type.ts';
import { parsePlatform } from '../image/platform.ts';
import { type Policy, REQUIRABLE, type RuleName, type RuleResult, type Verdict } from '../policy.ts';
import { policyDocument } from '../policy-document/index.ts';
import { type GateContext, type PlatformFacts, subjectsOf } from './context.ts';
import { decide } from './decide.ts';
import { statementsToSign } from './rules/signature-present.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const NOW = new Date('2026-11-24T12:00:00Z');
export const ago = (milliseconds: number) => new Date(NOW.getTime() - milliseconds);

export const STRICT: Policy = {
  require: REQUIRABLE,
  failOn: 'high',
  unknownSeverity: 'fail',
  onlyFixed: false,
  maxDatabaseAge: 5 * DAY,
  maxScanAge: DAY,
};

/** Requires no evidence, and has no rule that reads any. */
export const NOTHING = {
  ...{ require: [], failOn: 'none', unknownSeverity: 'report', knownExploited: 'report' },
} as const satisfies Partial<Policy>;

/** Layers without any finding. */
export const CONTENTS: ImageContents = {
  config: {
    user: '65532',
    entrypoint: ['/app'],
    cmd: [],
    healthcheck: ['CMD', '/app', 'health'],
    labels: { 'org.opencontainers.image.source': 'https://github.com/acme/app' },
    exposedPorts: ['8080/tcp'],
    volumes: ['/data'],
    env: ['PATH'],
  },
  layers: [],
  traces: [],
  overflow: [],
  statePaths: [],
  systemPackages: { deb: [], apk: [], rpm: [] },
  languagePackages: [],
};

const FACTS: PlatformFacts = {
  size: 4_000_000,
  layers: 3,
  user: '65532',
  ports: ['8080/tcp'],
  volumes: ['/data'],
  oldestLayer: ago(10 * DAY),
};

/** Facts about the image besides its evidence, with overrides. */
export function gateContext(over: Partial<PlatformFacts> = {}, image: Image = IMAGE): GateContext {
  return {
    facts: new Map(image.platforms.map(({ descriptor: { digest } }) => [digest, { ...FACTS, ...over }])),
    destinations: [{ registry: 'ghcr.io', repository: 'acme/app' }],
  };
}

const descriptor = (name: string, mediaType: string) => ({ mediaType, digest: digestOf(name), size: 100 });
export const AMD64 = { platform: parsePlatform('linux/amd64'), descriptor: descriptor('amd64', MediaType.manifest) };
export const ARM64 = { platform: parsePlatform('linux/arm64'), descriptor: descriptor('arm64', MediaType.manifest) };
export const IMAGE: Image = { root: descriptor('index', MediaType.index), platforms: [AMD64, ARM64] };
/** One manifest that is its own root. */
export const SINGLE: Image = { root: AMD64.descriptor, platforms: [AMD64] };
export const STRANGER = digestOf('another image');

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    id: 'CVE-2026-0001',
    severity: 'high',
    fix: 'fixed',
    fixedIn: ['1.2.4'],
    package: { name: 'minimist', version: '1.2.3', type: 'npm' },
    locations: ['/app/package-lock.json'],
    aliases: [],
    ...over,
  };
}

export const COMPONENTS: readonly Component[] = [
  { name: 'minimist', version: '1.2.3', type: 'npm', purl: 'pkg:npm/minimist@1.2.3', licenses: ['MIT'] },
  {
    name: 'libc6',
    version: '2.36-9',
    type: 'deb',
    purl: 'pkg:deb/debian/libc6@2.36-9',
    licenses: ['GPL-2.0-or-later', 'BSD-3-Clause'],
  },
];

/** The digest that a verdict of this policy names. */
export const digestOfPolicy = (policy: Policy) =>
  policyDocument({ preset: 'strict/1', policy, database: {}, sources: { levels: {} } }).digest;

/** A release that Tidegate pins, as it is recorded in evidence. */
export const released = (name: string): ProgramEvidence => ({
  name,
  digest: digestOf(name),
  release: `https://github.com/example/${name}/releases/download/v1/${name}.tar.gz`,
});

/** A baseline by the signer of all sound evidence. */
export function baseline(subject: Digest, over: Partial<BaselineEvidence> = {}): BaselineEvidence {
  return {
    kind: 'baseline',
    subject,
    statement: digestOf(`baseline of ${subject}`),
    live: [{ repository: 'ghcr.io/acme/app', tag: 'latest', digest: digestOf('live'), policies: [digestOf('policy')] }],
    signer: 'key sha256:abc',
    findings: [],
    ...over,
  };
}

export function soundEvidence(image: Image = IMAGE, policy: Policy = STRICT): readonly Evidence[] {
  const evidence: Evidence[] = [];
  for (const { digest: subject } of subjectsOf(image)) {
    const provenance: ProvenanceEvidence = {
      kind: 'provenance',
      subject,
      statement: digestOf(`provenance of ${subject}`),
      builder: 'https://example.com/builder',
      buildType: 'https://example.com/type',
      materials: [{ uri: 'pkg:docker/debian@bookworm-slim?platform=linux%2Famd64', sha256: 'ab'.repeat(32) }],
      programs: [released('buildx'), released('buildkitd')],
    };
    const verdict: VerdictEvidence = {
      kind: 'verdict',
      subject,
      statement: digestOf(`verdict of ${subject}`),
      passed: true,
      policy: digestOfPolicy(policy),
      decidedOn: ago(HOUR),
    };
    evidence.push(provenance, verdict);
    for (const predicateType of policy.predicates ?? []) {
      evidence.push({
        kind: 'predicate',
        subject,
        predicateType,
        statement: digestOf(`${predicateType} of ${subject}`),
      });
    }
  }
  for (const { descriptor } of image.platforms) {
    const subject = descriptor.digest;
    const statement = digestOf(`tests of ${subject}`);
    evidence.push({ kind: 'tests', subject, statement, passed: true, count: 2, failed: [] });
    const rebuilt = digestOf(`rebuild of ${subject}`);
    evidence.push({
      kind: 'reproduced',
      subject,
      statement: rebuilt,
      builder: 'https://ci.example',
      runners: 2,
      buildkit: 'own',
      finishedOn: ago(HOUR),
    });
    const sbom: Omit<SbomEvidence, 'format'> = {
      kind: 'sbom',
      subject,
      document: digestOf(`syft of ${subject}`),
      packages: 5,
      osPackages: 3,
      distribution: 'debian 12',
    };
    const scan: ScanEvidence = {
      kind: 'scan',
      subject,
      statement: digestOf(`scan of ${subject}`),
      sbom: sbom.document,
      scanner: { name: 'grype', version: '0.116.1' },
      program: released('grype'),
      database: {
        built: ago(DAY),
        schema: 'v6.1.9',
        source: 'https://grype.example/databases',
        checksum: digestOf('archive'),
        providers: ['nvd', 'kev', 'epss'],
      },
      finishedOn: ago(HOUR),
      distribution: 'debian 12',
      covered: ['deb'],
      endOfLife: 0,
      findings: [finding({ severity: 'low' })],
      suppressed: 0,
      scannerTripped: false,
      scannerThreshold: 'high',
      onlyFixed: false,
    };
    evidence.push(
      { ...sbom, format: 'syft', components: COMPONENTS, program: released('syft') },
      {
        ...sbom,
        format: 'spdx',
        document: digestOf(`spdx document of ${subject}`),
        statement: digestOf(`spdx of ${subject}`),
      },
      {
        ...sbom,
        format: 'cyclonedx',
        document: digestOf(`cyclonedx document of ${subject}`),
        statement: digestOf(`cyclonedx of ${subject}`),
      },
      scan,
      { kind: 'contents', subject, contents: CONTENTS },
    );
    if (policy.alreadyLive === 'report') evidence.push(baseline(subject));
  }
  const words = new Map([
    ['https://slsa.dev/provenance/v1', 'provenance'],
    ['https://slsa.dev/verification_summary/v1', 'verdict'],
    ['https://spdx.dev/Document', 'spdx'],
    ['https://cyclonedx.org/bom', 'cyclonedx'],
    ['https://cosign.sigstore.dev/attestation/vuln/v1', 'scan'],
    ['https://in-toto.io/attestation/test-result/v0.1', 'tests'],
    ['https://github.com/tidegate/tidegate/blob/main/docs/baseline.md#v1', 'baseline'],
    ['https://github.com/tidegate/tidegate/blob/main/docs/reproduced.md#v1', 'rebuild'],
  ]);
  for (const { subject, predicateType } of statementsToSign({ ...policy, require: REQUIRABLE }, image)) {
    const signature: SignatureEvidence = {
      kind: 'signature',
      subject,
      predicateType,
      payload: digestOf(`${words.get(predicateType) ?? predicateType} of ${subject}`),
      signer: 'key sha256:abc',
    };
    evidence.push(signature);
  }
  return evidence;
}

type Of<K extends Evidence['kind']> = Extract<Evidence, { kind: K }>;

/**
 * Sound evidence in which every item of one kind (of one manifest, if given) is changed or, for undefined, left out.
 */
export function spoilt<K extends Evidence['kind']>(
  kind: K,
  change: (evidence: Of<K>) => Evidence | readonly Evidence[] | undefined,
  image: Image = IMAGE,
): readonly Evidence[] {
  return soundEvidence(image).flatMap((each) => (each.kind === kind ? (change(each as Of<K>) ?? []) : each));
}

/** Same as `spoilt`, for the evidence of the amd64 manifest only. */
export function spoiltOnAmd64<K extends Evidence['kind']>(
  kind: K,
  change: (evidence: Of<K>) => Evidence | readonly Evidence[] | undefined,
): readonly Evidence[] {
  return spoilt(kind, (each) => (each.subject === AMD64.descriptor.digest ? change(each) : each));
}

export function judge(
  evidence: readonly Evidence[],
  policy: Partial<Policy> = {},
  image: Image = IMAGE,
  gateContext: GateContext = {},
): Verdict {
  return decide({ ...STRICT, ...policy }, image, evidence, NOW, gateContext);
}

export function resultsOf(verdict: Verdict, rule: RuleName): readonly RuleResult[] {
  return verdict.rules.filter((result) => result.rule === rule);
}

/** Names of the failed rules, each once. */
export function failedRules(verdict: Verdict): readonly RuleName[] {
  return [...new Set(verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule))];
}

export const unfixed = finding({ fix: 'not-fixed', fixedIn: [] });

/** The amd64 scan with these findings, and the scanner result that Grype would report for them. */
export function scanned(findings: readonly Finding[], over: Partial<ScanEvidence> = {}) {
  const scannerTripped = findings.some(({ severity }) => severity === 'high' || severity === 'critical');
  return spoiltOnAmd64('scan', (scan) => ({ ...scan, findings, scannerTripped, ...over }));
}

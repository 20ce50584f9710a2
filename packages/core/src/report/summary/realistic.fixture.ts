/** For tests: what an image of three platforms, built from a Debian image with an npm application, brings along. */
import { packageKey } from '../../cause/cause.ts';
import type { ScanEvidence } from '../../evidence.ts';
import type { Finding } from '../../finding.ts';
import { finding, IMAGE, NOW, STRICT, soundEvidence } from '../../gate/sound.fixture.ts';
import { digestOf } from '../../image/digest.ts';
import { MediaType } from '../../image/media-type.ts';
import { parsePlatform } from '../../image/platform.ts';
import type { Policy, RuleName, RuleResult, Verdict } from '../../policy.ts';
import { changesBetween } from '../changes.ts';
import type { PlatformSummary, SummaryFacts } from './facts.ts';

const NAMES = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] as const;
const DESCRIPTORS = NAMES.map((name) => ({ mediaType: MediaType.manifest, digest: digestOf(name), size: 100 }));
const IMAGE_OF_THREE = {
  root: IMAGE.root,
  platforms: NAMES.map((name, at) => ({
    platform: parsePlatform(name),
    descriptor: DESCRIPTORS[at] ?? IMAGE.root,
  })),
};

const SOURCES = ['pam', 'systemd', 'util-linux', 'perl', 'zlib', 'expat', 'sqlite3', 'glibc', 'krb5', 'ncurses'];
const MODULES = (
  'lodash minimist express semver ws braces tar ip axios undici qs cookie send path-to-regexp cross-spawn micromatch ' +
  'body-parser nanoid postcss follow-redirects jsonwebtoken moment marked handlebars ejs node-fetch got tough-cookie ' +
  'word-wrap json5 loader-utils ansi-regex glob-parent'
).split(' ');

/** Fifty: 43 with a fix, in one base image and 33 modules, and seven without. */
const FIFTY: readonly Finding[] = [
  ...SOURCES.map((name, at) =>
    finding({
      id: `CVE-2026-${20_000 + at}`,
      severity: at < 2 ? 'critical' : 'high',
      package: { name: `lib${name}0`, version: '2.36-9+deb12u4', type: 'deb' },
      fixedIn: ['2.36-9+deb12u9'],
      locations: [`/var/lib/dpkg/info/lib${name}0.list`],
    }),
  ),
  ...MODULES.map((name, at) =>
    finding({
      id: `GHSA-${name.slice(0, 4)}-0c4f-8xq${at}`,
      severity: at < 3 ? 'critical' : 'high',
      package: { name, version: '4.17.20', type: 'npm' },
      fixedIn: ['4.17.21'],
      locations: [`/app/node_modules/${name}/package.json`],
    }),
  ),
  ...Array.from({ length: 7 }, (_, at) =>
    finding({
      id: `CVE-2025-${10_000 + at}`,
      severity: at < 4 ? 'low' : 'high',
      package: { name: `libunfixed${at}`, version: '1:4.13+dfsg1-1', type: 'deb' },
      fix: at % 2 === 0 ? 'wont-fix' : 'not-fixed',
      fixedIn: [],
      locations: [`/var/lib/dpkg/info/libunfixed${at}.list`],
    }),
  ),
];

function soundScan(): ScanEvidence {
  const scan = soundEvidence().find((each): each is ScanEvidence => each.kind === 'scan');
  if (!scan) throw new Error('the fixture has no scan');
  return scan;
}

const BASE = digestOf('the layer of the base image');
const OURS = digestOf('the layer of npm ci');

function platformsWith(findings: readonly Finding[]): readonly PlatformSummary[] {
  const causes = {
    origin: {
      file: 'Dockerfile',
      layers: [
        { kind: 'base' as const, image: 'docker.io/library/node:22-slim', line: 1 },
        { kind: 'instruction' as const, line: 9, endLine: 9, text: 'RUN npm ci --omit=dev' },
      ],
    },
    diffIds: [BASE, OURS],
    packages: new Map(findings.map(({ package: own }) => [packageKey(own), own.type === 'deb' ? BASE : OURS])),
  };
  return NAMES.map((platform, at) => ({
    platform,
    scan: { ...soundScan(), subject: DESCRIPTORS[at]?.digest ?? IMAGE.root.digest, findings },
    causes,
    ...{ packages: 412, size: 78_500_000, layers: 9 },
  }));
}

const CHANGES = NAMES.map((platform) => ({
  ...{ tag: 'main', digest: digestOf('live'), platform },
  changes: changesBetween(
    {
      components: [{ name: 'lodash', version: '4.17.19', type: 'npm', licenses: [] }],
      findings: [finding({ id: 'CVE-2025-1' }), finding({ id: 'CVE-2025-2' }), finding({ id: 'CVE-2025-3' })],
      size: 76_400_000,
    },
    {
      components: [{ name: 'lodash', version: '4.17.20', type: 'npm', licenses: [] }],
      findings: [finding({ id: 'CVE-2026-20000' })],
      size: 78_500_000,
    },
  ),
}));

/** As the gate words it, once per platform. */
function verdictOf(failed: readonly (readonly [RuleName, string])[]): Verdict {
  const passed: readonly RuleResult[] = (['provenance-present', 'sbom-present', 'scan-present'] as const).map(
    (rule) => ({
      ...{ rule, outcome: 'pass', why: `The evidence of ${NAMES.join(', ')} is present.` },
    }),
  );
  const results = failed.flatMap(([rule, why]) =>
    NAMES.map((name): RuleResult => ({ rule, outcome: 'fail', why: `${name}: ${why}` })),
  );
  return { passed: failed.length === 0, rules: [...passed, ...results], decidedOn: NOW };
}

const BY_FINDINGS = [
  'severity-threshold',
  '43 findings at or above high with a fix, worst CVE-2026-20000 in libpam0 2.36-9+deb12u4 (fixed in 2.36-9+deb12u9).',
] as const;

const POLICY: Policy = { ...STRICT, onlyFixed: true };
const REFERENCE = `ghcr.io/acme/app@${IMAGE.root.digest}`;
const common = {
  ...{ name: 'ghcr.io/acme/app', image: IMAGE_OF_THREE, policy: POLICY, changes: CHANGES },
  publication: { published: false, why: 'Not published.' },
} as const satisfies SummaryFacts;

const withoutBlocking = FIFTY.filter(({ fix }) => fix !== 'fixed').concat(
  Array.from({ length: 30 }, (_, at) =>
    finding({ id: `CVE-2024-${at}`, severity: 'low', package: { name: `p${at}`, version: '1.0.0', type: 'npm' } }),
  ),
);

const published = {
  ...common,
  verdict: verdictOf([]),
  platforms: platformsWith(withoutBlocking),
  publication: { published: true, why: 'Push of git tag v1.2.3.' },
  tags: ['1.2.3', '1.2', '1', 'latest'].map((tag) => ({ tag, outcome: 'set', reason: `Git tag v1.2.3 is ${tag}.` })),
  transfer: { sent: 12, mounted: 3, skipped: 8, resumed: 0, bytes: 52_428_800, milliseconds: 3_100 },
  references: [REFERENCE, ...['1.2.3', '1.2', '1', 'latest'].map((tag) => `ghcr.io/acme/app:${tag}`)],
  verifyCommands: [
    "# cosign cannot check that the runner was GitHub's.",
    `cosign verify --certificate-identity https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3 --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-github-workflow-repository acme/app --certificate-github-workflow-ref refs/tags/v1.2.3 ${REFERENCE}`,
  ],
} as const satisfies SummaryFacts;

const since = (now: readonly Finding[]) => ({
  attached: 9,
  since: NAMES.map((platform) => ({ platform, on: NOW, before: withoutBlocking, now })),
});

/** Every kind of summary that a run with a verdict writes. */
export const REALISTIC = {
  published,
  'refused by findings': { ...common, verdict: verdictOf([BY_FINDINGS]), platforms: platformsWith(FIFTY) },
  'refused by findings and other rules': {
    ...common,
    verdict: verdictOf([
      BY_FINDINGS,
      [
        'known-exploited',
        '2 findings are known to be exploited, worst CVE-2026-20001 in libsystemd0 2.36-9+deb12u4 (fixed in 2.36-9+deb12u9).',
      ],
      ['image-user', 'The image runs as root, because it sets no user.'],
      ['contents-secrets', '1 secret: an AWS access key in /app/.env, from layer 4 (COPY . /app).'],
      ['licenses-allowed', '3 packages have licences that are not allowed, first AGPL-3.0-only in ghostscript 10.0.0.'],
    ]),
    platforms: platformsWith(FIFTY),
  },
  'refused by other rules': {
    ...common,
    verdict: verdictOf([
      ['contents-secrets', '1 secret: an AWS access key in /app/.env, from layer 4 (COPY . /app).'],
      [
        'contents-hidden-packages',
        '2 packages were removed from the package list, but not from the image: curl 7.88, openssl 3.0.11.',
      ],
      ['image-user', 'The image runs as root, because it sets no user.'],
      ['base-image-age', 'The base image node:22-slim is 214 d old, at most 90 d are allowed.'],
      ['licenses-allowed', '3 packages have licences that are not allowed, first AGPL-3.0-only in ghostscript 10.0.0.'],
      ['image-size', 'The compressed image has 812 MiB, at most 500 MiB are allowed.'],
      ['image-layers', 'The image has 48 layers, at most 30 are allowed.'],
      ['image-ports', 'The image exposes 22/tcp, which is not allowed.'],
      ['packages-denied', '1 package is denied: pkg:deb/debian/telnet, in telnet 0.17.'],
      ['signature-present', 'No signature of a trusted key or identity covers the image.'],
    ]),
    platforms: platformsWith(withoutBlocking),
  },
  'a pull request': {
    ...common,
    verdict: verdictOf([]),
    platforms: platformsWith(withoutBlocking),
    publication: { published: false, why: 'Not published: a pull request (pull_request).' },
    tags: [{ tag: 'pr-7', outcome: 'planned', reason: 'This run is for pull request 7.' }],
  },
  'a rescan that passes': { ...published, changes: [], rescan: since(withoutBlocking) },
  'a rescan that fails': {
    ...published,
    ...{ changes: [], verdict: verdictOf([BY_FINDINGS]), platforms: platformsWith(FIFTY), rescan: since(FIFTY) },
  },
} as const satisfies Record<string, SummaryFacts>;

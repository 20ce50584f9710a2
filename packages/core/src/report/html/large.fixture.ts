/** For tests: a report of many findings on several platforms, as large images of a distribution have. */
import type { CauseMap } from '../../cause/cause.ts';
import { packageKey } from '../../cause/cause.ts';
import type { LayerOrigin } from '../../cause/origin.ts';
import { CONTENTS, finding, IMAGE, NOW } from '../../gate/sound.fixture.ts';
import { type Digest, digestOf } from '../../image/digest.ts';
import { ALL_SEVERITIES } from '../../severity.ts';
import { changesBetween } from '../changes.ts';
import type { SummaryFacts } from '../summary/facts.ts';
import type { HtmlReport, ReportedFinding } from './reported.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/ppc64le', 'linux/s390x'];
const MIB = 2 ** 20;
const LAYERS: readonly (readonly [size: number, origin: LayerOrigin | undefined])[] = [
  [48 * MIB, { kind: 'base', image: 'docker.io/library/node:22-slim', digest: digestOf('base'), line: 1 }],
  [21 * MIB, { kind: 'base', image: 'docker.io/library/node:22-slim', digest: digestOf('base'), line: 1 }],
  [400, { kind: 'instruction', line: 3, endLine: 3, text: 'WORKDIR /app' }],
  [9 * MIB, { kind: 'instruction', line: 4, endLine: 6, text: 'RUN apt-get update && apt-get install -y curl git' }],
  [34 * MIB, { kind: 'instruction', line: 8, endLine: 8, text: 'RUN npm ci --omit=dev' }],
  [2 * MIB, { kind: 'instruction', line: 9, endLine: 9, text: 'RUN rm -rf /root/.npm' }],
  [300_000, { kind: 'instruction', line: 11, endLine: 11, text: 'COPY . .' }],
];

/** @param count findings on every platform */
export function largeReport(
  count: number,
  { platforms = PLATFORMS.length, passed = false } = {},
): readonly [HtmlReport, SummaryFacts] {
  const names = PLATFORMS.slice(0, platforms);
  const diffIds = LAYERS.map((_, at): Digest => digestOf(`layer ${at}`));
  const packages = Array.from({ length: Math.max(4, Math.ceil(count / 3)) }, (_, at) => ({
    ...{ name: `package-${at}`, version: `1.${at}.0`, type: at % 3 === 0 ? 'npm' : 'deb' },
    licenses: [['MIT'], ['Apache-2.0'], ['GPL-2.0-or-later', 'LGPL-2.1-or-later'], []][at % 4] ?? [],
  }));
  const findings = Array.from({ length: count }, (_, at): ReportedFinding => {
    const used = packages[at % packages.length] ?? { name: '', version: '', type: '' };
    const severity = ALL_SEVERITIES[Math.min(at % 11, 5)] ?? 'low';
    const base = used.type === 'deb';
    const fixed = at % 4 !== 3;
    return {
      ...finding({ id: `CVE-2026-${10_000 + at}`, severity, aliases: [`GHSA-${at}`] }),
      ...(at % 3 === 0 ? { title: 'Prototype pollution in the parser of options' } : {}),
      cvss: { score: 10 - (at % 11) * 0.9, vector: 'CVSS:3.1/AV:N', version: '3.1' },
      ...{ package: { name: used.name, version: used.version, type: used.type }, fix: fixed ? 'fixed' : 'wont-fix' },
      ...{ fixedIn: fixed ? [`1.${at % packages.length}.5`] : [], url: `https://example.com/CVE-2026-${10_000 + at}` },
      ...{ blocking: !passed && fixed && severity === 'critical', place: base ? 'Dockerfile:1' : 'Dockerfile:8' },
      remedy: `fixed by ${base ? 'a newer base image than node:22-slim (line 1)' : 'upgrading it in line 8'}`,
      ...(at % 50 === 7 ? { suppressed: 'app.vex.json, statement 1: the code is not reached' } : {}),
    };
  });
  const causes: CauseMap = {
    origin: { file: 'Dockerfile', layers: LAYERS.map(([, origin]) => origin) },
    diffIds,
    packages: new Map(packages.map((one) => [packageKey(one), diffIds[one.type === 'deb' ? 1 : 4] as Digest])),
  };
  const layers = LAYERS.map(([size, origin], at) => ({
    ...{ digest: diffIds[at] ?? '', size },
    ...(origin ? { made: origin.kind === 'base' ? `base image ${origin.image}` : origin.text } : {}),
    place: origin?.line === undefined ? undefined : `Dockerfile:${origin.line}`,
  }));
  const contents = {
    ...CONTENTS,
    layers: layers.map(({ digest, size }, at) => ({
      ...{ digest: digest as Digest, diffId: digest as Digest, size, unpacked: 3 * size, entries: 100 * at },
      ...(at === 4 ? { wasted: [{ by: 5, bytes: 26 * MIB }] } : {}),
    })),
  };
  const rules: HtmlReport['rules'] = [
    passed
      ? { rule: 'severity-threshold', outcome: 'pass', why: 'No finding of critical or higher severity has a fix.' }
      : { rule: 'severity-threshold', outcome: 'fail', why: `${count} findings, critical or higher, have a fix.` },
    { rule: 'sbom-present', outcome: 'pass', why: 'Every platform has an SBOM.' },
    { rule: 'image-size', outcome: 'not-applicable', why: 'The policy sets no limit.' },
  ];
  const report: HtmlReport = {
    ...{ name: 'ghcr.io/acme/guestbook', digest: IMAGE.root.digest, passed, rules },
    platforms: names.map((platform) => ({ platform, digest: digestOf(platform), layers, packages, findings })),
  };
  const facts: SummaryFacts = {
    ...{ name: report.name, image: IMAGE, verdict: { passed, rules: [...rules], decidedOn: NOW } },
    platforms: names.map((platform) => ({ platform, causes, contents })),
    publication: { published: passed, why: passed ? 'The git tag v1.2.3 was pushed.' : 'The gate failed.' },
    tags: [{ tag: '1.2.3', outcome: passed ? 'set' : 'planned', reason: 'version of the git tag v1.2.3' }],
    ...(passed
      ? {
          references: [`ghcr.io/acme/guestbook@${IMAGE.root.digest}`],
          verifyCommands: [`cosign verify ghcr.io/acme/guestbook@${IMAGE.root.digest}`],
        }
      : {}),
    changes: [
      {
        ...{ tag: 'latest', digest: digestOf('live'), platform: 'linux/amd64' },
        changes: changesBetween({ components: packages.slice(2), findings: [] }, { components: packages, findings }),
      },
    ],
  };
  return [report, facts];
}

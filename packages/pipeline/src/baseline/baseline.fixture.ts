/** Images with scans and verdicts, and baselines they are compared with. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keySigner, scanStatement, verdictStatement } from '@tidegate/attest';
import { type Descriptor, digestOf, MediaType, type Severity } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { attachStatement } from '../evidence/store.ts';
import { openTarget, type Target } from '../target.ts';
import type { Baseline } from './baseline.ts';

const REPORT = new URL('../../../attest/testdata/grype.json', import.meta.url);

export const newSigner = () =>
  keySigner(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );

export type Found = Readonly<Record<string, Severity>>;

export interface Made {
  /** Advisories of one package with their severities; `*` at the end means known to be exploited. */
  readonly findings?: Found;
  readonly finishedOn?: string;
  readonly destination?: string;
  readonly passed?: boolean;
}

/** Layouts in a folder of their own. */
export async function newImages() {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-baseline-'));
  let count = 0;
  return {
    /** An image of one platform with a scan and a verdict. */
    async imageWith({ findings = {}, finishedOn, destination, passed = true }: Made): Promise<Target> {
      count += 1;
      const layout = await ImageLayout.create(join(folder, `layout-${count}`));
      const put = async (mediaType: string, content: object): Promise<Descriptor> => {
        const bytes = Buffer.from(JSON.stringify(content));
        const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
        await layout.push(descriptor, contentOfBytes(bytes));
        return descriptor;
      };
      const config = {
        os: 'linux',
        architecture: 'amd64',
        rootfs: { type: 'layers' },
        config: { Labels: { n: `${count}` } },
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: MediaType.manifest,
        config: await put(MediaType.config, config),
        layers: [],
      };
      await layout.add(await put(MediaType.manifest, manifest));
      const target = await openTarget(layout.folder);
      await scanned(target, findings, finishedOn);
      const verdict = verdictStatement(
        [target.image.root],
        {
          passed,
          rules: [{ rule: 'scan-present', outcome: passed ? 'pass' : 'fail', why: '' }],
          decidedOn: new Date(),
        },
        { verifier: { id: 'https://example.org' }, policy: { digest: digestOf('policy') }, destination, inputs: [] },
      );
      await attachStatement(target, target.image.root, verdict);
      return target;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function scanned(target: Target, findings: Found, finishedOn = '2026-11-24T20:55:50Z'): Promise<void> {
  const report = JSON.parse(await readFile(REPORT, 'utf8'));
  const [match] = report.matches;
  report.source.target.manifestDigest = target.image.root.digest;
  report.matches = Object.entries(findings).map(([id, severity]) => ({
    ...match,
    relatedVulnerabilities: [],
    vulnerability: {
      ...match.vulnerability,
      id: id.replace('*', ''),
      severity: severity[0]?.toUpperCase() + severity.slice(1),
      ...(id.endsWith('*') ? { knownExploited: [{ cve: id.replace('*', '') }] } : {}),
    },
  }));
  const database = { source: 'https://grype.example', checksum: digestOf('archive') };
  const at = new Date(finishedOn);
  const run = { sbom: digestOf('sbom'), threshold: 'none', tripped: false, onlyFixed: false, database };
  const statement = scanStatement([target.image.root], Buffer.from(JSON.stringify(report)), {
    ...{ ...run, startedOn: at, finishedOn: at },
  });
  await attachStatement(target, target.image.root, statement);
}

export const compared = (live: Baseline['live'], findings: Found, signer: string): Baseline => ({
  ...(live ? { live, signer } : { why: 'Nothing is live.' }),
  findings: {
    'linux/amd64': Object.entries(findings).map(([id, severity]) => ({
      ...{ id, type: 'go-module', name: 'golang.org/x/text', severity },
    })),
  },
});
export const LIVE = {
  repository: 'ghcr.io/acme/app',
  tag: 'latest',
  digest: digestOf('live'),
  policies: [digestOf('policy')],
};

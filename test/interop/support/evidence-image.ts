import {
  cyclonedxStatement,
  provenanceStatement,
  type StatementBytes,
  scanStatement,
  spdxStatement,
  verdictStatement,
} from '@tidegate/attest';
import { type Descriptor, digestOf, MediaType, PredicateType } from '@tidegate/core';
import { contentOfBytes, ImageLayout, type Registry } from '@tidegate/oci';
import { attachStatement, openTarget, publish, pushBlobs, type Target } from '@tidegate/pipeline';
import { silentServices } from '../../support/silent.ts';
import { BUILDKIT } from './buildkit-provenance.ts';

/** The names for cosign's `--type`. */
export const COSIGN_TYPES: Readonly<Record<string, string>> = {
  slsaprovenance1: PredicateType.provenance,
  spdxjson: PredicateType.spdx,
  cyclonedx: PredicateType.cyclonedx,
  vuln: PredicateType.scan,
  [PredicateType.verdict]: PredicateType.verdict,
};

export interface EvidenceOptions {
  /** Minimum length of the SPDX documents. */
  readonly sbomBytes?: number;
  /** The destination that the verdict names. */
  readonly destination?: string;
}

/**
 * A layout with an image of two platforms, and the five statements of a chain about the index and each platform; the
 * image's signature is the sixth. Contents are small, in the formats that the tools write.
 * @param name makes it a different image
 */
export async function evidenceImage(
  folder: string,
  name: string,
  { sbomBytes = 0, destination = 'registry.example/app' }: EvidenceOptions = {},
): Promise<Target> {
  const layout = await ImageLayout.create(folder);
  const put = async (mediaType: string, content: object | string): Promise<Descriptor> => {
    const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const platforms = await Promise.all(
    ['amd64', 'arm64'].map(async (architecture) => {
      // An empty archive: only its end.
      const layer = await put('application/vnd.oci.image.layer.v1.tar', '\0'.repeat(1024));
      const config = await put(MediaType.config, {
        os: 'linux',
        architecture,
        author: name,
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      });
      const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [layer] };
      return { ...(await put(MediaType.manifest, manifest)), platform: { os: 'linux', architecture } };
    }),
  );
  const root = await put(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests: platforms });
  await layout.add(root);
  const target = await openTarget(folder);
  for (const subject of [root, ...platforms]) {
    for (const statement of statementsAbout(subject, sbomBytes, destination))
      await attachStatement(target, subject, statement);
  }
  return target;
}

function statementsAbout({ digest }: Descriptor, sbomBytes: number, destination: string): readonly StatementBytes[] {
  const subjects = [{ digest }];
  const now = new Date();
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const status = { schemaVersion: 'v6.1.9', built: now.toISOString(), valid: true };
  const report = {
    matches: [],
    source: { type: 'image', target: { manifestDigest: digest } },
    descriptor: { name: 'grype', version: '0.119.0', db: { status } },
  };
  const run = {
    sbom: digestOf('sbom'),
    threshold: 'high',
    tripped: false,
    onlyFixed: false,
    database: { source: 'https://grype.example', checksum: digestOf('archive') },
  };
  return [
    provenanceStatement(subjects, BUILDKIT, {
      builderId: 'https://github.com/octo-org/octo-app/.github/workflows/release.yml@refs/heads/main',
      startedOn: now,
      finishedOn: now,
    }),
    spdxStatement(
      subjects,
      json({
        spdxVersion: 'SPDX-2.3',
        SPDXID: 'SPDXRef-DOCUMENT',
        name: 'app',
        packages: [],
        comment: 'x'.repeat(sbomBytes),
      }),
    ),
    cyclonedxStatement(subjects, json({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [] })),
    scanStatement(subjects, json(report), { ...run, startedOn: now, finishedOn: now }),
    verdictStatement(
      subjects,
      { passed: true, rules: [], decidedOn: now },
      {
        verifier: { id: 'https://example.com/gate' },
        destination,
        policy: { digest: digestOf('policy') },
        inputs: [digestOf('scan')],
      },
    ),
  ];
}

/** Publish by digest alone, like push-image after its gate: referrers, read back and verified. No tags. */
export async function published(target: Target, registry: Registry, trust: Parameters<typeof publish>[2]['trust']) {
  const services = silentServices();
  const blobs = await pushBlobs(target, registry, services);
  return publish(target, [{ registry, blobs, before: new Map() }], { tags: [], trust }, services);
}

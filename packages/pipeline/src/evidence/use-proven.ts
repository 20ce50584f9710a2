import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStatement } from '@tidegate/attest';
import { type Digest, digestOf, formatExactPlatform, type PlatformImage, type Policy } from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import { catalog, keepSbom, type PlatformSbom } from '../sbom/sbom.ts';
import { isOfGo } from '../scan/go-runtime.ts';
import { type PlatformScan, type ScanOptions, scanOf } from '../scan/scan.ts';
import type { Services } from '../services.ts';
import { platformSlug, type Target } from '../target.ts';
import type { Proven, ProvenSbom } from './proven.ts';
import { attachStatements } from './store.ts';

/** The part of a policy that is judged if the layers were judged before: SBOMs in the published formats, and the scan. */
export function withoutProven({ contents: _, ...policy }: Policy): Policy {
  return { ...policy, sbomFormats: ['spdx', 'cyclonedx'] };
}

interface UseOptions extends Pick<ScanOptions, 'database' | 'policy' | 'reportDir'> {
  readonly sbomDir: string;
  /** Name of the image in SBOMs. */
  readonly name: string;
}

/**
 * Put a platform's published SBOMs into the layout and scan them. Published formats do not record which Go code is
 * linked in, so the image is cataloged after all if that scan finds something in Go code.
 */
export async function useProven(
  target: Target,
  one: PlatformImage,
  { sboms }: Proven,
  options: UseOptions,
  services: Services,
): Promise<{ readonly sbom: PlatformSbom; readonly scan: PlatformScan }> {
  const { descriptor } = one;
  const proven = sboms.get(descriptor.digest);
  if (!proven) throw new Error(`${descriptor.digest} has no proven SBOM`);
  const { policy, database, reportDir } = options;
  const scanning = { policy, database, reportDir };
  const sbom = await keepProven(target, one, proven, options);
  const published = new Map([...sboms].map(([digest, { scannable }]) => [digest, scannable]));
  const scan = await scanOf(target, one, { ...scanning, published }, services);
  if (!scan.evidence.findings.some(isOfGo)) return { sbom, scan };
  services.log.info(`${sbom.platform}: the image itself is read to check which advisories about Go code apply.`);
  const made = await catalog(target, one, { outputDir: options.sbomDir, name: options.name, fresh: true }, services);
  forget(target, descriptor.digest, proven);
  const kept = await keepSbom(target, one, made, services, 'scanned');
  return { sbom: kept, scan: await scanOf(target, one, scanning, services) };
}

/** Reports list the packages of one SBOM: from now on of another one. */
export function forgetProven(target: Target, { sboms }: Proven): void {
  for (const [digest, proven] of sboms) forget(target, digest, proven);
}

function forget(target: Target, digest: Digest, { scannable, cyclonedx }: ProvenSbom): void {
  const { components: _, ...evidence } = scannable.evidence;
  target.evidence.addStated(digest, digestOf(cyclonedx), [evidence]);
}

async function keepProven(
  target: Target,
  one: PlatformImage,
  { scannable, cyclonedx, spdx, spdxEvidence }: ProvenSbom,
  { sbomDir }: UseOptions,
): Promise<PlatformSbom> {
  const { descriptor } = one;
  const spdxStatement = parseStatement(spdx);
  // What they say was read when they were verified.
  await attachStatements(target, descriptor, [
    { statement: spdxStatement, bytes: spdx, said: spdxEvidence },
    { statement: scannable.statement, bytes: cyclonedx, said: scannable.evidence },
  ]);
  target.evidence.addPackageLayers(descriptor.digest, scannable.layers());
  await makeFolder(sbomDir);
  const file = (kind: string) => join(sbomDir, `sbom.${platformSlug(one)}.${kind}.json`);
  const paths = { spdx: file('spdx'), cyclonedx: file('cyclonedx') };
  await writeFile(paths.spdx, JSON.stringify(spdxStatement.predicate));
  await writeFile(paths.cyclonedx, scannable.bytes);
  const { packages } = scannable.evidence;
  return { platform: formatExactPlatform(one.platform), ...paths, packages };
}

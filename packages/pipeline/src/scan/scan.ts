import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MAX_REPORT_BYTES,
  readSyft,
  type ScannableSbom,
  scanEvidenceOf,
  scanStatement,
  withPackages,
} from '@tidegate/attest';
import {
  type Digest,
  digestOf,
  formatExactPlatform,
  type LanguagePackage,
  type PlatformImage,
  type Policy,
  releaseName,
  type SbomEvidence,
  type ScanEvidence,
  together,
} from '@tidegate/core';
import { makeFolder } from '@tidegate/tools';
import type { Database } from '../database/database.ts';
import { grypeSettings } from '../database/grype.ts';
import { attachStatement, readSyftOf } from '../evidence/store.ts';
import { ANYTHING, type Expected, readAs, readLeft } from '../evidence/tool-document.ts';
import type { Services } from '../services.ts';
import { platformSlug, type Target } from '../target.ts';
import { withoutDoubtfulClaims } from './claims.ts';
import { asArgument, coveredKinds, parseRelease, ScanLines } from './coverage.ts';
import { batchGo } from './go-runtime.ts';

export interface ScanOptions {
  readonly policy: Policy;
  readonly database: Database;
  /** Folder for Grype's reports; created if missing. */
  readonly reportDir: string;
  /** SBOMs to scan instead of the layout's syft-json, keyed by the platform's manifest: for a published image. */
  readonly published?: ReadonlyMap<Digest, ScannableSbom>;
  /** The syft-json document that Syft has just written. Default: the one in the layout. */
  readonly document?: Uint8Array;
  /** Packages that the document lacks, keyed by the platform's manifest. */
  readonly added?: ReadonlyMap<Digest, readonly LanguagePackage[]>;
  /** Called when Grype has started: from then on this process is idle and can do other work. */
  readonly onRunning?: () => void;
  /** Settles when the contents of the document are known: read by the caller while Grype runs. Default: when it ends. */
  readonly whenRead?: Promise<unknown>;
}

export interface PlatformScan {
  readonly platform: string;
  readonly report: string;
  readonly evidence: ScanEvidence;
}

const TIMEOUT = 30 * 60_000;
const REPORT: Expected = { tool: 'Grype', what: 'a report', otherwise: 'the image counts as not scanned' };

/** Scan every platform's SBOM. Only the gate decides on the result. */
export async function scan(target: Target, options: ScanOptions, services: Services): Promise<readonly PlatformScan[]> {
  const results: PlatformScan[] = [];
  for (const one of target.image.platforms) results.push(await scanOf(target, one, options, services));
  return results;
}

/**
 * Run Grype on the syft-json document of this platform (passed or from the layout), or on its published SBOM. Grype
 * also gets the threshold, as a second opinion: the gate requires that its exit code and its report agree.
 */
export async function scanOf(
  target: Target,
  one: PlatformImage,
  options: ScanOptions,
  services: Services,
): Promise<PlatformScan> {
  const platform = formatExactPlatform(one.platform);
  const subject = one.descriptor.digest;
  const document = await documentOf(target, one, options);
  const grype = await services.tools.get('grype');
  await makeFolder(options.reportDir);
  const work = await mkdtemp(join(services.temp, 'grype-'));
  const report = join(options.reportDir, `scan.${platformSlug(one)}.grype.json`);
  await rm(report, ANYTHING);
  try {
    const sbomFile = join(work, 'sbom.json');
    const threshold = options.policy.failOn;
    const standIn = standInFor(target, one, document, options);
    const releaseOf = () =>
      standIn === undefined ? catalogOf(target, one, document, options).release : parseRelease(standIn);
    const added = options.added?.get(subject) ?? [];
    const claimed = await withoutDoubtfulClaims(document.bytes, releaseOf, options.database, services);
    await writeFile(sbomFile, withPackages(claimed, added));
    const lines = new ScanLines();
    const context = await services.children.create({
      set: { ...grypeSettings(options.database.folder), ...batchGo() },
    });
    const startedOn = services.clock();
    const run = (signal: AbortSignal) =>
      services.log.group(`Grype: ${platform}`, (log) => {
        const running = services.run(
          grype.path,
          [
            // At this log level Grype reports if its database does not contain the release.
            ...[`sbom:${sbomFile}`, '-o', 'json', '--file', report, '--config', context.emptyConfig, '-vv'],
            ...(standIn === undefined ? [] : ['--distro', asArgument(parseRelease(standIn))]),
            ...(threshold === 'none' ? [] : ['--fail-on', threshold]),
          ],
          {
            context,
            timeout: TIMEOUT,
            signal,
            onLine: (line) => {
              const shown = lines.read(line);
              if (shown !== undefined) log.info(shown);
            },
            answers: threshold === 'none' ? [0] : [0, 2],
          },
        );
        options.onRunning?.();
        return running;
      });
    const [{ exitCode, finishedOn }, coverage] = await together<[Ended, () => readonly string[]]>(
      services.signal,
      (signal) => {
        const running = run(signal).then((ended) => ({ ...ended, finishedOn: services.clock() }));
        const asking = (options.whenRead ?? running).then(() =>
          coveredKinds(catalogOf(target, one, document, options), releaseOf(), options.database, {
            ...services,
            signal,
          }),
        );
        return [running, later(asking)];
      },
    );
    const bytes = await readLeft(report, REPORT, MAX_REPORT_BYTES);
    lines.assertComplete();
    const asked = {
      sbom: document.digest,
      threshold,
      tripped: exitCode === 2,
      onlyFixed: false,
      database: options.database,
      program: await grype.program,
      covered: lines.unknownRelease ? [] : coverage(),
      standIn,
      added,
      startedOn,
      finishedOn,
    };
    const statement = readAs(REPORT, () => scanStatement([{ digest: subject }], bytes, asked));
    const evidence = scanEvidenceOf(statement.statement, subject);
    await attachStatement(target, one.descriptor, { ...statement, said: evidence });
    return { platform, report, evidence };
  } catch (error) {
    await rm(report, ANYTHING);
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Ended {
  readonly exitCode: number;
  readonly finishedOn: Date;
}

/** The outcome as a function, which throws if the work failed: an error of Grype itself is reported first. */
function later<T>(work: Promise<T>): Promise<() => T> {
  return work.then(
    (result) => () => result,
    (error: unknown) => () => {
      throw error;
    },
  );
}

interface ScannedDocument {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** Contents of the document, most of which was parsed while Grype ran. */
function catalogOf(
  target: Target,
  { descriptor }: PlatformImage,
  document: ScannedDocument,
  { published }: ScanOptions,
): SbomEvidence {
  const { digest } = descriptor;
  const found = target.evidence.stated(digest, document.digest)?.find((one) => one.kind === 'sbom');
  return found ?? published?.get(digest)?.evidence ?? readSyft(document.bytes, digest);
}

/** The release that the policy allows instead of the image's own. */
function standInFor(
  target: Target,
  one: PlatformImage,
  document: ScannedDocument,
  options: ScanOptions,
): string | undefined {
  const { standIns = [] } = options.policy;
  if (standIns.length === 0) return undefined;
  const { release } = catalogOf(target, one, document, options);
  return release && standIns.find(({ image }) => image === releaseName(release))?.as;
}

/** Grype's input, and the digest that its report is bound to. */
async function documentOf(
  target: Target,
  { descriptor }: PlatformImage,
  { document, published }: ScanOptions,
): Promise<ScannedDocument> {
  if (document) return { bytes: document, digest: digestOf(document) };
  const found = published?.get(descriptor.digest);
  return found ? { bytes: found.bytes, digest: found.evidence.document } : readSyftOf(target, descriptor);
}

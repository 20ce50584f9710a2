/** An image of files that an attacker commits; the actions build, catalog and scan it with the real tools. */
import type { BundleResult } from '@tidegate/testkit';
import { newJob, succeeded } from '../../support/job.ts';
import type { Suite } from '../../support/suite.ts';

export interface Bait {
  /** Files of the image, by path. */
  readonly image: Readonly<Record<string, string>>;
  /** Other files of the commit, by path. */
  readonly commit?: Readonly<Record<string, string>>;
  /** Default: only the files of `image`. */
  readonly dockerfile?: string;
}

/** @returns the job, whose image has an SBOM, and its scan */
export async function scanned(suite: Suite, { image, commit = {}, dockerfile }: Bait) {
  const files = Object.fromEntries(Object.entries(image).map(([path, text]) => [`bait/${path}`, text]));
  const job = await newJob(suite, {
    files: { ...files, ...commit, 'Bait.Dockerfile': dockerfile ?? 'FROM scratch\nCOPY bait /\n' },
  });
  await succeeded(job.run('build-image', { file: 'Bait.Dockerfile', lint: 'off' }));
  await succeeded(job.run('generate-sbom'));
  return { job, scan: await job.run('scan-image') };
}

/** The messages of the scan's error annotations, one per line. */
export function refusalsOf(scan: BundleResult): string {
  return scan.annotations
    .filter(({ level }) => level === 'error')
    .map(({ message }) => message)
    .join('\n');
}

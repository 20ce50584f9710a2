import type { RebuildSummary } from '@tidegate/core';
import type { Difference, Rebuild } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';

/** GitHub shows ten warnings per step; other reports of the step need some. */
const MOST = 5;

const NEXT: Readonly<Record<Difference['kind'], string>> = {
  content:
    'Remove what changes from build to build in this step: times, random values, unpinned downloads, or output in parallel.',
  presence: 'Remove temporary and generated files at the end of this step.',
  metadata: 'Set modes and owners explicitly, with COPY --chmod and --chown.',
  time: 'Set the input rewrite-timestamp: true.',
  order: 'Create the files of this step in a fixed order.',
  compression: 'Set the inputs compression and force-compression, and build with the same BuildKit.',
  configuration: 'Remove what changes from build to build in ENV, LABEL and the inputs labels and build-args.',
  layers: 'Pin the base image by digest, and remove conditions that change from build to build.',
};

/** The second build for the job summary. Untrusted text. */
export function rebuildSummary({ platforms, runners, failure }: Rebuild): RebuildSummary {
  const all = platforms.flatMap(({ differences }) => differences);
  return {
    same: platforms.filter(({ differences }) => differences.length === 0).length,
    runners: runners.length,
    differences: platforms.flatMap(({ platform, differences }) =>
      differences.map(({ text, place }) => `${platform}${place ? `, ${place.file}:${place.line}` : ''}: ${text}`),
    ),
    next: all[0] && NEXT[all[0].kind],
    failure,
  };
}

/** Log the result; a difference is a warning at the line of the Dockerfile that made the layer. */
export function reportRebuild({ platforms, runners, failure }: Rebuild, job: Job): void {
  if (failure !== undefined) {
    job.log.warning(`The second build failed, so nothing is known about whether the image is reproducible. ${failure}`);
    return;
  }
  const found = platforms.flatMap(({ platform, differences }) => differences.map((one) => ({ platform, ...one })));
  const how = runners.length === 1 ? 'without cache' : 'without cache on another runner';
  if (found.length === 0) {
    job.log.info(`Reproducible: a second build ${how} gave the same digest.`);
    return;
  }
  for (const { kind, place, platform, text } of found.slice(0, MOST)) {
    const message = `A second build ${how} gave another result. ${platform}, ${text}. ${NEXT[kind]}`;
    job.log.warning(message, place && { title: 'not-reproducible', file: place.file, line: place.line });
  }
}

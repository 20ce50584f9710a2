import { badInput, type Reference, type SummaryFacts, trackedName, trackingIssue } from '@tidegate/core';
import { commentedRun, type Inputs, type Job, trackingIssues } from '@tidegate/runner';
import type { action } from './action.ts';

type TrackingInputs = Pick<Inputs<typeof action>, 'token' | 'tracking-issues'>;

/** Writes the issue of an image as soon as every digest of it was scanned. */
export interface Tracker {
  /** @param facts redacted */
  readonly scanned: (reference: Reference, facts: SummaryFacts) => Promise<void>;
  /** The image is unknown, and its issue stays as it is. */
  readonly notScanned: (reference: Reference) => void;
}

/**
 * @param all every image of the step: several digests of one tag share an issue
 * @returns undefined if the user wants no issues
 */
export function tracker(all: readonly Reference[], inputs: TrackingInputs, job: Job): Tracker | undefined {
  const reasons = inputs['tracking-issues'];
  if (reasons === 'none') return undefined;
  const issues = trackingIssues(job, inputs.token);
  const expected = new Map<string, number>();
  for (const name of all.map(trackedName)) expected.set(name, (expected.get(name) ?? 0) + 1);
  const known = new Map<string, SummaryFacts[]>();
  // The commit of this run is not the one of the image.
  const run = { ...commentedRun(job), commit: '' };
  return {
    async scanned(reference, facts) {
      const name = trackedName(reference);
      const found = [...(known.get(name) ?? []), facts];
      known.set(name, found);
      if (found.length === expected.get(name)) await issues.update(trackingIssue(name, found, reasons, run));
    },
    notScanned(reference) {
      job.log.info(`The issue of ${trackedName(reference)} stays as it is, because the image could not be scanned.`);
    },
  };
}

/** @throws TidegateError `bad-input` without a published image, which an issue could follow */
export function assertNotTracking(inputs: TrackingInputs): void {
  if (inputs['tracking-issues'] === 'none') return;
  throw badInput(
    'input-conflict',
    'tracking-issues',
    inputs['tracking-issues'],
    'none, because image is not set',
    'Set image to published images, or remove tracking-issues.',
  );
}

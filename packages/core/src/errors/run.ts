import type { ErrorEntries } from './entry.ts';

/** TG9: runs that end for no fault of their inputs. */
export const RUN_ERRORS = {
  cancelled: {
    code: 'TG9001',
    kind: 'cancelled',
    title: 'Cancelled',
    cause:
      'The job was cancelled: by a person, by a newer run of the same concurrency group, or because the runner stopped.',
    fix: 'Run the job again to finish; published data is not sent again.',
  },
  unexpected: {
    code: 'TG9002',
    kind: 'bug',
    title: 'Unexpected error',
    cause: 'Tidegate did not expect this error.',
    fix: 'This is a bug. Report it, with the log of a run with debug logging enabled.',
  },
} as const satisfies ErrorEntries;

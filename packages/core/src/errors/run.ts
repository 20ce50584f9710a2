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
  'serve-not-started': {
    code: 'TG9003',
    kind: 'tool',
    title: 'The registry on loopback did not start',
    cause: 'The port of the input `port` is in use or not allowed, or the process that serves the layout ended.',
    fix: 'Leave out the input `port`, so that a free port is used, or stop the program that uses it.',
  },
  'machine-unfit': {
    code: 'TG9004',
    kind: 'tool',
    title: 'This machine cannot run every stage',
    cause: '`tidegate doctor` found that something is missing that a build, a scan, a signature or a push needs.',
    fix: 'Make the fixes that the failed checks name.',
  },
} as const satisfies ErrorEntries;

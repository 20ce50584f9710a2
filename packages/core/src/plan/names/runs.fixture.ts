import type { NameRow } from './row.fixture.ts';

/** Old runs, and events that publish nothing. */
export const RUN_ROWS: readonly NameRow[] = [
  {
    about: 'a run of main that was started again later',
    head: 'elsewhere',
    attempt: 2,
    tags: [],
    version: 'main',
    reason: 'main stays where it is: branch main is at commit ffffffffffff by now, and this run is for 0123456789ab.',
  },
  {
    about: 'such a run, of rules that name the commit as well',
    head: 'elsewhere',
    rules: ['branch', 'sha'],
    tags: ['sha-0123456789ab'],
    version: 'main',
    reason: 'main stays where it is: branch main is at commit ffffffffffff by now, and this run is for 0123456789ab.',
  },
  {
    about: 'a run of main that was started again, where GitHub does not say where main is',
    head: 'unknown',
    attempt: 2,
    tags: [],
    version: 'main',
    reason:
      'main stays where it is: this is attempt 2 of the run, and whether branch main still is at commit 0123456789ab is not known, because ',
  },
  {
    about: 'a first run, where GitHub does not say where main is',
    head: 'unknown',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'a branch that is gone',
    ref: 'heads/dev',
    publishBranches: 'dev',
    head: 'gone',
    tags: [],
    version: 'dev',
    reason: 'dev stays where it is: branch dev no longer exists.',
  },
  {
    about: 'a git tag that was moved',
    ref: 'tags/v1.2.3',
    head: 'elsewhere',
    tags: [],
    version: '1.2.3',
    reason:
      '1.2.3 stays where it is: git tag v1.2.3 is at commit ffffffffffff by now, and this run is for 0123456789ab.',
  },
  {
    about: 'a schedule',
    event: 'schedule',
    rules: ['auto', 'sha'],
    tags: ['sha-0123456789ab', 'nightly-DAY', 'main'],
    version: 'nightly-DAY',
    reason: 'Will publish: schedule of branch main.',
  },
  {
    about: 'a pull request',
    event: 'pull_request',
    ref: 'pull/7/merge',
    tags: ['pr-7'],
    publish: false,
    version: 'pr-7',
    reason: 'Not published: a pull request (pull_request).',
  },
  {
    about: 'an event of another workflow',
    event: 'workflow_run',
    tags: ['main'],
    publish: false,
    version: 'main',
    reason: 'Not published: the event workflow_run does not publish.',
  },
];

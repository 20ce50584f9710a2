import type { InputSpec } from '@tidegate/runner';

/** For steps before the one that keeps the comment. */
export const failureCommentInput = {
  comment: {
    type: 'boolean',
    default: 'false',
    description:
      'If this step fails, say so in the comment that `scan-image` keeps on the pull request. The job needs `pull-requests: write`.',
  },
} as const satisfies Record<string, InputSpec>;

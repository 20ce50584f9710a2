/**
 * Real-world names and the plan for each: image, tags, label `version`, and the sentence with the reason. One table for
 * the unit test and for the bundled action (test/first-run/plan-names.e2e.ts).
 */
import { BRANCH_ROWS } from './names/branches.fixture.ts';
import { GIT_TAG_ROWS } from './names/git-tags.fixture.ts';
import { OWNER_ROWS } from './names/owners.fixture.ts';
import { RESERVED_BRANCH_ROWS } from './names/reserved-branches.fixture.ts';
import type { NameRow } from './names/row.fixture.ts';
import { RUN_ROWS } from './names/runs.fixture.ts';
import { VERSION_ROWS } from './names/versions.fixture.ts';

export type { NameRow };

/** Users deploy tags that contain digits of hashes, so these digits must never change. */
export const NAME_ROWS: readonly NameRow[] = [
  ...OWNER_ROWS,
  ...BRANCH_ROWS,
  ...RESERVED_BRANCH_ROWS,
  ...VERSION_ROWS,
  ...GIT_TAG_ROWS,
  ...RUN_ROWS,
];

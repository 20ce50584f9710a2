import { type Digest, PredicateType, parseStrictJson, type ReproducedEvidence } from '@tidegate/core';
import * as v from 'valibot';
import { digest, shaped } from '../statement/shape.ts';
import { makeStatement, type StatementBytes } from '../statement/statement.ts';

/** A runner, without its name: that of a self-hosted one often is the name of a machine, and statements are public. */
interface BuildRunner {
  /** `github-hosted` or `self-hosted`; undefined outside a runner. */
  readonly environment?: string | undefined;
}

/** That of the first and of the second build; one if both ran on the same, or if that is not known. */
export type BuildRunners = readonly [BuildRunner] | readonly [BuildRunner, BuildRunner];

export interface RebuildFacts {
  /** Id of the builder that built again. */
  readonly builder: string;
  readonly runners: BuildRunners;
  /** `OWN` if the runner started BuildKit; `SHARED` for one of the user's, which both builds may have used. */
  readonly buildkit: 'OWN' | 'SHARED';
  readonly startedOn: Date;
  readonly finishedOn: Date;
  /** The run that built again. */
  readonly invocationId?: string | undefined;
}

/** A second build without any cache gave this very image: docs/reproduced.md describes each field. */
export function reproducedStatement(subject: Digest, facts: RebuildFacts): StatementBytes {
  return makeStatement(PredicateType.reproduced, [{ digest: subject }], predicateOf(facts));
}

function predicateOf({ builder, runners, buildkit, startedOn, finishedOn, invocationId }: RebuildFacts) {
  return {
    result: 'REPRODUCED',
    builder: { id: builder },
    runners,
    buildkit,
    invocationId,
    startedOn: startedOn.toISOString(),
    finishedOn: finishedOn.toISOString(),
    cache: 'NONE',
  };
}

/** The result of a second build in one line, for a job output: `takenRebuild` makes the statements of it. */
export function handedRebuild(digests: readonly Digest[], facts: RebuildFacts): string {
  return JSON.stringify({ digests, predicate: predicateOf(facts) });
}

const time = v.pipe(v.string(), v.isoTimestamp());
const Runner = v.strictObject({ environment: v.optional(v.pipe(v.string(), v.minLength(1))) });

// Strict: a policy may require this evidence, and an unknown field could limit what it says.
const Predicate = v.strictObject({
  result: v.literal('REPRODUCED'),
  builder: v.strictObject({ id: v.pipe(v.string(), v.minLength(1)) }),
  runners: v.union([v.strictTuple([Runner]), v.strictTuple([Runner, Runner])]),
  buildkit: v.picklist(['OWN', 'SHARED']),
  invocationId: v.optional(v.string()),
  startedOn: time,
  finishedOn: time,
  cache: v.literal('NONE'),
});
const Handed = v.strictObject({ digests: v.pipe(v.array(digest), v.minLength(1)), predicate: Predicate });
const WHAT = 'The rebuild';

/** @throws TidegateError `evidence` when it does not state a second build without cache */
export function readReproduced(predicate: unknown, subject: Digest): ReproducedEvidence {
  const { builder, buildkit, finishedOn, runners } = shaped(Predicate, predicate, WHAT);
  return {
    kind: 'reproduced',
    subject,
    builder: builder.id,
    runners: runners.length,
    buildkit: buildkit === 'OWN' ? 'own' : 'shared',
    finishedOn: new Date(finishedOn),
  };
}

/**
 * One statement for each image that a second build in another job gave again.
 * @throws TidegateError `evidence` when the text does not state a second build without cache
 */
export function takenRebuild(text: string): readonly { readonly subject: Digest; readonly made: StatementBytes }[] {
  const { digests, predicate } = shaped(Handed, parseStrictJson(Buffer.from(text), WHAT), WHAT);
  return digests.map((subject) => ({
    subject,
    made: makeStatement(PredicateType.reproduced, [{ digest: subject }], predicate),
  }));
}

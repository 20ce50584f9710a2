import type { RecordedBuild } from '@tidegate/core';
import * as v from 'valibot';
import { members } from '../statement/shape.ts';
import { parseStatement } from '../statement/statement.ts';

/** A record alone would also take a list. */
const pairs = v.optional(v.pipe(members, v.record(v.string(), v.string())), {});
const list = v.optional(v.array(v.string()), []);
const text = v.optional(v.string());

/** `BuildParameters`, as far as a definition of the build says the same. */
const Recorded = v.looseObject({
  buildDefinition: v.looseObject({
    externalParameters: v.looseObject({
      parameters: v.looseObject({
        ...{ context: text, file: text, target: text, network: text, shmSize: text },
        ...{ buildArgs: pairs, labels: pairs, annotations: pairs, contexts: pairs },
        ...{ allow: list, addHosts: list, ulimit: list },
      }),
    }),
  }),
});

/**
 * The parameters that Tidegate's own provenance records.
 * @param bytes of the in-toto statement
 * @returns undefined for provenance of other tools, which record other things
 * @throws TidegateError `evidence` for bytes that are no statement
 */
export function recordedBuild(bytes: Uint8Array): RecordedBuild | undefined {
  const found = v.safeParse(Recorded, parseStatement(bytes).predicate);
  return found.success ? found.output.buildDefinition.externalParameters.parameters : undefined;
}

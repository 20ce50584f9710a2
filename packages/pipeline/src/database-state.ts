import { TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { type DatabaseOptions, databaseEnvironment } from './database.ts';
import type { Services } from './services.ts';

/** The database that a cache holds: whole, or not to be used. */
export type DatabaseState =
  | {
      readonly kind: 'sound';
      readonly built: Date;
      /** `sha256:…` of the archive it came in, where Grype knows. */
      readonly checksum?: string;
    }
  | { readonly kind: 'unusable'; readonly why: string };

const Status = v.looseObject({
  built: v.optional(v.string()),
  valid: v.optional(v.boolean()),
  from: v.optional(v.string()),
  error: v.optional(v.string()),
});

const TIMEOUT = 5 * 60_000;

/**
 * Ask Grype, which hashes the database for the answer and holds it against the sum that its import noted.
 * @throws TidegateError `tool` when Grype does not answer, or contradicts itself
 */
export async function databaseState(
  options: Pick<DatabaseOptions, 'cache'>,
  services: Services,
): Promise<DatabaseState> {
  const grype = await services.tools.get('grype');
  const context = await services.children.create({
    set: { ...databaseEnvironment(options), GRYPE_DB_VALIDATE_BY_HASH_ON_START: 'true' },
  });
  const argv = ['db', 'status', '-o', 'json', '--config', context.emptyConfig];
  const { exitCode, stdout } = await services.run(grype.path, argv, {
    context,
    timeout: TIMEOUT,
    signal: services.signal,
    answers: [0, 1],
  });
  const status = v.safeParse(Status, parsed(stdout));
  if (!status.success) {
    if (exitCode === 0) throw contradiction('says nothing that can be read of its database');
    return { kind: 'unusable', why: 'there is none that Grype can read' };
  }
  const { built, error, from, valid } = status.output;
  if (exitCode !== 0 && valid === true) throw contradiction(`calls its database valid and ends with ${exitCode}`);
  if (exitCode === 0 && valid !== true) throw contradiction('ends well and does not call its database valid');
  if (valid !== true) return { kind: 'unusable', why: error ? error.slice(0, 200) : 'Grype says that it is not valid' };
  const date = new Date(built ?? '');
  if (!Number.isFinite(date.getTime())) return { kind: 'unusable', why: 'it does not say when it was built' };
  const checksum = /[?&]checksum=(sha256(?::|%3A)[0-9a-f]{64})/i.exec(from ?? '')?.[1];
  return { kind: 'sound', built: date, ...(checksum ? { checksum: decodeURIComponent(checksum) } : {}) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** That is no damage which fetching anew would mend. */
function contradiction(how: string): TidegateError {
  return new TidegateError('tool', `Grype ${how} (db status): no scan with it is trusted.`, {
    next: 'Run again; if it stays, report it with the version of Grype.',
  });
}

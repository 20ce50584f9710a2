/** One row of the table: what a new user did, and what they see of it. */
import type { ErrorId } from '@tidegate/core';
import type { Fault, RecordedRequest, RegistryAuth } from '@tidegate/testkit';
import type { ActionName } from '../support/job.ts';

/**
 * Texts may contain these places: `{base}`, an image with a shell and stand-ins for package managers; `{bases}`, its
 * registry; `{private}` and `{limited}`, registries that require a login and that limit pulls; `{registry}`, the
 * destination of this row; `{folder}`, an empty folder of this row, outside its workspace.
 */
export interface Mistake {
  /** The user's mistake; unique. */
  readonly name: string;
  readonly action: ActionName;
  /** The stage that earlier steps of the job reached. Default: a checkout only. */
  readonly after?: 'built' | 'cataloged' | 'scanned' | 'signed';
  readonly inputs?: Readonly<Record<string, string>>;
  /** Files of the commit, by path, besides the application's own. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files of the runner, by path below `{folder}`. */
  readonly kept?: Readonly<Record<string, string>>;
  readonly app?: 'sound' | 'vulnerable';
  /** The git tag that is pushed. Default: a push to main. */
  readonly tag?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly eventName?: string;
  readonly event?: Readonly<Record<string, unknown>>;
  /** The job has no step with actions/checkout. */
  readonly unchecked?: boolean;
  readonly registry?: DestinationRegistry;
  /** The job is cancelled at the first line of the log that matches. */
  readonly cancelAt?: RegExp;
  readonly sees: Seen;
}

export interface DestinationRegistry {
  readonly auth?: RegistryAuth;
  readonly fault?: (request: RecordedRequest) => Fault | undefined;
}

export interface Seen {
  /** The entry of the error catalog: its code ends the sentence, and its title is the summary's headline. */
  readonly error?: ErrorId;
  /** The annotation: what failed, why, and what to do. */
  readonly says: RegExp;
  /** Default `error`. With another level the step goes on, and exits with 0. */
  readonly level?: 'warning' | 'notice';
  /** The line that has to change, if it is a line of the commit: `Dockerfile:3`. */
  readonly at?: string;
}

/** An answer of a registry with the error body of the distribution specification. */
export function denied(status: number, code: string, message: string): Fault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

/** A registry that answers so to each request that starts an upload or puts a manifest. */
export function deniesWrites(fault: Fault): DestinationRegistry {
  return { fault: ({ method }) => (method === 'GET' || method === 'HEAD' ? undefined : fault) };
}

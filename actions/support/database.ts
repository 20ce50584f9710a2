import { join, resolve } from 'node:path';
import { badInput, type DatabasePolicy, GRYPE_SERVER, KEPT_DATABASE, TidegateError } from '@tidegate/core';
import type { DatabaseOptions } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { parseOrigin } from '@tidegate/tools';
import { outputFolder } from './build/output-folder.ts';
import { connectionsOf } from './registry/registry.ts';

interface DatabaseInputs {
  readonly 'db-mirror': readonly string[];
  readonly 'db-cache': string;
  readonly 'db-archive': string;
  readonly 'db-archive-sha256': string;
}

export async function databaseOptions(
  inputs: DatabaseInputs,
  policy: DatabasePolicy,
  job: Job,
): Promise<DatabaseOptions> {
  const mirrors = mirrorsOf(inputs, policy);
  const cache = await outputFolder('db-cache', inputs['db-cache'], join(job.toolCache, 'tidegate-grype-db'), job);
  const archive = archiveOf(inputs, job);
  const { fallbackMaxAge } = policy;
  return {
    cache,
    mirrors,
    connections: connectionsOf(job),
    archive,
    fallbackMaxAge,
  };
}

/** For people: a policy that is extended has a default here that no policy has alone. */
const WHERE_NAMED = "every policy that the file extends; a policy without the setting allows only Grype's own server";

/**
 * The database servers: those of the input, else those of the policy, else Grype's own. The policy must allow each of
 * them.
 */
function mirrorsOf(inputs: DatabaseInputs, { mirrors: lists = [] }: DatabasePolicy): readonly string[] {
  const isAllowed = (server: string | undefined) => lists.every((list) => list.some((one) => one === server));
  const allowed = (lists[0] ?? [GRYPE_SERVER]).filter((server) => isAllowed(server) && server !== KEPT_DATABASE);
  const asked = inputs['db-mirror'];
  for (const mirror of asked) {
    const url = URL.canParse(mirror) ? new URL(mirror) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw badInput(
        'input-format-wrong',
        'db-mirror',
        mirror,
        'an HTTP or HTTPS URL',
        'Write the URL of the folder that contains v6/latest.json.',
      );
    }
    if (isAllowed(parseOrigin(mirror, 'db-mirror').shown)) continue;
    url.username = '';
    url.password = '';
    throw badInput(
      'input-not-in-policy',
      'db-mirror',
      url.href,
      `a server that the policy allows (${allowed.join(', ') || 'it allows none'})`,
      `Remove db-mirror, or add the server to database.mirrors of the policy, and of ${WHERE_NAMED}.`,
    );
  }
  if (lists.length > 0 && inputs['db-archive']) {
    throw badInput(
      'input-not-in-policy',
      'db-archive',
      inputs['db-archive'],
      `no value, because the policy lists the allowed database servers (${allowed.join(', ') || 'none'})`,
      `Remove db-archive, and serve the archive from a server in database.mirrors of ${WHERE_NAMED}.`,
    );
  }
  if (asked.length > 0) return asked;
  if (allowed.length > 0) return allowed;
  throw new TidegateError('policy-contradiction', 'database.mirrors: the policies allow no server in common.', {
    next: `List the same server in database.mirrors of the policy file, and of ${WHERE_NAMED}.`,
  });
}

function archiveOf(inputs: DatabaseInputs, job: Job): DatabaseOptions['archive'] {
  const { 'db-archive': path, 'db-archive-sha256': sum } = inputs;
  if (!path && !sum) return undefined;
  if (!path)
    throw badInput(
      'input-conflict',
      'db-archive',
      '',
      'a file, because db-archive-sha256 is set',
      'Set both, or neither.',
    );
  const hex = sum.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw badInput(
      'input-format-wrong',
      'db-archive-sha256',
      sum,
      '64 hex digits',
      'Copy the checksum from the latest.json beside the archive.',
    );
  }
  return { path: resolve(job.workspace, path), sha256: hex };
}

import { join, resolve } from 'node:path';
import { badInput, type DatabasePolicy } from '@tidegate/core';
import { type DatabaseOptions, GRYPE_SERVER } from '@tidegate/pipeline';
import type { InputSpec, Job } from '@tidegate/runner';
import { outputFolder } from './output-folder.ts';
import { connectionsOf } from './registry.ts';

export const databaseInputs = {
  'db-mirror': {
    type: 'list',
    commas: true,
    description:
      "Base URLs of the vulnerability database (each holds `v6/latest.json`), tried in this order. Default: Grype's own.",
  },
  'db-cache': {
    type: 'string',
    description: 'Folder that keeps the archive of the database between jobs. Default: the tool cache.',
  },
  'db-archive': {
    type: 'string',
    description: 'Archive of the database, for networks that reach no server. No server is contacted.',
  },
  'db-archive-sha256': {
    type: 'string',
    description: 'SHA-256 of `db-archive`, as its `latest.json` names it. Required with it.',
  },
} as const satisfies Record<string, InputSpec>;

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
  const mirrors = inputs['db-mirror'];
  for (const mirror of mirrors) {
    if (!(URL.canParse(mirror) && /^https?:$/.test(new URL(mirror).protocol))) {
      throw badInput('db-mirror', mirror, 'an http or https URL', 'Give the folder that holds v6/latest.json.');
    }
  }
  const cache = await outputFolder('db-cache', inputs['db-cache'], join(job.toolCache, 'tidegate-grype-db'), job);
  const archive = archiveOf(inputs, job);
  const { fallbackMaxAge } = policy;
  return {
    cache,
    mirrors: mirrors.length > 0 ? mirrors : [GRYPE_SERVER],
    connections: connectionsOf(job),
    ...(archive ? { archive } : {}),
    ...(fallbackMaxAge === undefined ? {} : { fallbackMaxAge }),
  };
}

function archiveOf(inputs: DatabaseInputs, job: Job): DatabaseOptions['archive'] {
  const { 'db-archive': path, 'db-archive-sha256': sum } = inputs;
  if (!path && !sum) return undefined;
  if (!path) throw badInput('db-archive', '', 'a file, because db-archive-sha256 is given', 'Give both, or neither.');
  const hex = sum.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw badInput(
      'db-archive-sha256',
      sum,
      '64 hex digits',
      'Copy the checksum from the latest.json beside the archive.',
    );
  }
  return { path: resolve(job.workspace, path), sha256: hex };
}

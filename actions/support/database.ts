import { join } from 'node:path';
import { badInput } from '@tidegate/core';
import type { DatabaseOptions } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { outputFolder } from './output-folder.ts';

interface DatabaseInputs {
  readonly 'db-mirror': string;
  readonly 'db-cache': string;
}

export async function databaseOptions(inputs: DatabaseInputs, job: Job): Promise<DatabaseOptions> {
  const mirror = inputs['db-mirror'];
  if (mirror && !(URL.canParse(mirror) && /^https?:$/.test(new URL(mirror).protocol))) {
    throw badInput('db-mirror', mirror, 'an http or https URL', 'Give the folder that holds v6/latest.json.');
  }
  const cache = await outputFolder('db-cache', inputs['db-cache'], join(job.toolCache, 'tidegate-grype-db'), job);
  return { cache, ...(mirror ? { mirror } : {}) };
}

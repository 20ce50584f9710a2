import { mkdir } from 'node:fs/promises';
import { TidegateError } from '@tidegate/core';
import type { Services } from './services.ts';

export interface DatabaseOptions {
  /** Folder that keeps the database; Grype puts it into a folder named after the schema. */
  readonly cache: string;
  /** Base URL that holds `v6/latest.json`. Default: Grype's own. */
  readonly mirror?: string;
}

/** Grype's environment: this cache, this source, no update behind our back. */
export function databaseEnvironment(options: DatabaseOptions): Record<string, string> {
  return {
    GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    GRYPE_DB_CACHE_DIR: options.cache,
    GRYPE_DB_AUTO_UPDATE: 'false',
    // The gate judges the age, from the report, and says so; Grype would fail with an exit code of 1 for everything.
    GRYPE_DB_VALIDATE_AGE: 'false',
    ...(options.mirror ? { GRYPE_DB_UPDATE_URL: `${options.mirror.replace(/\/+$/, '')}/v6/latest.json` } : {}),
  };
}

const TIMEOUT = 20 * 60_000;
const ATTEMPTS = 3;

/**
 * Bring the vulnerability database up to date; it may run while the image is still being built.
 * An update that fails is not papered over with an old database: that is for policy to allow.
 * @throws TidegateError `tool`
 */
export async function updateDatabase(options: DatabaseOptions, services: Services): Promise<void> {
  const grype = await services.tools.get('grype');
  await mkdir(options.cache, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await services.log.group('Vulnerability database', (log) =>
        services.run(grype.path, ['db', 'update', '-v'], {
          env: {
            ...services.childEnv,
            ...databaseEnvironment(options),
            GRYPE_DB_REQUIRE_UPDATE_CHECK: 'true',
            GRYPE_DB_MAX_UPDATE_CHECK_FREQUENCY: '0',
          },
          timeout: TIMEOUT,
          signal: services.signal,
          onLine: (line) => log.info(line),
        }),
      );
      return;
    } catch (cause) {
      if (services.signal.aborted || attempt === ATTEMPTS) {
        throw new TidegateError('tool', `The vulnerability database could not be updated (${attempt} attempts).`, {
          next: 'Check that its server is reached, or name one that is with db-mirror.',
          cause,
        });
      }
      services.log.notice(`The vulnerability database could not be updated; attempt ${attempt + 1} of ${ATTEMPTS}.`);
    }
  }
}

import { clipped, parsedJson, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import type { Services } from '../services.ts';

/** Every Grype setting that affects what it reads or omits. None is left to a default, which a release may change. */
const SETTINGS = {
  GRYPE_CHECK_FOR_APP_UPDATE: 'false',
  GRYPE_DB_AUTO_UPDATE: 'false',
  // Grype downloads nothing itself: we download the archive, verify its checksum and import it.
  GRYPE_DB_UPDATE_URL: 'https://database.invalid',
  // The gate checks the age from the report and explains the failure; Grype would fail with exit code 1, as for any
  // other error.
  GRYPE_DB_VALIDATE_AGE: 'false',
  GRYPE_ONLY_FIXED: 'false',
  GRYPE_ONLY_NOTFIXED: 'false',
  GRYPE_SHOW_SUPPRESSED: 'false',
  GRYPE_BY_CVE: 'false',
  GRYPE_ADD_CPES_IF_NONE: 'false',
  GRYPE_EXTERNAL_SOURCES_ENABLE: 'false',
  // A file that anyone can add to an image claims Red Hat's extended updates; their fixes have lower versions than
  // vulnerable packages of later minor releases (grype/matcher/rpm/rhel_eus.go).
  GRYPE_FIX_CHANNEL_REDHAT_EUS_APPLY: 'never',
  // Also claimed by files, but its fixes are on the same version line: it only adds fixes.
  GRYPE_FIX_CHANNEL_UBUNTU_ESM_APPLY: 'auto',
  GRYPE_ALERTS_ENABLE_EOL_DISTRO_WARNINGS: 'true',
} as const;

/** @param folder of the database: the value of GRYPE_DB_CACHE_DIR */
export function grypeSettings(folder: string): Record<string, string> {
  return { ...SETTINGS, GRYPE_DB_CACHE_DIR: folder };
}

const IMPORT_TIMEOUT = 20 * 60_000;
const STATUS_TIMEOUT = 5 * 60_000;

/** Unpack an archive, whose checksum the caller has verified, into the database `folder`. @throws TidegateError `tool` */
export async function importArchive(archive: string, folder: string, services: Services): Promise<void> {
  const grype = await services.tools.get('grype');
  const context = await services.children.create({ set: grypeSettings(folder) });
  await services.log.group('Vulnerability database', (log) =>
    services.run(grype.path, ['db', 'import', archive, '-v', '--config', context.emptyConfig], {
      context,
      timeout: IMPORT_TIMEOUT,
      signal: services.signal,
      onLine: (line) => log.info(line),
    }),
  );
}

const Status = v.looseObject({
  built: v.optional(v.string()),
  valid: v.optional(v.boolean()),
  error: v.optional(v.string()),
});

/**
 * Build time of the database in `folder`, read from the database itself: a server could claim any time.
 * @throws TidegateError `integrity` if Grype reports it as invalid, `tool` if Grype contradicts itself
 */
export async function builtOn(folder: string, services: Services): Promise<Date> {
  const grype = await services.tools.get('grype');
  const set = { ...grypeSettings(folder), GRYPE_DB_VALIDATE_BY_HASH_ON_START: 'true' };
  const context = await services.children.create({ set });
  const argv = ['db', 'status', '-o', 'json', '--config', context.emptyConfig];
  const { exitCode, stdout } = await services.run(grype.path, argv, {
    context,
    timeout: STATUS_TIMEOUT,
    signal: services.signal,
    answers: [0, 1],
  });
  const status = v.safeParse(Status, parsedJson(stdout));
  if (!status.success) {
    if (exitCode === 0) throw contradiction('printed no readable status of its database');
    throw unusable('Grype cannot read it');
  }
  const { built, error, valid } = status.output;
  if (exitCode !== 0 && valid === true) throw contradiction(`reported a valid database but exited with ${exitCode}`);
  if (exitCode === 0 && valid !== true) throw contradiction('exited 0 but did not report a valid database');
  if (valid !== true) throw unusable(error ? clipped(error, 200) : 'Grype does not report it as valid');
  const date = new Date(built ?? '');
  if (!Number.isFinite(date.getTime())) throw unusable('it has no build date');
  return date;
}

function unusable(why: string): TidegateError {
  return new TidegateError('database-unusable', `The vulnerability database cannot be used: ${why}.`, {
    next: 'Set db-mirror or db-archive to a complete database of schema 6.',
  });
}

/** Not an `integrity` error: a new download would not fix it. */
function contradiction(how: string): TidegateError {
  return new TidegateError('database-not-accepted', `Grype ${how} (db status), so no scan is trusted.`, {
    next: 'Run again. If it still fails, report it with the version of Grype.',
  });
}

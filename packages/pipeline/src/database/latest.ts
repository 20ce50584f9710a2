import { type Digest, parseDigest, TidegateError } from '@tidegate/core';
import * as v from 'valibot';

/** Grype's schema version of the database, and the folder on a server that is named after it. */
export const SCHEMA = 'v6';

/** The database that a server offers (grype/db/v6/distribution/latest.go). */
export interface Latest {
  readonly built: Date;
  /** Checksum of the archive. */
  readonly checksum: Digest;
  /** Relative to `latest.json`; with slashes only, and never outside its folder. */
  readonly path: string;
}

const Document = v.looseObject({
  schemaVersion: v.string(),
  built: v.pipe(v.string(), v.isoTimestamp()),
  path: v.pipe(v.string(), v.maxLength(512)),
  checksum: v.string(),
});

/** @throws TidegateError `integrity` that names `from` and the problem */
export function parseLatest(bytes: Uint8Array, from: string): Latest {
  const wrong = (what: string, cause?: unknown) =>
    new TidegateError('database-unusable', `${from} ${what}.`, {
      next: 'Check that db-mirror is a server of Grype databases of schema 6.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw wrong('is not JSON', cause);
  }
  const document = v.safeParse(Document, value);
  if (!document.success)
    throw wrong('does not describe a database: schemaVersion, built, path and checksum are needed');
  const { built, checksum, path, schemaVersion } = document.output;
  if (!/^v?6\./.test(schemaVersion)) throw wrong(`describes a database of schema ${shown(schemaVersion)}, expected 6`);
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || !/^[A-Za-z0-9._:+~@/-]+$/.test(path)) {
    throw wrong(`refers to an archive outside its folder: ${shown(path)}`);
  }
  try {
    return { built: new Date(built), checksum: parseDigest(checksum), path };
  } catch (cause) {
    throw wrong(`has the checksum ${shown(checksum)}, which is not a sha256 digest`, cause);
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

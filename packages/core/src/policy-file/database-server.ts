/** Grype's own server (grype/db/v6/distribution/client.go). */
export const GRYPE_SERVER = 'https://grype.anchore.io/databases';

/** The source of a database that replaces one that no server provides: a folder that no job can write to. */
export const KEPT_DATABASE = 'db-cache';

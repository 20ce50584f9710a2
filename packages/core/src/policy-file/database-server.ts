/** Grype's own server (grype/db/v6/distribution/client.go). */
export const GRYPE_SERVER = 'https://grype.anchore.io/databases';

/** The source of a database that stands in for one that no server gives: a folder that no job can write. */
export const KEPT_DATABASE = 'db-cache';

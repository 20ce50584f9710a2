import type { InputSpec } from '@tidegate/runner';

export const databaseInputs = {
  'db-mirror': {
    type: 'list',
    commas: true,
    description:
      "Base URLs of the vulnerability database (folders with `v6/latest.json`), tried in this order. Default: Grype's own server.",
  },
  'db-cache': {
    type: 'string',
    path: true,
    description: 'Folder that keeps the database archive between jobs. Default: the tool cache.',
  },
  'db-archive': {
    type: 'string',
    path: true,
    description: 'Database archive, for networks without access to a database server. No server is contacted.',
  },
  'db-archive-sha256': {
    type: 'string',
    description: 'SHA-256 of `db-archive`, from its `latest.json`. Required with it.',
  },
} as const satisfies Record<string, InputSpec>;

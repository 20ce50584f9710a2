/** The policy file, and images that it does not let pass. */
import type { Mistake } from '../mistake.ts';

/** A policy file of the commit, read before anything is built. */
function policy(lines: readonly string[], more: Partial<Mistake> & Pick<Mistake, 'name' | 'sees'>): Mistake {
  return { action: 'ship', ...more, files: { '.github/tidegate.yml': `${lines.join('\n')}\n`, ...more.files } };
}

const FINDING = 'GO-2022-1059';
/** A step that scans an image in which an old module is compiled. */
const SCAN = { action: 'scan-image', after: 'cataloged', app: 'vulnerable' } as const;
const ignore = (expires: string) => [
  'version: 1',
  'ignore:',
  `  - id: ${FINDING}`,
  '    package: pkg:golang/golang.org/x/text',
  '    reason: not reachable',
  `    expires: ${expires}`,
];

export const POLICY: readonly Mistake[] = [
  {
    name: 'named a policy file that does not exist',
    action: 'ship',
    inputs: { policy: '.github/tidegat.yml' },
    sees: {
      error: 'policy-missing',
      says: /^There is no file \.github\/tidegat\.yml\. — Set the path of the policy file, or remove the input policy\.$/,
    },
  },
  policy(['version: 1', 'vulnerabilities:', '\tfail-on: high'], {
    name: 'indented the policy with a tab',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:3:1: .*Tabs are not allowed as indentation\. — Correct \.github\/tidegate\.yml/,
      at: '.github/tidegate.yml:3',
    },
  }),
  policy(['version: 1', 'vulnerabilities:', '  fail-on: high', '  failon: low'], {
    name: 'misspelt a key of the policy',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:4:3: vulnerabilities\.failon: unknown key, .* Did you mean fail-on\? — /,
      at: '.github/tidegate.yml:4',
    },
  }),
  policy(['version: 1', 'fail-on: high'], {
    name: 'put a key of the policy in the wrong place',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:2:1: fail-on: unknown key, .* It belongs under vulnerabilities\. — /,
      at: '.github/tidegate.yml:2',
    },
  }),
  policy(['version: 1', 'vulnerabilities:', '  fail-on: severe'], {
    name: 'misspelt a value of the policy',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:3:12: vulnerabilities\.fail-on: got "severe", expected negligible, low, .* — /,
      at: '.github/tidegate.yml:3',
    },
  }),
  policy(['preset: strict'], {
    name: 'left the version out of the policy',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:1:1: version: this required key is missing\. — /,
      at: '.github/tidegate.yml:1',
    },
  }),
  policy([...ignore('2027-01-01').slice(0, -1)], {
    name: 'ignored a finding without an end',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:3:5: ignore\[1\]\.expires: this required key is missing\. — /,
      at: '.github/tidegate.yml:3',
    },
  }),
  policy(ignore('31.12.2026'), {
    name: 'wrote a date of the policy in another format',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:6:14: ignore\[1\]\.expires: got "31\.12\.2026", expected a day as YYYY-MM-DD.* — Correct \.github\/tidegate\.yml/,
      at: '.github/tidegate.yml:6',
    },
  }),
  policy(['version: 1', 'extends:', '  - acme/policies/base.yml@main'], {
    name: 'extends a policy that is not pinned',
    sees: {
      error: 'policy-invalid',
      says: /^\.github\/tidegate\.yml:3:5: extends\[1\]: got "acme\/policies\/base\.yml@main", expected one of the keys git, oci or file, with its pin\. — /,
      at: '.github/tidegate.yml:3',
    },
  }),
  policy(['version: 1', 'registries:', '  allow: [ghcr.io/acme/*]'], {
    name: 'publishes where the policy does not allow it',
    sees: {
      error: 'registry-not-allowed',
      says: /^registry-allowed: the policy does not allow pushes to 127\.0\.0\.1:\d+\/acme\/app\. — Push to a repository that the policy lists/,
    },
  }),
  {
    name: 'has a finding with a fix',
    ...SCAN,
    sees: {
      error: 'gate-failed',
      says: /^The gate failed\. severity-threshold: .*GO-2022-1059 in golang\.org\/x\/text v0\.3\.7 \(fixed in 0\.3\.8\)\. — Make the changes that the job summary lists/,
    },
  },
  policy(ignore('2026-01-31'), {
    name: 'let an ignored finding expire',
    ...SCAN,
    sees: {
      error: 'gate-failed',
      says: /ignore-current: \.github\/tidegate\.yml:3: GO-2022-1059 .*expired on 2026-02-01/,
    },
  }),
  policy([...ignore('2099-01-31'), 'vulnerabilities:', '  max-ignore-time: 90d'], {
    name: 'ignored a finding for longer than the policy allows',
    ...SCAN,
    sees: { error: 'gate-failed', says: /^The gate failed\. .*ignore-current: / },
  }),
  {
    name: 'copied a private key into the image',
    action: 'ship',
    files: {
      'server.key': '{other-key}',
      Dockerfile: 'FROM scratch\nCOPY server.key /etc/ssl/private/\nUSER 65532\n',
    },
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:2 secret-in-image: COPY server\.key copies private key\. — Pass it only to the step that needs it/,
    },
  },
  {
    name: 'runs as root under the preset strict',
    action: 'ship',
    inputs: { preset: 'strict' },
    files: { Dockerfile: 'FROM scratch\nCOPY app-linux-amd64 /app\nENTRYPOINT ["/app"]\n' },
    sees: {
      error: 'source-rule-failed',
      says: /^Dockerfile:1 root-user: No USER is set, so the image runs as root\. — End the last stage with USER and a numeric id/,
    },
  },
  {
    name: 'scans with a database that is too old',
    action: 'scan-image',
    after: 'cataloged',
    inputs: { 'db-mirror': '{stale}', 'db-cache': '{folder}/db' },
    sees: {
      error: 'gate-failed',
      says: /^The gate failed\. database-recent: linux\/amd64: the vulnerability database was .* old at the scan; the policy allows 5 d\. — /,
    },
  },
  {
    name: 'named a mirror that has no database',
    action: 'scan-image',
    after: 'cataloged',
    inputs: { 'db-mirror': 'http://{registry}/databases', 'db-cache': '{folder}/db' },
    sees: {
      error: 'database-unavailable',
      says: /^The vulnerability database could not be updated .*\/databases\/v6\/latest\.json could not be fetched: .*404\. — .*db-mirror\.$/,
    },
  },
];

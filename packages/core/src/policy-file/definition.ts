/**
 * The one definition of the policy file: how it is read, its JSON schema for editors, and how two policies are merged.
 */
import { TRACE_KINDS } from '../contents/image-contents.ts';
import type { Ignored, StandIn } from '../policy.ts';
import { SOURCE_LEVELS, SOURCE_RULE_NAMES, type SourceLevel, type SourceRuleName } from '../source-levels.ts';
import { extendsEntry } from './extends.ts';
import { allowList, choice, type Field, flag, list, object, scalar, type ValueOf } from './field.ts';
import { PRESET_NAMES } from './preset-names.ts';
import { bothRequired, requiredEvidence } from './required.ts';
import { failOn } from './severities.ts';
import {
  day,
  duration,
  imagePath,
  license,
  number,
  packagePattern,
  path,
  repositoryPattern,
  serverUrl,
  size,
  text,
  textOrNumber,
  whole,
} from './words.ts';

/** BuildKit's entitlements (util/entitlements). */
export const ENTITLEMENTS = ['security.insecure', 'network.host', 'device'] as const;

export type Entitlement = (typeof ENTITLEMENTS)[number];

/** A mirror as buildkitd.toml names it, in lower case. */
const MIRROR = /^[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(\/[a-z0-9][a-z0-9._-]*)*$/;

const FAIL_OR_REPORT = ['fail', 'report'] as const;

const ignoreKeys = object(
  'A finding that was reviewed and does not count until a date.',
  {
    id: text(
      'Id of the advisory, or an alias of it: CVE-2026-0001, GHSA-…, GO-….',
      'an id such as CVE-2026-0001',
      /^[A-Za-z][A-Za-z0-9._:-]*$/,
    ),
    package: packagePattern(
      'Package URL of the package: pkg:npm/lodash@4.17.20. Without a version, it matches every version.',
    ),
    reason: text('Why the finding does not count.'),
    expires: day('Last day on which the entry is valid: 2026-12-31. Afterwards it fails the gate.'),
  },
  ['id', 'package', 'reason', 'expires'],
);

const ignored: Field<Ignored> = {
  ...ignoreKeys,
  stricter: (first) => first,
  read(tree, key, reading) {
    const entry = ignoreKeys.read(tree, key, reading);
    return entry && { ...entry, from: `${reading.file}:${tree.at.line}` };
  },
};

const RELEASE = /^[a-z0-9._-]+( [A-Za-z0-9._~+-]+)?$/;

const standIn = object(
  'A distribution that is derived from another one.',
  {
    image: text('Distribution named in the image: acmeos 1.0.', 'ID and VERSION_ID of os-release', RELEASE),
    as: text('Distribution release whose advisories apply: debian 12.', 'a distribution and its version', RELEASE),
    reason: text('Why its packages are the same as those of that release.'),
  },
  ['image', 'as', 'reason'],
);

/** A repository cannot add a stand-in to those of a policy that it extends. */
function inBoth(a: readonly StandIn[], b: readonly StandIn[]): readonly StandIn[] {
  return a.filter((one) => b.some((other) => one.image === other.image && one.as === other.as));
}

const allowedTrace = object(
  'A file that was reviewed and is allowed until a date.',
  {
    kind: choice('Kind of the file.', TRACE_KINDS),
    path: imagePath('Path in the image; * matches within a part, ** across parts.'),
    reason: text('Why the file is allowed.'),
    expires: day('Last day on which the entry is valid: 2026-12-31. Afterwards it fails the gate.'),
  },
  ['kind', 'path', 'reason', 'expires'],
);

const version = scalar<1>(
  'Version of the policy format.',
  '1',
  { const: 1 },
  (first) => first,
  (_, value) => (value === 1 ? 1 : undefined),
);

const sourceLevels = object(
  'Levels of the source rules.',
  Object.fromEntries(
    SOURCE_RULE_NAMES.map((rule) => [rule, choice(`Level of ${rule}; error fails the run.`, SOURCE_LEVELS)]),
  ) as Record<SourceRuleName, Field<SourceLevel>>,
);

export const POLICY_FILE = object(
  'Requirements that an image must meet before it gets a tag. Each rule has a page in docs/policy.',
  {
    version,
    preset: choice('Built-in policy that this file is based on. Default: recommended.', PRESET_NAMES),
    extends: list(
      'Other policies, each pinned, that also apply. The stricter of two values wins.',
      extendsEntry,
      undefined,
      { most: 8 },
    ),
    vulnerabilities: object('Limits for the findings of the scan.', {
      'fail-on': failOn,
      'unknown-severity': choice('Whether a finding without a severity fails the gate.', FAIL_OR_REPORT),
      'only-fixed': flag('Count only findings with a known fixed version.', false),
      'fix-grace': duration(
        'Grace period after the release of a fix: 7d. Not for critical or known exploited findings.',
      ),
      'known-exploited': choice('Whether a known exploited finding (CISA KEV) fails the gate.', FAIL_OR_REPORT),
      'already-live': choice(
        'Whether a finding fails the gate if the live image already has it, according to its signed scan.',
        FAIL_OR_REPORT,
      ),
      'max-epss': number('Maximum EPSS (probability of an attack within 30 days).', 1),
      'max-risk': number('Maximum risk, as calculated by Grype.', 100),
      'max-ignore-time': duration('Maximum time until an ignore entry expires: 90d. 0d forbids ignore entries.'),
      'allow-vex': flag('Whether VEX documents may suppress findings.', false),
    }),
    ignore: list('Findings that do not count, each until a date.', ignored),
    vex: list('VEX documents (OpenVEX 0.2 or CycloneDX) to apply.', path('Path of a file in the repository.')),
    distribution: object('The Linux distribution of the image.', {
      'stand-ins': list(
        'Releases unknown to the vulnerability database, each with the release whose advisories apply.',
        standIn,
        inBoth,
      ),
      'end-of-life': choice('Whether a release past its end of life fails the gate. Default: fail.', FAIL_OR_REPORT),
    }),
    licenses: object('Licences of the packages in the image.', {
      allow: allowList('Allowed SPDX licences. Default: all that are not denied.', license('MIT, Apache-2.0, BSD-*.')),
      deny: list('Denied SPDX licences.', license('AGPL-3.0-only, AGPL-*.')),
      unknown: choice('Whether a package without a readable licence fails the gate.', FAIL_OR_REPORT),
      except: list(
        'Packages exempt from the licence check. With an extended policy: only those that both list.',
        packagePattern('pkg:npm/name'),
        (a, b) => a.filter((each) => b.includes(each)),
      ),
    }),
    packages: object('Packages of the image.', {
      deny: list('Denied packages.', packagePattern('pkg:npm/event-stream, pkg:deb/debian/telnet*')),
    }),
    'base-images': object('Images that the build uses.', {
      allow: allowList('Allowed repositories.', repositoryPattern('gcr.io/distroless/*')),
      'max-age': duration('Maximum age of the first layer of the base image.'),
      undated: choice(
        'Whether a base image without a date, such as a reproducible one, fails the gate.',
        FAIL_OR_REPORT,
      ),
    }),
    image: object('Limits for each platform of the image.', {
      'max-size': size('Maximum compressed size of config and layers: 500m.'),
      'max-layers': whole('Maximum number of layers.', 4096),
      'non-root': flag('Require a user other than root.', true),
      users: allowList('Allowed users, as written in USER.', textOrNumber('65532, app:app', 0xffffffff)),
      ports: allowList(
        'Allowed exposed ports.',
        textOrNumber('8080/tcp', 65535, 'a port such as 8080/tcp', /^[0-9]{1,5}(\/(tcp|udp|sctp))?$/),
      ),
      healthcheck: flag('Require a HEALTHCHECK.', true),
      labels: list('Required labels.', text('org.opencontainers.image.source')),
      volumes: allowList('Allowed volumes.', imagePath('/data')),
    }),
    contents: object('Limits for the contents of the layers.', {
      secrets: choice('Whether keys, tokens and other credentials fail the gate. Default: fail.', FAIL_OR_REPORT),
      history: choice('Whether a git repository without credentials fails the gate.', FAIL_OR_REPORT),
      'hidden-packages': choice(
        'Whether a package removed from its package list, but not from the image, fails the gate. Default: fail.',
        FAIL_OR_REPORT,
      ),
      setuid: choice('Whether setuid and setgid programs fail the gate.', FAIL_OR_REPORT),
      shells: choice('Whether shells fail the gate.', FAIL_OR_REPORT),
      'package-managers': choice('Whether package managers fail the gate.', FAIL_OR_REPORT),
      state: choice('Whether files in a state folder, where a volume would be mounted, fail the gate.', FAIL_OR_REPORT),
      devices: choice('Whether device files fail the gate.', FAIL_OR_REPORT),
      'state-paths': list('State folders.', imagePath('/var/lib/mysql')),
      allow: list('Allowed files, each until a date.', allowedTrace),
    }),
    evidence: object('Evidence about the image.', {
      require: list('Required evidence.', requiredEvidence, bothRequired),
      'max-scan-age': duration('Maximum age of the scan: 24h.'),
      'allow-empty-sbom': flag('Allow an image whose SBOM lists no package.', false),
      'independent-rebuild': flag(
        'Require a second build with the same digest on another runner, with a BuildKit that this runner started.',
        true,
      ),
    }),
    database: object('The vulnerability database.', {
      'max-age': duration('Maximum age of the database when the scan runs: 5d.'),
      'fallback-max-age': duration(
        'Maximum age of a database from a read-only db-cache, used if no server answers. Default: none, so the run fails.',
      ),
      mirrors: allowList(
        'Allowed servers. Default: any server, and db-archive; in an extended policy: only the server of Grype.',
        serverUrl('https://grype.anchore.io/databases'),
      ),
    }),
    tools: choice('Allowed tools: only the releases that Tidegate pins, or any.', ['pinned', 'any']),
    build: object('Limits for the build.', {
      entitlements: list(
        'Privileges that steps may request. Default: none. With an extended policy: only those that both list.',
        choice('Privilege of a RUN step.', ENTITLEMENTS),
        (a, b) => a.filter((each) => b.includes(each)),
      ),
      mirrors: list(
        'Registry mirrors that buildkitd-config may use. Default: none. With an extended policy: only those that both list.',
        text('Mirror: mirror.acme.example, mirror.acme.example:5000/hub.', 'HOST, HOST:PORT or HOST/PATH', MIRROR),
        (a, b) => a.filter((each) => b.includes(each)),
      ),
    }),
    sources: object('Rules for the sources, checked before the build.', { levels: sourceLevels }),
    registries: object('Destinations of the image.', {
      allow: allowList('Allowed repositories.', repositoryPattern('ghcr.io/acme/*')),
    }),
  },
  ['version'],
);

export type PolicyFile = ValueOf<typeof POLICY_FILE>;

/** The parent of each key, for a hint if the key is misplaced. Keys with several possible parents are left out. */
export const PLACES: ReadonlyMap<string, string> = placesOf(POLICY_FILE.schema, '');

function placesOf(schema: object, place: string): Map<string, string> {
  const places = new Map<string, string>();
  const twice = new Set<string>();
  const { properties = {} } = schema as { properties?: Record<string, object> };
  for (const [name, inner] of Object.entries(properties)) {
    for (const [key, at] of [[name, place] as const, ...placesOf(inner, place ? `${place}.${name}` : name)]) {
      if (places.has(key)) twice.add(key);
      places.set(key, at);
    }
  }
  for (const key of twice) places.delete(key);
  return places;
}

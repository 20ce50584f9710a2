/** The policy file, said once: what is read, what an editor is told, and which of two policies is the stricter. */
import { TRACE_KINDS } from '../contents/image-contents.ts';
import { type Ignored, REQUIRABLE, type StandIn } from '../policy.ts';
import { SOURCE_LEVELS, SOURCE_RULE_NAMES, type SourceLevel, type SourceRuleName } from '../source-levels.ts';
import { extendsEntry } from './extends.ts';
import { allowList, choice, type Field, flag, list, object, scalar, type ValueOf } from './field.ts';
import { PRESET_NAMES } from './preset-names.ts';
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

const FAIL_OR_REPORT = ['fail', 'report'] as const;

const ignoreKeys = object(
  'A finding that somebody has looked at.',
  {
    id: text(
      'The advisory: CVE, GHSA, GO or what else the finding or an alias of it is called.',
      'an id such as CVE-2026-0001',
      /^[A-Za-z][A-Za-z0-9._:-]*$/,
    ),
    package: packagePattern('The package, as a package URL: pkg:npm/lodash@4.17.20. Without a version, every version.'),
    reason: text('Why it may pass.'),
    expires: day('The last day on which it may. From the next day on it fails.'),
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
  'A derivative of a distribution.',
  {
    image: text('What the image calls itself: acmeos 1.0.', 'ID and VERSION_ID of os-release', RELEASE),
    as: text('The release that stands in for it: debian 12.', 'a distribution and its version', RELEASE),
    reason: text('Why its packages are those of that release.'),
  },
  ['image', 'as', 'reason'],
);

/** A repository adds no stand-in to those of a policy that it extends. */
function inBoth(a: readonly StandIn[], b: readonly StandIn[]): readonly StandIn[] {
  return a.filter((one) => b.some((other) => one.image === other.image && one.as === other.as));
}

const allowedTrace = object(
  'A file that somebody has looked at.',
  {
    kind: choice('What it is.', TRACE_KINDS),
    path: imagePath('Its path, where * stands within a part and ** for several.'),
    reason: text('Why it may be there.'),
    expires: day('The last day on which it may. From the next day on it fails.'),
  },
  ['kind', 'path', 'reason', 'expires'],
);

const version = scalar<1>(
  'The version of this format.',
  '1',
  { const: 1 },
  (first) => first,
  (_, value) => (value === 1 ? 1 : undefined),
);

const sourceLevels = object(
  'Levels of rules for sources.',
  Object.fromEntries(
    SOURCE_RULE_NAMES.map((rule) => [rule, choice(`The level of ${rule}: an error fails.`, SOURCE_LEVELS)]),
  ) as Record<SourceRuleName, Field<SourceLevel>>,
);

export const POLICY_FILE = object(
  'What must hold before a tag may point at an image. Each rule has its page in docs/policy.',
  {
    version,
    preset: choice('The built-in policy that this file starts from. Default: recommended.', PRESET_NAMES),
    extends: list(
      'Policies that must hold as well, each pinned. The stricter of two values holds.',
      extendsEntry,
      undefined,
      { most: 8 },
    ),
    vulnerabilities: object('What the scan may find.', {
      'fail-on': failOn,
      'unknown-severity': choice('What a finding without a severity does.', FAIL_OR_REPORT),
      'only-fixed': flag('Count only findings for which a fixed version is known.', false),
      'fix-grace': duration(
        'How long after its release a fix may be missing. Not for critical and known exploited findings.',
      ),
      'known-exploited': choice('What a finding does of which attacks are known.', FAIL_OR_REPORT),
      'already-live': choice(
        'What a finding does that the image has too to which the tags point now, by its signed scan.',
        FAIL_OR_REPORT,
      ),
      'max-epss': number('The highest EPSS (probability of an attack within 30 days) that passes.', 1),
      'max-risk': number('The highest risk, as Grype reckons it, that passes.', 100),
      'max-ignore-time': duration(
        'How far ahead the day may lie on which an ignored finding expires. 0d: none may be ignored.',
      ),
      'allow-vex': flag('Whether VEX documents may suppress findings.', false),
    }),
    ignore: list('Findings that are let pass, for a while.', ignored),
    vex: list('VEX documents (OpenVEX 0.2 or CycloneDX) that apply.', path('A file in the repository.')),
    distribution: object('The distribution that the image is made of.', {
      'stand-ins': list(
        'Releases that the vulnerability database does not know, and the release whose advisories apply.',
        standIn,
        inBoth,
      ),
      'end-of-life': choice('What a release does that gets no more advisories. Left out: it fails.', FAIL_OR_REPORT),
    }),
    licenses: object('Licences of the packages in the image.', {
      allow: allowList(
        'SPDX licences that are allowed. Left out: all that are not denied.',
        license('MIT, Apache-2.0, BSD-*.'),
      ),
      deny: list('SPDX licences that are not.', license('AGPL-3.0-only, AGPL-*.')),
      unknown: choice('What a package without a readable licence does.', FAIL_OR_REPORT),
      except: list(
        'Packages whose licence somebody has looked at. Beside a policy that is extended: those that both name.',
        packagePattern('pkg:npm/name'),
        (a, b) => a.filter((each) => b.includes(each)),
      ),
    }),
    packages: object('Packages of the image.', {
      deny: list('Packages that must not be in it.', packagePattern('pkg:npm/event-stream, pkg:deb/debian/telnet*')),
    }),
    'base-images': object('Images that the build reads.', {
      allow: allowList('Repositories they may come from.', repositoryPattern('gcr.io/distroless/*')),
      'max-age': duration("How old the base's first layer may be."),
      undated: choice('What a base without a date does, as reproducible builds make them.', FAIL_OR_REPORT),
    }),
    image: object('The image itself, each platform of it.', {
      'max-size': size('Compressed size of config and layers.'),
      'max-layers': whole('How many layers it may have.', 4096),
      'non-root': flag('A container must not start as root.', true),
      users: allowList('Users it may start as, as USER writes them.', textOrNumber('65532, app:app', 0xffffffff)),
      ports: allowList(
        'Ports that may be exposed.',
        textOrNumber('8080/tcp', 65535, 'a port such as 8080/tcp', /^[0-9]{1,5}(\/(tcp|udp|sctp))?$/),
      ),
      healthcheck: flag('A container must say how its health is checked.', true),
      labels: list('Labels that must be there.', text('org.opencontainers.image.source')),
      volumes: allowList('Volumes that may be declared.', imagePath('/data')),
    }),
    contents: object('What may be in the layers.', {
      secrets: choice('What keys, tokens and the like do. Left out: they fail.', FAIL_OR_REPORT),
      history: choice('What a git repository does that holds no credential.', FAIL_OR_REPORT),
      'hidden-packages': choice(
        'What a package does that was taken off its list and not out of the image. Left out: it fails.',
        FAIL_OR_REPORT,
      ),
      setuid: choice('What programs do that run with the rights of their owner.', FAIL_OR_REPORT),
      shells: choice('What shells do.', FAIL_OR_REPORT),
      'package-managers': choice('What package managers do.', FAIL_OR_REPORT),
      state: choice('What files do that lie where a volume would be mounted.', FAIL_OR_REPORT),
      devices: choice('What device files do.', FAIL_OR_REPORT),
      'state-paths': list('Folders that hold state.', imagePath('/var/lib/mysql')),
      allow: list('Files that are let pass, for a while.', allowedTrace),
    }),
    evidence: object('What must be known of the image.', {
      require: list('Evidence that must be there.', choice('A kind of evidence.', REQUIRABLE)),
      'max-scan-age': duration('How long ago the scan may have been.'),
      'allow-empty-sbom': flag('Let an image pass in which nothing was found to catalogue.', false),
    }),
    database: object('The vulnerability database.', {
      'max-age': duration('How old it may be when the scan runs.'),
      'fallback-max-age': duration(
        'Where no server answers: how old the database in a read-only db-cache may be that stands in. Left out: the run fails.',
      ),
      mirrors: allowList(
        'Servers that it may come from. Left out: any server, and db-archive; in a policy that is extended: the server of Grype.',
        serverUrl('https://grype.anchore.io/databases'),
      ),
    }),
    tools: choice('Which programs may run: the releases that Tidegate pins, or any.', ['pinned', 'any']),
    sources: object('The repository, before anything is built.', { levels: sourceLevels }),
    registries: object('Where the image may go.', {
      allow: allowList('Repositories.', repositoryPattern('ghcr.io/acme/*')),
    }),
  },
  ['version'],
);

export type PolicyFile = ValueOf<typeof POLICY_FILE>;

/** Where each key belongs: for a hint where it stands elsewhere. A key that belongs to several places is left out. */
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

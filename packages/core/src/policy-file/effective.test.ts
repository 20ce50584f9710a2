import { describe, expect, test } from '@jest/globals';
import { STATE_PATHS } from '../contents/index.ts';
import { TidegateError } from '../error.ts';
import { REQUIRED_BY_DEFAULT } from '../policy.ts';
import { completed, overridden } from './completed.ts';
import { GRYPE_SERVER } from './database-server.ts';
import type { PolicyFile } from './definition.ts';
import { effectivePolicy } from './effective.ts';
import { extending, stricter } from './extending.ts';
import { policySchema } from './json-schema.ts';
import { PRESET_NAMES } from './preset-names.ts';
import { readPolicyFile } from './read.ts';
import { everyState } from './severities.ts';

const DAY = 86_400_000;
const read = (text: string) => readPolicyFile(new TextEncoder().encode(`version: 1\n${text}`), 'policy.yml');
const strict = async (text: string): Promise<PolicyFile> => completed({ preset: 'strict', ...(await read(text)) });
const both = async (a: string, b: string) => effectivePolicy(stricter(await strict(a), await strict(b)));

test('a policy that says nothing is the preset recommended', () => {
  expect(effectivePolicy({ version: 1 })).toEqual({
    preset: 'recommended/5',
    policy: {
      require: REQUIRED_BY_DEFAULT,
      endOfLife: 'report',
      standIns: [],
      failOn: 'high',
      unknownSeverity: 'report',
      onlyFixed: true,
      fixGrace: 7 * DAY,
      knownExploited: 'fail',
      alreadyLive: 'fail',
      allowEmptySbom: false,
      maxDatabaseAge: 5 * DAY,
      maxScanAge: DAY,
      contents: { traces: { secret: 'fail', history: 'report', 'hidden-package': 'fail' }, statePaths: STATE_PATHS },
    },
    database: {},
    sources: { levels: expect.objectContaining({ 'root-user': 'warning', 'secret-in-image': 'error' }) },
  });
});

test('no-worse is recommended, but for findings of the live image', () => {
  const { policy, ...more } = effectivePolicy({ version: 1, preset: 'no-worse' });
  const recommended = effectivePolicy({ version: 1 });
  expect({ ...more, policy }).toEqual({
    ...recommended,
    preset: 'no-worse/5',
    policy: { ...recommended.policy, alreadyLive: 'report' },
  });
  const organisation = completed({ version: 1 });
  expect(effectivePolicy(stricter(completed({ version: 1, preset: 'no-worse' }), organisation)).policy).toEqual(
    recommended.policy,
  );
});

test('a policy of pinned tools requires the evidence that says which ran', () => {
  const { policy } = effectivePolicy({ version: 1, tools: 'pinned', evidence: { require: ['signature'] } });
  expect(policy.require).toEqual(['signature', 'provenance', 'sbom', 'scan']);
});

test('a policy that requires an independent rebuild requires the evidence of it', () => {
  const { policy } = effectivePolicy({
    version: 1,
    evidence: { require: ['signature'], 'independent-rebuild': true },
  });
  expect(policy).toMatchObject({ require: ['signature', 'reproduced'], independentRebuild: true });
});

test('strict holds every finding from high on, with or without a fix, one without a severity, and root', () => {
  expect(effectivePolicy({ version: 1, preset: 'strict' })).toMatchObject({
    policy: {
      failOn: 'high',
      unknownSeverity: 'fail',
      onlyFixed: false,
      fixGrace: 0,
      image: { nonRoot: true },
      contents: { traces: { secret: 'fail', history: 'fail', 'hidden-package': 'fail' } },
    },
    sources: { levels: { 'root-user': 'error', 'base-not-pinned': 'error', 'single-stage': 'warning' } },
  });
});

test('observe fails on missing evidence and credentials alone', () => {
  const { policy, sources } = effectivePolicy({ version: 1, preset: 'observe' });
  expect(policy).toMatchObject({ failOn: 'none', unknownSeverity: 'report', knownExploited: 'report' });
  expect(policy).toMatchObject({
    require: REQUIRED_BY_DEFAULT,
    contents: { traces: { secret: 'fail', 'hidden-package': 'report' } },
  });
  expect(Object.entries(sources.levels).filter(([, level]) => level === 'error')).toEqual([
    ['secret-in-image', 'error'],
  ]);
});

describe('which findings count', () => {
  test.each<[string, string, object]>([
    [
      'one word keeps the preset: only those with a fix',
      'vulnerabilities: {fail-on: low}',
      { failOn: 'low', onlyFixed: true },
    ],
    [
      'a threshold for a state counts that state too',
      'vulnerabilities: {fail-on: {not-fixed: critical}}',
      {
        onlyFixed: false,
        failOnByFix: { fixed: 'high', 'not-fixed': 'critical', 'wont-fix': 'none', unknown: 'none' },
      },
    ],
    [
      'only-fixed: false counts all',
      'vulnerabilities: {only-fixed: false}',
      { onlyFixed: false, failOn: 'high', failOnByFix: undefined },
    ],
    [
      'only-fixed: true counts no other state, whatever its threshold',
      'vulnerabilities: {only-fixed: true, fail-on: {fixed: low, not-fixed: low}}',
      { onlyFixed: true, failOn: 'low', failOnByFix: undefined },
    ],
  ])('%s', async (_, text, expected) => {
    const { failOnByFix, ...policy } = effectivePolicy(await read(text)).policy;
    expect({ failOnByFix, ...policy }).toMatchObject(expected);
  });
});

test('completing a policy a second time changes nothing', async () => {
  for (const preset of PRESET_NAMES) {
    for (const text of ['', 'vulnerabilities: {fail-on: {fixed: low}}', 'base-images: {}\nlicenses: {}\nimage: {}']) {
      const once = completed({ ...(await read(text)), preset });
      expect(completed(once)).toStrictEqual(once);
    }
  }
});

describe('of two policies the stricter value holds, whichever way round', () => {
  test.each<[string, string, string, object]>([
    ['severity', 'vulnerabilities: {fail-on: critical}', 'vulnerabilities: {fail-on: medium}', { failOn: 'medium' }],
    ['no severity', 'vulnerabilities: {fail-on: none}', 'vulnerabilities: {fail-on: critical}', { failOn: 'critical' }],
    [
      'severity by fix state',
      'vulnerabilities: {fail-on: high}',
      'vulnerabilities: {fail-on: {fixed: low, not-fixed: none}}',
      { failOn: 'low', failOnByFix: { fixed: 'low', 'not-fixed': 'high', 'wont-fix': 'high', unknown: 'high' } },
    ],
    [
      'unknown',
      'vulnerabilities: {unknown-severity: report}',
      'vulnerabilities: {unknown-severity: fail}',
      { unknownSeverity: 'fail' },
    ],
    ['only-fixed', 'vulnerabilities: {only-fixed: true}', 'vulnerabilities: {only-fixed: false}', { onlyFixed: false }],
    [
      'exploited',
      'vulnerabilities: {known-exploited: fail}',
      'vulnerabilities: {known-exploited: report}',
      { knownExploited: 'fail' },
    ],
    ['EPSS', 'vulnerabilities: {max-epss: 0.5}', 'vulnerabilities: {max-epss: 0.1}', { maxEpss: 0.1 }],
    ['risk, where one has none', 'vulnerabilities: {max-risk: 5}', '', { maxRisk: 5 }],
    ['database', 'database: {max-age: 5d}', 'database: {max-age: 2d}', { maxDatabaseAge: 2 * DAY }],
    ['scan', 'evidence: {max-scan-age: 1h}', 'evidence: {max-scan-age: 2h}', { maxScanAge: 3_600_000 }],
    [
      'evidence',
      'evidence: {require: [scan]}',
      'evidence: {require: [sbom]}',
      { require: expect.arrayContaining(['sbom', 'scan']) },
    ],
    [
      'packages',
      'packages: {deny: [pkg:npm/a]}',
      'packages: {deny: [pkg:npm/b]}',
      { deniedPackages: expect.arrayContaining(['pkg:npm/a', 'pkg:npm/b']) },
    ],
    [
      'registries',
      'registries: {allow: [ghcr.io/a/*]}',
      'registries: {allow: [ghcr.io/*/*]}',
      { registries: expect.arrayContaining([['ghcr.io/a/*'], ['ghcr.io/*/*']]) },
    ],
    [
      'licences',
      'licenses: {allow: [MIT, ISC]}',
      'licenses: {allow: [MIT], deny: [ISC], unknown: fail}',
      {
        licenses: {
          allow: expect.arrayContaining([['MIT'], ['MIT', 'ISC']]),
          deny: ['ISC'],
          unknown: 'fail',
          except: [],
        },
      },
    ],
    [
      'bases',
      'base-images: {allow: [a.io/b], max-age: 5d}',
      'base-images: {max-age: 9d, undated: report}',
      { baseImages: { allow: [['a.io/b']], maxAge: 5 * DAY, undated: 'fail' } },
    ],
    [
      'image',
      'image: {max-size: 1m, non-root: true}',
      'image: {max-size: 2m, max-layers: 3, non-root: false}',
      { image: { maxSize: 1024 * 1024, maxLayers: 3, nonRoot: true } },
    ],
  ])('%s', async (_, a, b, expected) => {
    expect((await both(a, b)).policy).toMatchObject(expected);
    expect((await both(b, a)).policy).toMatchObject(expected);
  });

  test('a fallback database may be as old as both allow', async () => {
    const [a, b] = ['database: {fallback-max-age: 3d}', 'database: {fallback-max-age: 1d}'];
    expect((await both(a, b)).database).toEqual({ fallbackMaxAge: DAY });
  });
});

test('inputs override the file, key by key', async () => {
  const file = await read('vulnerabilities: {fail-on: {fixed: low}, max-epss: 0.5}\nimage: {max-layers: 3}');
  const values = { vulnerabilities: { 'fail-on': everyState('critical') }, preset: 'strict' } as const;
  expect(effectivePolicy(overridden(file, values)).policy).toMatchObject({
    failOn: 'critical',
    maxEpss: 0.5,
    image: { maxLayers: 3 },
  });
});

test('VEX is refused where a policy does not allow it', async () => {
  const file = await read('vulnerabilities: {allow-vex: false}\nvex: [a.json]');
  expect(() => effectivePolicy(file)).toThrow(TidegateError);
});

test('one threshold for all states is one threshold', () => {
  const file: PolicyFile = { version: 1, vulnerabilities: { 'fail-on': everyState('none') } };
  expect(effectivePolicy(file).policy.failOn).toBe('none');
  expect(effectivePolicy(file).policy).not.toHaveProperty('failOnByFix');
});

test('the schema knows every key, describes it, and allows no other', () => {
  const visit = (schema: Record<string, unknown>, path: string): string[] => {
    const missing = typeof schema.description === 'string' || path === '' ? [] : [path];
    if (schema.type === 'object' && schema.additionalProperties !== false) missing.push(`${path} is open`);
    const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
    return [...missing, ...Object.entries(properties).flatMap(([name, each]) => visit(each, `${path}.${name}`))];
  };
  expect(visit(policySchema(), '')).toEqual([]);
});

describe('database servers under a policy that is extended', () => {
  const OWN = 'https://grype.example/databases';
  const mirrors = async (own: string, base: string) =>
    effectivePolicy(extending(await strict(own), await strict(base))).database.mirrors;

  test('are those of Grype alone, where it names none', async () => {
    expect(await mirrors('', '')).toEqual([[GRYPE_SERVER]]);
    expect(await mirrors(`database: {mirrors: [${OWN}]}`, '')).toEqual(expect.arrayContaining([[GRYPE_SERVER]]));
  });

  test('are those that it names', async () => {
    expect(await mirrors('', `database: {mirrors: [${OWN}]}`)).toEqual([[OWN]]);
  });

  test('are not approved by a second extended policy, which the repository may have written', async () => {
    const own = completed(await read(''));
    const [organisation, repositorys] = [await strict(''), await strict(`database: {mirrors: [${OWN}]}`)];
    for (const bases of [
      [organisation, repositorys],
      [repositorys, organisation],
    ]) {
      const { database } = effectivePolicy(bases.reduce(extending, own));
      expect(database.mirrors).toEqual(expect.arrayContaining([[GRYPE_SERVER], [OWN]]));
    }
  });

  test('may fail to answer, where it lets a kept database stand in', async () => {
    expect(await mirrors('', 'database: {fallback-max-age: 1d}')).toEqual([[GRYPE_SERVER, 'db-cache']]);
  });

  test('are any, where nothing is extended', async () => {
    expect(effectivePolicy(await strict('')).database.mirrors).toBeUndefined();
  });
});

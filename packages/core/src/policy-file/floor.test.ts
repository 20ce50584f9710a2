import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../policy.ts';
import { SEVERITIES } from '../severity.ts';
import { SOURCE_LEVELS } from '../source-levels.ts';
import { completed, overridden, type PolicyValues } from './completed.ts';
import { GRYPE_SERVER, KEPT_DATABASE } from './database-server.ts';
import { POLICY_FILE, type PolicyFile } from './definition.ts';
import { type EffectivePolicy, effectivePolicy } from './effective.ts';
import { extending } from './extending.ts';
import { generator } from './generated.fixture.ts';
import { PRESET_NAMES } from './preset-names.ts';
import { Reading } from './problem.ts';
import { treeOf } from './tree.ts';

/**
 * Some values for every key of a policy file, including the laxest and the strictest. The test below fails for a key
 * that is missing here.
 */
const THRESHOLDS = [...SEVERITIES, 'none'];
const FAIL = ['fail', 'report'];
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  preset: PRESET_NAMES,
  'vulnerabilities.fail-on': [
    ...THRESHOLDS,
    { fixed: 'none' },
    { fixed: 'low', 'not-fixed': 'none' },
    { 'not-fixed': 'critical', 'wont-fix': 'low', unknown: 'none' },
    { fixed: 'none', 'not-fixed': 'none', 'wont-fix': 'none', unknown: 'none' },
  ],
  'vulnerabilities.unknown-severity': FAIL,
  'vulnerabilities.only-fixed': [true, false],
  'vulnerabilities.fix-grace': ['0d', '7d', '900d'],
  'vulnerabilities.known-exploited': FAIL,
  'vulnerabilities.already-live': FAIL,
  'vulnerabilities.max-epss': [0, 0.5, 1],
  'vulnerabilities.max-risk': [0, 50, 100],
  'vulnerabilities.max-ignore-time': ['0d', '30d', '900d'],
  'vulnerabilities.allow-vex': [true, false],
  'distribution.end-of-life': FAIL,
  'distribution.stand-ins': [
    [],
    [{ image: 'acmeos 1.0', as: 'debian 12', reason: 'x' }],
    [{ image: 'acmeos 1.0', as: 'debian 13', reason: 'x' }],
  ],
  'licenses.allow': [[], ['MIT'], ['*']],
  'licenses.deny': [[], ['AGPL-*']],
  'licenses.unknown': FAIL,
  'licenses.except': [[], ['pkg:npm/a'], ['pkg:npm/**']],
  'packages.deny': [[], ['pkg:npm/a']],
  'base-images.allow': [[], ['docker.io/library/*'], ['*.io/**']],
  'base-images.max-age': ['1d', '900d'],
  'base-images.undated': FAIL,
  'image.max-size': ['1m', '100g'],
  'image.max-layers': [1, 4096],
  'image.non-root': [true, false],
  'image.users': [[], ['app']],
  'image.ports': [[], ['8080/tcp']],
  'image.volumes': [[], ['/data']],
  'image.healthcheck': [true, false],
  'image.labels': [[], ['a']],
  'contents.secrets': FAIL,
  'contents.history': FAIL,
  'contents.hidden-packages': FAIL,
  'contents.setuid': FAIL,
  'contents.shells': FAIL,
  'contents.package-managers': FAIL,
  'contents.state': FAIL,
  'contents.devices': FAIL,
  'contents.state-paths': [[], ['/x']],
  'build.entitlements': [[], ['device'], ['security.insecure', 'network.host']],
  'build.mirrors': [[], ['mirror.example'], ['mirror.example', 'localhost:5000/hub']],
  'evidence.require': [
    [],
    ['sbom'],
    ['scan', 'signature'],
    [{ predicate: 'urn:a:a' }],
    ['sbom', { predicate: 'urn:a:b' }],
  ],
  'evidence.max-scan-age': ['1h', '900d'],
  'evidence.allow-empty-sbom': [true, false],
  'evidence.independent-rebuild': [true, false],
  'database.max-age': ['1h', '900d'],
  'database.fallback-max-age': ['1h', '900d'],
  'database.mirrors': [[], [GRYPE_SERVER], ['https://grype.example/databases', GRYPE_SERVER]],
  tools: ['pinned', 'any'],
  'registries.allow': [[], ['ghcr.io/acme/*'], ['*.io/**']],
  ...Object.fromEntries(
    Object.keys((POLICY_FILE.schema as never as SchemaOfLevels).properties.sources.properties.levels.properties).map(
      (rule) => [`sources.levels.${rule}`, SOURCE_LEVELS],
    ),
  ),
};
interface SchemaOfLevels {
  properties: { sources: { properties: { levels: { properties: object } } } };
}

/** A repository may make exceptions with a reason and a date, within `max-ignore-time` and `allow-vex`. */
const EXCEPTIONS = ['ignore', 'vex', 'contents.allow', 'extends', 'version'];

function keysOf(schema: object, path = ''): string[] {
  const { properties = {} } = schema as { properties?: Record<string, object> };
  return Object.entries(properties).flatMap(([name, inner]) => {
    const key = path ? `${path}.${name}` : name;
    const deeper = keysOf(inner, key);
    return deeper.length > 0 ? deeper : [key];
  });
}

test('every key is tried', () => {
  expect([...Object.keys(VALUES), ...EXCEPTIONS].toSorted()).toEqual(keysOf(POLICY_FILE.schema).toSorted());
});

/** The fields in which `effective` is laxer than `floor`; compares every field of both. */
function laxer(effective: EffectivePolicy, floor: EffectivePolicy): string[] {
  const found: string[] = [];
  const say = (field: string, isLaxer: boolean) => {
    if (isLaxer) found.push(field);
  };
  const rank = (words: readonly string[], word: string | undefined, absent: string) => words.indexOf(word ?? absent);
  const more = (a: number | undefined, b: number | undefined) => (a ?? Infinity) > (b ?? Infinity);
  const lacks = <T>(a: readonly T[] = [], b: readonly T[] = []) =>
    b.some((each) => !a.some((own) => JSON.stringify(own) === JSON.stringify(each)));
  const servers = (list: readonly string[]) => list.filter((one) => one !== KEPT_DATABASE);
  const only = (list: readonly string[], allowed: readonly string[]) => list.every((one) => allowed.includes(one));
  const [a, b] = [effective.policy, floor.policy];
  const lax = (word: string | undefined, absent = 'report') => rank(FAIL, word, absent);
  const threshold = (policy: Policy, state: keyof NonNullable<Policy['failOnByFix']>) => {
    if (policy.onlyFixed && state !== 'fixed') return THRESHOLDS.indexOf('none');
    return rank(THRESHOLDS, policy.failOnByFix?.[state] ?? policy.failOn, 'none');
  };
  for (const state of ['fixed', 'not-fixed', 'wont-fix', 'unknown'] as const) {
    say(`fail-on ${state}`, threshold(a, state) > threshold(b, state));
  }
  const { contents: ours, ...own } = a;
  const { contents: theirs, ...its } = b;
  const checks: Readonly<Record<keyof Required<Policy>, () => boolean>> = {
    require: () => lacks(own.require, its.require),
    predicates: () => lacks(own.predicates, its.predicates),
    failOn: () => false,
    failOnByFix: () => false,
    unknownSeverity: () => lax(own.unknownSeverity) > lax(its.unknownSeverity),
    onlyFixed: () => own.onlyFixed && !its.onlyFixed,
    maxDatabaseAge: () => more(own.maxDatabaseAge, its.maxDatabaseAge),
    maxScanAge: () => more(own.maxScanAge, its.maxScanAge),
    sbomFormats: () => own.sbomFormats !== its.sbomFormats,
    allowEmptySbom: () => own.allowEmptySbom === true && its.allowEmptySbom !== true,
    independentRebuild: () => own.independentRebuild !== true && its.independentRebuild === true,
    allowSuppressed: () => own.allowSuppressed === true,
    verdictOf: () => own.verdictOf !== its.verdictOf,
    knownExploited: () => lax(own.knownExploited, 'fail') > lax(its.knownExploited, 'fail'),
    alreadyLive: () => lax(own.alreadyLive, 'fail') > lax(its.alreadyLive, 'fail'),
    fixGrace: () => (own.fixGrace ?? 0) > (its.fixGrace ?? 0),
    maxEpss: () => more(own.maxEpss, its.maxEpss),
    maxRisk: () => more(own.maxRisk, its.maxRisk),
    ignore: () => false,
    maxIgnoreTime: () => more(own.maxIgnoreTime, its.maxIgnoreTime),
    vex: () => false,
    unusableVex: () => false,
    standIns: () => lacks(its.standIns, own.standIns),
    endOfLife: () => lax(own.endOfLife, 'fail') > lax(its.endOfLife, 'fail'),
    licenses: () =>
      lacks(own.licenses?.allow, its.licenses?.allow) ||
      lacks(own.licenses?.deny, its.licenses?.deny) ||
      (its.licenses !== undefined && lacks(its.licenses.except, own.licenses?.except)) ||
      lax(own.licenses?.unknown) > lax(its.licenses?.unknown),
    deniedPackages: () => lacks(own.deniedPackages, its.deniedPackages),
    baseImages: () =>
      lacks(own.baseImages?.allow, its.baseImages?.allow) ||
      more(own.baseImages?.maxAge, its.baseImages?.maxAge) ||
      lax(own.baseImages?.undated) > lax(its.baseImages?.undated),
    image: () =>
      more(own.image?.maxSize, its.image?.maxSize) ||
      more(own.image?.maxLayers, its.image?.maxLayers) ||
      (its.image?.nonRoot === true && own.image?.nonRoot !== true) ||
      lacks(own.image?.users, its.image?.users) ||
      lacks(own.image?.ports, its.image?.ports) ||
      lacks(own.image?.volumes, its.image?.volumes),
    contents: () =>
      Object.entries(theirs?.traces ?? {}).some(([kind, does]) => {
        const here = ours?.traces[kind as keyof typeof ours.traces];
        return lax(here, kind === 'secret' || kind === 'hidden-package' ? 'fail' : 'report') > lax(does);
      }) ||
      lacks(ours?.statePaths, theirs?.statePaths) ||
      more(ours?.maxAllowTime, theirs?.maxAllowTime) ||
      (theirs?.healthcheck === true && ours?.healthcheck !== true) ||
      lacks(ours?.labels, theirs?.labels),
    registries: () => lacks(own.registries, its.registries),
    databaseMirrors: () =>
      its.databaseMirrors?.some((allowed) => !own.databaseMirrors?.some((list) => only(servers(list), allowed))) ===
      true,
    tools: () => its.tools === 'pinned' && own.tools !== 'pinned',
  };
  for (const [field, isLaxer] of Object.entries(checks)) say(field, isLaxer());
  say('fallback', (effective.database.fallbackMaxAge ?? 0) > (floor.database.fallbackMaxAge ?? 0));
  say('entitlements', lacks(floor.sources.entitlements, effective.sources.entitlements));
  say('mirrors', lacks(floor.sources.mirrors, effective.sources.mirrors));
  for (const [rule, level] of Object.entries(floor.sources.levels)) {
    const here = effective.sources.levels[rule as keyof typeof floor.sources.levels];
    say(`level of ${rule}`, rank(SOURCE_LEVELS, here, 'off') > rank(SOURCE_LEVELS, level, 'off'));
  }
  return found;
}

function policy(keys: Readonly<Record<string, unknown>>): PolicyFile {
  const file: Record<string, unknown> = { version: 1 };
  for (const [key, value] of Object.entries(keys)) {
    const parts = key.split('.');
    let at = file;
    for (const part of parts.slice(0, -1)) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[parts.at(-1) ?? ''] = value;
  }
  const reading = new Reading('policy.yml');
  const read = POLICY_FILE.read(treeOf(file), '', reading);
  reading.finish();
  if (!read) throw new Error('not read');
  return read;
}

/** The content of the policy, with Grype's own server if it names none. */
function floorOf(base: PolicyFile): EffectivePolicy {
  const { policy, ...rest } = effectivePolicy(completed(base));
  return { ...rest, policy: { databaseMirrors: [[GRYPE_SERVER]], ...policy } };
}

const held = (own: PolicyFile, values: PolicyValues, base: PolicyFile) =>
  effectivePolicy(extending(completed(overridden(own, values)), completed(base)));
const valuesOf = ({ version: _, extends: _extends, ...values }: PolicyFile): PolicyValues => values;

describe('the effective policy is nowhere laxer than the policy that it extends', () => {
  test.each(Object.keys(VALUES))('whatever a file or an input says of %s', (key) => {
    for (const preset of PRESET_NAMES) {
      for (const mine of VALUES[key] ?? []) {
        for (const base of [{ preset }, ...(VALUES[key] ?? []).map((value) => ({ preset, [key]: value }))]) {
          const extended = policy(base);
          for (const effective of [
            held(policy({ [key]: mine }), {}, extended),
            held(policy({}), valuesOf(policy({ [key]: mine })), extended),
          ]) {
            expect({ key, mine, base, laxer: laxer(effective, floorOf(extended)) }).toMatchObject({ laxer: [] });
          }
        }
      }
    }
  });

  test('whatever a file and inputs say together', () => {
    const random = generator(7);
    const any = (share: number) =>
      policy(
        Object.fromEntries(
          Object.entries(VALUES).flatMap(([key, values]) =>
            random() < share ? [[key, values[Math.floor(random() * values.length)]]] : [],
          ),
        ),
      );
    for (let round = 0; round < 500; round += 1) {
      const [own, inputs, base] = [any(0.5), any(0.2), any(0.3)];
      const effective = held(own, valuesOf(inputs), base);
      expect({ round, own, inputs, base, laxer: laxer(effective, floorOf(base)) }).toMatchObject({ laxer: [] });
      // Not laxer than the repository's own policy, either.
      expect(laxer(effective, effectivePolicy(completed(overridden(own, valuesOf(inputs)))))).toEqual([]);
    }
  });
});

/** For every policy file and all evidence, the gate decides and never throws. */
import { expect, test } from '@jest/globals';
import type { Evidence } from '../evidence.ts';
import { policyDocument, readPolicyDocument } from '../policy-document/index.ts';
import { POLICY_FILE, type PolicyFile } from '../policy-file/definition.ts';
import { effectivePolicy } from '../policy-file/effective.ts';
import { changedDocument, generator, validDocument } from '../policy-file/generated.fixture.ts';
import { Reading } from '../policy-file/problem.ts';
import { treeOf } from '../policy-file/tree.ts';
import { SEVERITIES } from '../severity.ts';
import type { GateContext } from './context.ts';
import { decide } from './decide.ts';
import { FULL } from './full-policy.fixture.ts';
import { finding, gateContext, IMAGE, NOW, SINGLE, soundEvidence } from './sound.fixture.ts';

const ROUNDS = 3000;
type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

const TEXTS = [
  ...[
    '',
    ' ',
    '*',
    '**',
    'pkg:',
    'pkg:npm/%',
    'pkg:npm/a@%ZZ',
    'pkg:golang/x@v1+incompatible+dirty',
    '__proto__',
    '\ud800',
  ],
  ...[
    'MIT',
    '(MIT',
    'MIT OR',
    'LicenseRef-',
    'AND',
    `${'('.repeat(5000)}MIT`,
    'MIT OR '.repeat(2000),
    '🦀'.repeat(3000),
  ],
  ...['pkg:docker/debian@12?platform=x', 'pkg:docker/%', 'debian 99', 'a'.repeat(70_000), `${'*a'.repeat(5000)}b`],
  ...['ghcr.io/acme/app', 'sha256:', 'critical', 'unknown', 'none', 'constructor', '\u001b[31m', '::error::'],
];
const NUMBERS = [0, -1, 0.5, 1, 2 ** 53, 1e308, -0, Number.NaN, Number.POSITIVE_INFINITY];
const DATES = [0, -1, 8.64e15, -8.64e15, Number.NaN, NOW.getTime(), NOW.getTime() + 1];

/** Fields that evidence may lack. */
const OPTIONAL = new Set(
  [
    'fixDates url knownExploited epss risk purl distribution programs materials source release components osTraces',
    'cataloger program standIn providers statement healthcheck createdBy hiddenBy line sha256 live why signer destination',
  ]
    .join(' ')
    .split(' '),
);

/** A value of the same kind; lists and records may get more or fewer entries. */
function changed(value: unknown, random: Random, depth = 0): unknown {
  if (value instanceof Date) return new Date(pick(random, DATES));
  if (typeof value === 'string') return pick(random, TEXTS);
  if (typeof value === 'number') return pick(random, NUMBERS);
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.2) return [];
    if (random() < 0.02) return Array.from({ length: 300 }, () => value[0]);
    return value.map((each) => (random() < 0.3 ? changed(each, random, depth + 1) : each));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      // Fields that distinguish kinds stay: they are types of ours, and not text from outside.
      if (depth === 0 && (key === 'kind' || key === 'subject')) return [[key, each]];
      if (OPTIONAL.has(key) && random() < 0.2) return [];
      return [[key, random() < 0.25 ? changed(each, random, depth + 1) : each]];
    }),
  );
}

/** Evidence as readers produce it: severities and our own words are always valid. */
function evidenceFor(random: Random): readonly Evidence[] {
  const rich = soundEvidence(IMAGE, FULL).map((each) =>
    each.kind === 'scan' ? { ...each, findings: Array.from({ length: 3 }, () => strangeFinding(random)) } : each,
  );
  return rich.flatMap((each) => {
    const chance = random();
    if (chance < 0.1) return [];
    return chance < 0.5 ? [changed(each, random) as Evidence] : [each];
  });
}

function strangeFinding(random: Random) {
  return finding({
    severity: pick(random, [...SEVERITIES, 'unknown'] as const),
    fix: pick(random, ['fixed', 'not-fixed', 'wont-fix', 'unknown'] as const),
    fixedIn: random() < 0.1 ? Array.from({ length: 300 }, () => '1.2.4') : [pick(random, TEXTS)],
    fixDates: { [pick(random, TEXTS)]: new Date(pick(random, DATES)) },
    package: {
      name: pick(random, TEXTS),
      version: pick(random, TEXTS),
      type: pick(random, TEXTS),
      purl: pick(random, TEXTS),
    },
    epss: pick(random, NUMBERS),
    risk: pick(random, NUMBERS),
    knownExploited: random() < 0.3,
  });
}

function policyFile(random: Random): PolicyFile | undefined {
  const reading = new Reading('policy.yml');
  const document = random() < 0.5 ? validDocument(random) : changedDocument(validDocument(random), random);
  const file = POLICY_FILE.read(treeOf(document), '', reading);
  if (!file || reading.problems.length > 0) return undefined;
  const { vex: _, ...rest } = file;
  return rest;
}

test(`of ${ROUNDS} policies and images of all kinds, none makes it throw`, () => {
  const random = generator(14);
  let decided = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const file = policyFile(random);
    if (!file) continue;
    const effective = effectivePolicy(file);
    const { policy } = effective;
    const evidence = evidenceFor(random);
    const facts = changed(gateContext(), random) as GateContext;
    const around = pick(random, [gateContext(), {}, { ...facts, facts: gateContext().facts ?? new Map() }]);
    const image = random() < 0.2 ? SINGLE : IMAGE;
    const now = random() < 0.1 ? new Date(pick(random, DATES)) : NOW;
    let thrown: unknown;
    try {
      const { rules } = decide(policy, image, evidence, now, around);
      expect(rules.length).toBeGreaterThan(40);
    } catch (error) {
      thrown = error;
    }
    if (thrown) expect({ round, file, thrown: String((thrown as Error).stack).slice(0, 1500) }).toEqual({ round });
    decided += 1;
  }
  expect(decided).toBeGreaterThan(ROUNDS / 2);
});

test('more of everything than can be handed to a function as its arguments is decided too', () => {
  const many = <T>(one: T): readonly T[] => Array.from({ length: 130_000 }, () => one);
  const evidence = soundEvidence(SINGLE, FULL).map((each): Evidence => {
    if (each.kind === 'scan') return { ...each, findings: [finding({ fixedIn: many('1.2.4') }), ...many(finding())] };
    if (each.kind === 'sbom' && each.components) return { ...each, components: each.components.flatMap(many) };
    return each.kind === 'provenance' ? { ...each, materials: (each.materials ?? []).flatMap(many) } : each;
  });
  expect(decide(FULL, SINGLE, evidence, NOW, gateContext({}, SINGLE)).passed).toBe(false);
}, 60_000);

test('every valid policy file results in a policy document that every job can read', () => {
  const random = generator(3);
  for (let round = 0; round < 1000; round += 1) {
    const file = policyFile(random);
    if (!file) continue;
    const written = policyDocument(effectivePolicy(file));
    expect(readPolicyDocument(written.bytes, 'policy.json').digest).toBe(written.digest);
  }
});

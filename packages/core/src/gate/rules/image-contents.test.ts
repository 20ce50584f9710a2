import { describe, expect, test } from '@jest/globals';
import { contentsOf, type Entry } from '../../contents/contents.fixture.ts';
import type { ImageContents, LanguagePackage } from '../../contents/image-contents.ts';
import { type ContentsPolicy, mayLeave } from '../../contents/rules.ts';
import type { AddedPackage, ContentsEvidence, Evidence, SbomEvidence } from '../../evidence.ts';
import type { RuleName } from '../../policy.ts';
import { AMD64, ARM64, failedRules, judge, NOW, resultsOf, soundEvidence } from '../sound.fixture.ts';

const KEY = `-----BEGIN PRIVATE KEY-----\n${'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu'.repeat(2)}\n`;
const clean = contentsOf([['app']]);

function evidence(amd64: ImageContents, arm64: ImageContents = clean): ContentsEvidence[] {
  const about = (subject: typeof AMD64, contents: ImageContents): ContentsEvidence => ({
    kind: 'contents',
    subject: subject.descriptor.digest,
    contents,
  });
  return [about(AMD64, amd64), about(ARM64, arm64)];
}

const OTHERS = soundEvidence().filter(({ kind }) => kind !== 'contents');
const verdictOf = (contents: ContentsPolicy | undefined, found: readonly ContentsEvidence[]) =>
  judge([...OTHERS, ...found], contents === undefined ? {} : { contents });

const SECRETS: ContentsPolicy = { traces: {} };
const ALL: ContentsPolicy = {
  traces: { secret: 'fail', setuid: 'fail', shell: 'fail', 'package-manager': 'fail', state: 'fail', device: 'fail' },
  healthcheck: true,
  labels: ['owner'],
};
const RULES: readonly RuleName[] = [
  'contents-present',
  'contents-secrets',
  'contents-hidden-packages',
  'contents-setuid',
  'contents-shells',
  'contents-package-managers',
  'contents-state',
  'contents-devices',
  'image-healthcheck',
  'image-labels',
];
const good = contentsOf([['app']], { config: { Healthcheck: { Test: ['CMD', 'x'] }, Labels: { owner: 'me' } } });

test('a rule that the policy does not set does not apply', () => {
  const verdict = verdictOf(undefined, []);
  expect(verdict.passed).toBe(true);
  for (const rule of RULES) expect(resultsOf(verdict, rule)[0]?.outcome).toBe('not-applicable');
});

test('an image that has been read and holds nothing passes every rule', () => {
  const verdict = verdictOf(ALL, evidence(good, good));
  expect(failedRules(verdict)).toEqual([]);
  for (const rule of RULES) expect(resultsOf(verdict, rule)[0]?.outcome).toBe('pass');
});

test('one unread platform fails every rule that the policy sets', () => {
  expect(failedRules(verdictOf(ALL, [...evidence(good).slice(0, 1)]))).toEqual(RULES);
  expect(failedRules(verdictOf(ALL, []))).toEqual(RULES);
  expect(failedRules(verdictOf(SECRETS, []))).toEqual([
    'contents-present',
    'contents-secrets',
    'contents-hidden-packages',
  ]);
});

describe('on one platform of two', () => {
  test.each<[RuleName, Entry]>([
    ['contents-secrets', { path: 'key', content: KEY }],
    ['contents-setuid', { path: 'bin/su', mode: 0o4755 }],
    ['contents-shells', { path: 'bin/sh', mode: 0o755 }],
    ['contents-package-managers', { path: 'usr/bin/apk', mode: 0o755 }],
    ['contents-state', { path: 'var/lib/mysql/x' }],
    ['contents-devices', { path: 'dev/sda', type: 'device' }],
  ])('%s fails, and a policy that lets it pass does not', (rule, entry) => {
    const kept = { config: { Healthcheck: { Test: ['CMD', 'x'] }, Labels: { owner: 'me' } } };
    const trapped = contentsOf([[entry]], kept);
    const verdict = verdictOf(ALL, evidence(trapped, good));
    expect(failedRules(verdict)).toEqual([rule]);
    expect(resultsOf(verdict, rule)[0]?.why).toMatch(/^linux\/amd64: .*\(layer 1\)\.$/);
    const lax: ContentsPolicy = { traces: { secret: 'report' } };
    expect(failedRules(verdictOf(lax, evidence(trapped, good)))).toEqual([]);
    // Deleted later: a container does not see it, which decides for all kinds except secrets.
    const gone = contentsOf([[entry], ['.wh.key', 'bin', 'usr', 'var', 'dev']], kept);
    expect(failedRules(verdictOf(ALL, evidence(gone, good)))).toEqual(rule === 'contents-secrets' ? [rule] : []);
  });

  test('a package that is hidden fails where the policy says nothing of it, and not where it lets it pass', () => {
    const trace = {
      kind: 'hidden-package' as const,
      path: '/var/lib/dpkg/status',
      layer: 0,
      what: 'package a 1 removed',
    };
    const [layer] = clean.layers;
    const hidden = {
      ...clean,
      layers: [{ ...layer, createdBy: 'RUN x', line: 'Dockerfile:7' }],
      traces: [trace],
    } as ImageContents;
    const verdict = verdictOf({ traces: {} }, evidence(hidden));
    expect(failedRules(verdict)).toEqual(['contents-hidden-packages']);
    expect(resultsOf(verdict, 'contents-hidden-packages')[0]?.why).toBe(
      'linux/amd64: 1 package hidden from scanners: /var/lib/dpkg/status: package a 1 removed (layer 1, Dockerfile:7, RUN x).',
    );
    expect(failedRules(verdictOf({ traces: { 'hidden-package': 'report' } }, evidence(hidden)))).toEqual([]);
    const allow = [{ kind: 'hidden-package' as const, path: '/var/lib/dpkg/*', reason: 'slim' }];
    expect(failedRules(verdictOf({ traces: {}, allow }, evidence(hidden)))).toEqual([]);
  });

  test('a package on the list of the system that the SBOM lacks fails', () => {
    const listed = (deb: readonly string[]) => ({ ...clean, systemPackages: { deb, apk: [], rpm: [] } });
    const sound = soundEvidence().find(
      (one): one is SbomEvidence => one.kind === 'sbom' && one.components !== undefined,
    );
    const [known] = sound?.components?.filter(({ type }) => type === 'deb') ?? [];
    expect(failedRules(verdictOf({ traces: {} }, evidence(listed(known ? [known.name] : []))))).toEqual([]);
    const verdict = verdictOf({ traces: {} }, evidence(listed(['a', 'b', 'c', 'd'])));
    expect(failedRules(verdict)).toEqual(['contents-hidden-packages']);
    expect(resultsOf(verdict, 'contents-hidden-packages')[0]?.why).toBe(
      'linux/amd64: the SBOM lacks 4 deb packages that the image lists: a, b, c and 1 more.',
    );
  });

  describe('a package of a language that the SBOM lacks', () => {
    const [layer] = clean.layers;
    const layers = [{ ...layer, createdBy: 'COPY app /', line: 'Dockerfile:7' }];
    const having = (one: Partial<LanguagePackage>): ImageContents => ({
      ...clean,
      layers: layers as ImageContents['layers'],
      languagePackages: [
        { type: 'npm', name: 'lodash', version: '4.17.20', path: '/app/a.json', layer: 0, ...one } as LanguagePackage,
      ],
    });
    type Known = readonly [type: string, name: string, version: string];
    const judged = (contents: ImageContents, known: readonly Known[] = [], policy: ContentsPolicy = { traces: {} }) => {
      const more = known.map(([type, name, version]) => ({ type, name, version, licenses: [] }));
      const others = OTHERS.map((one) =>
        one.kind === 'sbom' && one.components ? { ...one, components: [...one.components, ...more] } : one,
      );
      return judge([...others, ...evidence(contents)], { contents: policy });
    };

    test('fails with its file, layer and line', () => {
      const verdict = judged(having({}));
      expect(failedRules(verdict)).toEqual(['contents-hidden-packages']);
      expect(resultsOf(verdict, 'contents-hidden-packages')[0]?.why).toBe(
        'linux/amd64: 1 package hidden from scanners: /app/a.json: npm package lodash 4.17.20 was not scanned, its metadata cannot be read by the scanner (layer 1, Dockerfile:7, COPY app /).',
      );
    });

    test.each([
      ['another version', ['npm', 'lodash', '99.0.0']],
      ['another kind', ['gem', 'lodash', '4.17.20']],
      ['another case, where it is another package', ['npm', 'Lodash', '4.17.20']],
    ] as const)('fails beside %s', (_, other) => {
      expect(failedRules(judged(having({}), [other]))).toEqual(['contents-hidden-packages']);
    });

    test('passes where the SBOM has it, in whatever spelling its language takes for the same', () => {
      const passes = (one: Partial<LanguagePackage>, known: Known) =>
        expect(failedRules(judged(having(one), [known]))).toEqual([]);
      passes({}, ['npm', 'lodash', '4.17.20']);
      passes({ type: 'python', name: 'ruamel.yaml_clib', version: '1' }, ['python', 'ruamel-yaml-clib', '1']);
      passes({ type: 'python', name: 'PyYAML', version: '1' }, ['python', 'pyyaml', '1']);
      passes({ type: 'php-composer', name: 'Acme/X', version: '1' }, ['php-composer', 'acme/x', '1']);
    });

    test.each(['conda', 'php-composer'] as const)(
      'fails where a scan added it, but Grype finds none of %s by name',
      (type) => {
        const added = [{ type, name: 'x', version: '1' }];
        const others = OTHERS.map((one) => (one.kind === 'scan' ? { ...one, added } : one));
        const verdict = judge([...others, ...evidence(having({ type, name: 'x', version: '1' }))], {
          contents: { traces: {} },
        });
        expect(failedRules(verdict)).toEqual(['contents-hidden-packages']);
      },
    );

    test('passes where every scan added it to the SBOM, which packages-denied sees as well', () => {
      const scanned = (added: readonly AddedPackage[], more: readonly Evidence[] = []) =>
        judge(
          [...OTHERS.map((one) => (one.kind === 'scan' ? { ...one, added } : one)), ...more, ...evidence(having({}))],
          {
            contents: { traces: {} },
            deniedPackages: ['pkg:npm/denied'],
          },
        );
      const lodash = { type: 'npm', name: 'lodash', version: '4.17.20' };
      expect(failedRules(scanned([lodash]))).toEqual([]);
      expect(failedRules(scanned([{ ...lodash, version: '4.17.21' }]))).toEqual(['contents-hidden-packages']);
      expect(failedRules(scanned([lodash, { ...lodash, name: 'denied' }]))).toEqual(['packages-denied']);
      const another = OTHERS.filter(({ kind }) => kind === 'scan');
      expect(failedRules(scanned([lodash], another))).toContain('contents-hidden-packages');
    });

    test('passes where the policy lets its file pass', () => {
      const allow = [{ kind: 'hidden-package' as const, path: '/app/*', reason: 'a fixture' }];
      expect(failedRules(judged(having({}), [], { traces: {}, allow }))).toEqual([]);
      expect(failedRules(judged(having({}), [], { traces: { 'hidden-package': 'report' } }))).toEqual([]);
    });
  });

  test('a second record that fails is not outvoted by a first that passed', () => {
    const trapped = contentsOf([[{ path: 'key', content: KEY }]]);
    expect(failedRules(verdictOf(SECRETS, [...evidence(clean), ...evidence(trapped).slice(0, 1)]))).toEqual([
      'contents-secrets',
    ]);
  });
});

describe('an image whose contents were not read fails', () => {
  test('more than can be listed', () => {
    const full = { ...clean, overflow: ['setuid' as const] };
    const policy: ContentsPolicy = {
      traces: { setuid: 'fail' },
      allow: [{ kind: 'setuid', path: '**', reason: 'all' }],
    };
    expect(failedRules(verdictOf(policy, evidence(full)))).toEqual(['contents-setuid']);
  });

  test('a folder of state that was not watched', () => {
    const policy: ContentsPolicy = { traces: { state: 'fail' }, statePaths: ['/srv/data/'] };
    expect(failedRules(verdictOf(policy, evidence(clean)))).toEqual(['contents-state']);
    const watched = contentsOf([['app']], { statePaths: ['/srv/data'] });
    expect(failedRules(verdictOf(policy, evidence(watched, watched)))).toEqual([]);
  });

  test('an allowance without a date that can be read lets nothing pass', () => {
    const trapped = contentsOf([[{ path: 'bin/su', mode: 0o4755 }]]);
    const allow = (expires?: Date): ContentsPolicy => ({
      traces: { setuid: 'fail' },
      allow: [{ kind: 'setuid', path: '/bin/su', reason: 'x', ...(expires ? { expires } : {}) }],
    });
    expect(failedRules(verdictOf(allow(), evidence(trapped)))).toEqual([]);
    expect(failedRules(verdictOf(allow(new Date(NOW.getTime() + 1)), evidence(trapped)))).toEqual([]);
    expect(failedRules(verdictOf(allow(NOW), evidence(trapped)))).toEqual(['contents-setuid']);
    expect(failedRules(verdictOf(allow(new Date('never')), evidence(trapped)))).toEqual(['contents-setuid']);
  });
});

test('blobs leave the machine where no layer holds a secret that the policy refuses', () => {
  const trapped = contentsOf([[{ path: 'key', content: KEY }], ['.wh.key']]);
  expect(mayLeave(SECRETS, [clean], NOW)).toBe(true);
  expect(mayLeave(SECRETS, [clean, trapped], NOW)).toBe(false);
  expect(mayLeave({ traces: { secret: 'report' } }, [trapped], NOW)).toBe(true);
  expect(mayLeave({ traces: {}, allow: [{ kind: 'secret', path: '/key', reason: 'test' }] }, [trapped], NOW)).toBe(
    true,
  );
  expect(mayLeave(undefined, [trapped], NOW)).toBe(true);
});

import { describe, expect, test } from '@jest/globals';
import type { Cause } from '../cause/cause.ts';
import { finding } from '../gate/sound.fixture.ts';
import { digestOf } from '../image/digest.ts';
import { type Fix, fixesFor, type LocatedFinding, placeToChange } from './fixes.ts';

const named = (name: string) => ({ package: { name, version: '1.0.0', type: 'npm' } });
const diffId = digestOf('a layer');
const BASE: Cause = {
  ...{ layer: 0, diffId, file: 'Dockerfile' },
  origin: { kind: 'base', image: 'docker.io/library/node:22-slim', digest: diffId, line: 1 },
};
const RUN: Cause = {
  ...{ layer: 1, diffId, file: 'Dockerfile' },
  origin: { kind: 'instruction', line: 7, endLine: 8, text: 'RUN apt-get install -y libpam-modules' },
};
const deb = (name: string, over: Partial<LocatedFinding> = {}): LocatedFinding => ({
  ...finding({ id: 'CVE-PAM', fixedIn: ['1.5.2-6+deb12u1'] }),
  package: { name, version: '1.5.2-6', type: 'deb', purl: `pkg:deb/debian/${name}@1.5.2-6?upstream=pam` },
  ...over,
});
const PAM = ['libpam0g', 'libpam-modules', 'libpam-modules-bin', 'libpam-runtime'];
const changes = (fixes: readonly Fix[]) => fixes.map(({ change }) => change);

describe('one change is one row', () => {
  test('a CVE in four packages of one source package', () => {
    const [fix, ...others] = fixesFor(PAM.map((name) => deb(name)));
    expect(others).toEqual([]);
    expect(fix).toMatchObject({
      kind: 'system-source',
      change: 'upgrade pam (4 packages) to 1.5.2-6+deb12u1',
      name: 'pam',
      packages: PAM.toSorted().map((name) => ({ name })),
      removes: { advisories: [{ id: 'CVE-PAM' }], counts: { high: 1 } },
    });
  });

  test('all that a newer base image fixes, and nothing that an instruction installed', () => {
    const fixes = fixesFor<LocatedFinding>([
      deb('libpam0g', { cause: BASE }),
      deb('libssl3', { cause: BASE, id: 'CVE-SSL', severity: 'critical' }),
      { ...finding(named('npm')), cause: BASE },
      deb('libpam-modules', { cause: RUN }),
      deb('libpam-runtime'),
    ]);
    expect(fixes).toMatchObject([
      {
        ...{ kind: 'base', change: 'update base image node:22-slim', worst: 'critical', place: { line: 1 } },
        packages: [{ name: 'libssl3' }, { name: 'libpam0g' }, { name: 'npm' }],
        removes: { counts: { critical: 1, high: 2 } },
      },
      { kind: 'system-source', change: 'upgrade libpam-modules to 1.5.2-6+deb12u1', place: { line: 7, endLine: 8 } },
      { kind: 'system-source', change: 'upgrade libpam-runtime to 1.5.2-6+deb12u1', place: undefined },
    ]);
  });

  test('all advisories of one package, each counted once, worst first', () => {
    const fixes = fixesFor([
      finding({ id: 'a', severity: 'low', fixedIn: ['1.2.4'] }),
      finding({ id: 'b', severity: 'critical', fixedIn: ['1.2.10'], title: 'Prototype pollution' }),
      finding({ id: 'b', severity: 'critical', fixedIn: ['1.2.10'] }),
    ]);
    expect(fixes).toMatchObject([
      {
        ...{ kind: 'package', change: 'upgrade minimist to 1.2.10', to: ['1.2.10'], worst: 'critical' },
        removes: {
          advisories: [{ id: 'b', severity: 'critical', title: 'Prototype pollution' }, { id: 'a' }],
          counts: { critical: 1, low: 1 },
        },
      },
    ]);
  });

  test('two versions of a package are two changes', () => {
    const older = finding({ package: { name: 'minimist', version: '0.1.0', type: 'npm' } });
    expect(fixesFor([finding(), older])).toHaveLength(2);
  });
});

test('blocking changes come first, then possible ones, then the worst, then those that fix most', () => {
  const fixes = fixesFor(
    [
      finding({ ...named('no-fix'), severity: 'critical', fixedIn: [], fix: 'not-fixed' }),
      finding({ ...named('one'), id: 'a' }),
      finding({ ...named('two'), id: 'a' }),
      finding({ ...named('two'), id: 'b' }),
      finding({ ...named('worst'), severity: 'critical' }),
      finding({ ...named('blocking'), severity: 'medium' }),
    ],
    ({ package: { name } }) => name === 'blocking',
  );
  expect(fixes.map(({ name, blocking }) => [name, blocking])).toEqual([
    ['blocking', true],
    ['worst', false],
    ['two', false],
    ['one', false],
    ['no-fix', false],
  ]);
});

test('a change does not claim to remove findings without a fix, and says why there is none', () => {
  const fixes = fixesFor([
    finding({ id: 'near' }),
    finding({ id: 'far', fixedIn: ['2.0.0'] }),
    finding({ id: 'never', fixedIn: [], fix: 'wont-fix' }),
    finding({ id: 'open', fixedIn: [], fix: 'not-fixed' }),
    finding({ id: 'somewhere', fixedIn: [], ...named('unversioned') }),
  ]);
  expect(fixes.map(({ state, change, removes }) => [state, change, removes.advisories[0]?.id])).toEqual([
    ['available', 'upgrade minimist to 1.2.4', 'near'],
    ['available', 'upgrade unversioned to a fixed version', 'somewhere'],
    ['other-line', 'upgrade minimist to 2.0.0 (another major version)', 'far'],
    ['wont-fix', 'replace or remove minimist: the vendor will not fix it', 'never'],
    ['none', 'replace or remove minimist: no fix yet', 'open'],
  ]);
});

test('a package without a fix in a base image is not fixed by a newer one', () => {
  const open = deb('libpam0g', { cause: BASE, fix: 'wont-fix', fixedIn: [] });
  expect(changes(fixesFor([open]))).toEqual(['replace or remove libpam0g: the vendor will not fix it']);
});

test("Go's standard library comes with the compiler", () => {
  const stdlib = finding({ package: { name: 'stdlib', version: 'go1.22.1', type: 'go-module' }, fixedIn: ['1.22.5'] });
  expect(changes(fixesFor([stdlib]))).toEqual(['build with Go 1.22.5']);
  const inLines = [
    ['1.22.5', '1.23.2'],
    ['1.22.10', '1.23.3'],
  ].map((fixedIn, at) => ({ ...stdlib, id: `CVE-2026-000${at}`, fixedIn }));
  expect(changes(fixesFor(inLines))).toEqual(['build with Go 1.22.10']);
});

describe('the line to change', () => {
  test('is in the file that declares the package, otherwise in the Dockerfile', () => {
    const declaredIn = { file: 'web/package-lock.json', line: 812, direct: false, via: 'express' };
    expect(fixesFor<LocatedFinding>([{ ...finding(), cause: RUN, declaredIn }])).toMatchObject([
      { declaredIn, place: { file: 'web/package-lock.json', line: 812 } },
    ]);
    expect(placeToChange({ cause: RUN })).toEqual({ file: 'Dockerfile', line: 7, endLine: 8 });
    expect(placeToChange({ declaredIn: { file: 'go.mod' } })).toEqual({ file: 'go.mod', line: 1 });
    expect(placeToChange({})).toBeUndefined();
  });
});

test('texts are bounded', () => {
  const long = 'x'.repeat(100_000);
  const [fix] = fixesFor([finding({ id: long, package: { name: long, version: long, type: long }, fixedIn: [long] })]);
  expect(JSON.stringify({ ...fix, findings: [] }).length).toBeLessThan(1500);
});

import { expect, test } from '@jest/globals';
import { finding } from '../gate/sound.fixture.ts';
import { NEXT_STEP } from './next-step.ts';
import { remediesFor } from './remedies.ts';

const named = (name: string) => ({ package: { name, version: '1.0.0', type: 'npm' } });

test('one remedy for a package, with all that it closes, worst first', () => {
  const remedies = remediesFor([
    finding({ id: 'a', severity: 'low', fixedIn: ['1.0.1'] }),
    finding({ id: 'b', severity: 'critical', fixedIn: ['1.0.2'] }),
    finding({ id: 'b', severity: 'critical', fixedIn: ['1.0.2'] }),
  ]);
  expect(remedies).toMatchObject([{ advisories: ['b', 'a'], worst: 'critical', fixedIn: ['1.0.2', '1.0.1'] }]);
});

test('what can be mended comes first, then the worst, then what closes most', () => {
  const remedies = remediesFor([
    finding({ ...named('no-fix'), severity: 'critical', fixedIn: [], fix: 'not-fixed' }),
    finding({ ...named('one'), id: 'a' }),
    finding({ ...named('two'), id: 'a' }),
    finding({ ...named('two'), id: 'b' }),
    finding({ ...named('worst'), severity: 'critical' }),
  ]);
  expect(remedies.map((remedy) => remedy.package.name)).toEqual(['worst', 'two', 'one', 'no-fix']);
});

test('an upgrade does not claim to close what has no fix', () => {
  const remedies = remediesFor([finding({ id: 'fixed' }), finding({ id: 'open', fixedIn: [], fix: 'not-fixed' })]);
  expect(remedies.map(({ advisories, fixedIn }) => [advisories, fixedIn])).toEqual([
    [['fixed'], ['1.2.4']],
    [['open'], []],
  ]);
});

test('an upgrade to another release line is no fix of what is here', () => {
  const remedies = remediesFor([finding({ id: 'near' }), finding({ id: 'far', fixedIn: ['2.0.0'] })]);
  expect(remedies.map(({ advisories, fixedIn, onlyIn }) => [advisories, fixedIn, onlyIn])).toEqual([
    [['near'], ['1.2.4'], []],
    [['far'], [], ['2.0.0']],
  ]);
});

test('two versions of a package are two things to do', () => {
  const older = finding({ package: { name: 'minimist', version: '0.1.0', type: 'npm' } });
  expect(remediesFor([finding(), older])).toHaveLength(2);
});

test('every rule has a next step', () => {
  expect(Object.values(NEXT_STEP).every((step) => /^[A-Z].*\.$/.test(step))).toBe(true);
});

import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../image/digest.ts';
import { baseImageOf } from './base-image.ts';
import type { BuildStep } from './origin.ts';

const [a, b, c, pin, other] = [digestOf('a'), digestOf('b'), digestOf('c'), digestOf('pin'), digestOf('other')];
const FILE = 'FROM debian:12\nRUN one';
const LINE = [{ image: 'debian:12', line: 1 }];

const taken = (name: string, chains: BuildStep['chains'] = [[a, b]], more: object = {}): BuildStep => ({
  chains,
  lines: [],
  image: { name, digest: pin, ...more },
});
const run: BuildStep = { chains: [[a, b, c]], lines: [2] };

describe('the base of an image', () => {
  test.each([
    ['docker.io/library/debian:12', 'docker.io/library/debian:12'],
    ['docker.io/library/debian', `docker.io/library/debian@${pin}`],
    ['127.0.0.1:5000/bases/debian:12', '127.0.0.1:5000/bases/debian:12'],
  ])('%s is what its lowest layer came with', (name, shown) => {
    expect(baseImageOf([a, b, c], [taken(name), run], FILE, LINE)).toEqual({ name: shown, digest: pin });
  });

  test('is that of the last stage, whatever else the build took', () => {
    const tools = taken('docker.io/library/golang:1.26', [[other]]);
    const base = taken('docker.io/library/debian:12');
    expect(baseImageOf([a, b, c], [tools, base, run], FILE, LINE)?.name).toBe('docker.io/library/debian:12');
  });

  test('is the image that replaces that of the FROM line', () => {
    expect(baseImageOf([a, b, c], [taken('ghcr.io/acme/debian:12-fips'), run], FILE, LINE)?.name).toBe(
      'ghcr.io/acme/debian:12-fips',
    );
  });

  test('is that of the FROM line where layers were packed anew, or the base has none', () => {
    const base = taken('docker.io/library/debian:12');
    expect(baseImageOf([other, c], [base], FILE, LINE)?.name).toBe('docker.io/library/debian:12');
    expect(baseImageOf([], [base], FILE, LINE)?.name).toBe('docker.io/library/debian:12');
    expect(baseImageOf([other], [base], FILE, [{ image: 'alpine', line: 1 }])).toBeUndefined();
  });

  test('is nothing from scratch, though another stage had one', () => {
    const tools = taken('docker.io/library/golang:1.26', [[other]]);
    const copy: BuildStep = { chains: [[c]], lines: [3] };
    expect(
      baseImageOf([c], [tools, copy], 'FROM golang\nFROM scratch\nCOPY --from=0 a a', [{ image: 'scratch', line: 2 }]),
    ).toBeUndefined();
  });

  test('is nothing that only this machine has', () => {
    expect(
      baseImageOf([a, b, c], [taken('docker.io/library/debian:12', [[a, b]], { local: true }), run], FILE, LINE),
    ).toBeUndefined();
  });

  test('is nothing where BuildKit names what is no reference', () => {
    expect(baseImageOf([a, b, c], [taken('Not A Name'), run], FILE, LINE)).toBeUndefined();
  });
});

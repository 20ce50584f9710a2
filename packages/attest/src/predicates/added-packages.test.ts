import { expect, test } from '@jest/globals';
import type { LanguagePackage } from '@tidegate/core';
import { addedParameter, canAdd, readAdded, withPackages } from './added-packages.ts';

const of = (type: LanguagePackage['type'], name: string, version: string): LanguagePackage => ({
  ...{ type, name, version },
  ...{ path: '/app/x', layer: 1 },
});

test('packages follow those of the document, and everything else stays', () => {
  const document = { artifacts: [{ id: 'a', name: 'kept', more: 1 }], source: { id: 's' } };
  const bytes = Buffer.from(JSON.stringify(document));
  const packages = [of('npm', '@acme/x y', '1.0.0+b'), of('gem', 'rack', '2'), of('python', 'p', '3')];
  const made = JSON.parse(Buffer.from(withPackages(bytes, packages)).toString('utf8'));
  expect({ ...made, artifacts: made.artifacts.slice(0, 1) }).toEqual(document);
  expect(made.artifacts.slice(1)).toMatchObject([
    { name: '@acme/x y', version: '1.0.0+b', type: 'npm', purl: 'pkg:npm/%40acme/x%20y@1.0.0%2Bb' },
    { name: 'rack', type: 'gem', language: 'ruby', purl: 'pkg:gem/rack@2' },
    { name: 'p', type: 'python', purl: 'pkg:pypi/p@3' },
  ]);
  expect(new Set(made.artifacts.map(({ id }: { id: string }) => id)).size).toBe(4);
  expect(withPackages(bytes, [])).toBe(bytes);
});

test('the parameter of a scan says the packages, and nothing else is read as one', () => {
  const packages = [{ type: 'npm', name: 'a=b,"c', version: '1' }];
  expect(readAdded(addedParameter(packages))).toEqual(packages);
  for (const text of [
    '',
    '{}',
    '[["npm","a"]]',
    '[["npm","a","1","x"]]',
    '[["npm","a",1]]',
    `[${'["n","a","1"],'.repeat(200)}["n","a","1"]]`,
  ]) {
    expect(() => readAdded(text)).toThrow(/packages that the scan added/);
  }
});

test('a name that no registry would take is not added', () => {
  expect(canAdd(of('npm', 'x'.repeat(401), '1'))).toBe(false);
  expect(canAdd(of('npm', 'x', '1'))).toBe(true);
});

test('a package that Grype matches only by CPE is not added', () => {
  expect(canAdd(of('conda', 'openssl', '1.1.1a'))).toBe(false);
  expect(canAdd(of('php-composer', 'acme/x', '1'))).toBe(false);
});

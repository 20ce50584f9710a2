// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of Gradle
import { describe, expect, test } from '@jest/globals';
import { declaringPaths, entriesIn } from './files.ts';

/** `g:a 1.0 build.gradle:2` */
const named = (files: Readonly<Record<string, string>>, most?: number) =>
  entriesIn(
    Object.entries(files).map(([path, text]) => ({ path, text })),
    most,
  ).map(({ name, version = '?', path, line }) => `${name} ${version} ${path}:${line}`);

const GRADLE = 'dependencies {\n  implementation "g:a:$aVersion"\n}\n';

describe('a version that is a variable is changed where the variable has its value', () => {
  test.each<[string, string, string]>([
    ['ext { aVersion = "1.0" }', 'in a block', 'g:a:$aVersion'],
    ["ext.aVersion = '1.0'", 'alone', 'g:a:${aVersion}'],
    ["ext['a.version'] = '1.0'", 'with dots', "g:a:${property('a.version')}"],
    ["def aVersion = '1.0'", 'of Groovy', 'g:a:" + aVersion'],
    ["project.ext.set('aVersion', '1.0')", 'that is set', 'g:a:${rootProject.ext.aVersion}'],
    ['val aVersion = "1.0"', 'of Kotlin', 'g:a:$aVersion'],
    ['val aVersion by extra("1.0")', 'of Kotlin as a property', 'g:a:$aVersion'],
    ['extra["aVersion"] = "1.0"', 'of Kotlin in a map', 'g:a:${project.extra["aVersion"]}'],
    ["ext.versions = [ b: '2.0', aVersion: '1.0' ]", 'in a map', 'g:a:${versions.aVersion}'],
    ["versions.a = '1.0'", 'of a map', 'g:a:$versions.a'],
  ])('%s: %s', (definition, _, use) => {
    expect(named({ 'build.gradle': `${definition}\nimplementation "${use}"\n` })).toEqual(['g:a 1.0 build.gradle:1']);
  });

  test.each([
    ["implementation group: 'g', name: 'a', version: '1.0'", 'g:a 1.0 build.gradle:1'],
    ["implementation group: 'g', name: 'a', version: aVersion\naVersion = '1.0'", 'g:a 1.0 build.gradle:2'],
    ['implementation(group = "g", name = "a", version = "$aVersion")\nval aVersion = "1.0"', 'g:a 1.0 build.gradle:2'],
    ["implementation group: 'g', name: 'a'", 'g:a ? build.gradle:1'],
    ['implementation "g:a:$unknown"', 'g:a ? build.gradle:1'],
    ["implementation 'g:a:1.+'", 'g:a ? build.gradle:1'],
    ["implementation 'g:a:latest.release'", 'g:a ? build.gradle:1'],
    ["// aVersion = '0.9'\nimplementation 'g:a:1.0'", 'g:a 1.0 build.gradle:2'],
  ])('%j: %s', (text, expected) => expect(named({ 'build.gradle': text })).toEqual([expected]));

  test('in the same file, otherwise in the nearest folder above', () => {
    const properties = 'org.gradle.caching=true\naVersion = 1.0\n';
    const files = { 'app/web/build.gradle': GRADLE, 'gradle.properties': properties };
    expect(named(files)).toEqual(['g:a 1.0 gradle.properties:2']);
    const nearer = { ...files, 'app/gradle.properties': 'aVersion=2.0' };
    expect(named(nearer)).toEqual(['g:a 2.0 app/gradle.properties:1']);
    const same = { ...nearer, 'app/web/build.gradle': `${GRADLE}ext { aVersion = '3.0' }` };
    expect(named(same)).toEqual(['g:a 3.0 app/web/build.gradle:4']);
  });

  test('otherwise in a script that the build applies', () => {
    expect(named({ 'build.gradle': GRADLE, 'gradle/versions.gradle': "ext { aVersion = '1.0' }" })).toEqual([
      'g:a 1.0 gradle/versions.gradle:1',
    ]);
  });

  test('not in a file of another tool', () => {
    const pom = '<properties>\n<aVersion>1.0</aVersion>\n</properties>';
    expect(named({ 'build.gradle': GRADLE, 'pom.xml': pom })).toEqual(['g:a ? build.gradle:2']);
  });

  test('in the pom.xml above', () => {
    const of = (version: string) =>
      `<dependency>\n<groupId>g</groupId>\n<artifactId>a</artifactId>\n<version>\${${version}}</version>\n</dependency>\n`;
    const parent = '<version>7</version>\n<properties>\n<a.version>1.0</a.version>\n</properties>\n';
    expect(named({ 'web/pom.xml': of('a.version'), 'pom.xml': parent })).toEqual(['g:a 1.0 pom.xml:3']);
    expect(named({ 'pom.xml': `${parent}${of('project.version')}` })).toEqual(['g:a ? pom.xml:8']);
  });

  test.each([
    ['a = "g:a:1.0"', 'g:a 1.0 gradle/libs.versions.toml:5'],
    ['a = { module = "g:a", version = "1.0" }', 'g:a 1.0 gradle/libs.versions.toml:5'],
    [
      'a = { group = "g", name = "a", version = { strictly = "[1,2[", prefer = "1.0" } }',
      'g:a 1.0 gradle/libs.versions.toml:5',
    ],
    ['a = { module = "g:a", version.ref = "own" }', 'g:a 1.5 gradle/libs.versions.toml:2'],
    ['a = { module = "g:a", version = { ref = "rich" } }', 'g:a 1.6 gradle/libs.versions.toml:3'],
    ['a = { module = "g:a" }', 'g:a ? gradle/libs.versions.toml:5'],
    ['a = { module = "g:a", version.ref = "none" }', 'g:a ? gradle/libs.versions.toml:5'],
  ])('in a version catalog: %s', (library, expected) => {
    const versions = '[versions]\nown = "1.5"\nrich = { require = "1.6" }\n';
    const catalog = `${versions}[libraries]\n${library}\n[plugins]\nno = { id = "x", version = "1.0" }\n`;
    expect(named({ 'gradle/libs.versions.toml': catalog })).toEqual([expected]);
  });
});

describe('nothing is named where the files have too many', () => {
  test.each<[string, string]>([
    ['variables', "a='1'\nb='1'\n"],
    ['packages', '"g:b:1"\n"g:c:1"\n'],
  ])('%s', (_, text) => {
    const files = { 'other.gradle': "implementation 'g:a:1.0'", 'build.gradle': text, 'web/build.gradle': text };
    expect(named(files, 5)[0]).toBe('g:a 1.0 other.gradle:1');
    expect(named(files, 3)).toEqual([]);
  });
});

describe('the files that are read', () => {
  const paths = [
    'deep/er/yarn.lock',
    'deep/er/package.json',
    'web/package.json',
    'yarn.lock',
    'package.json',
    'go.mod',
  ];

  test('are those of the types of packages, each with what says what the project requires', () => {
    expect(declaringPaths(paths, new Set(['npm']), 40)).toEqual([
      'yarn.lock',
      'package.json',
      'deep/er/yarn.lock',
      'deep/er/package.json',
    ]);
    expect(declaringPaths(paths, new Set(['go-module', 'rpm']), 40)).toEqual(['go.mod']);
  });

  test('are not more than may be, those nearest to the top', () => {
    expect(declaringPaths(paths, new Set(['npm']), 3)).toEqual(['yarn.lock', 'package.json', 'deep/er/yarn.lock']);
    expect(declaringPaths(paths, new Set(['npm']), 1)).toEqual(['yarn.lock']);
  });
});

import { expect, test } from '@jest/globals';
import { readDeclared } from './declared.ts';
import type { ListKind } from './listed.ts';

const read = (kind: ListKind, text: string | Buffer, path = '/list') =>
  readDeclared(kind, Buffer.from(text as string), path).map(({ name, version }) => `${name} ${version}`);

test.each<[what: string, kind: ListKind, text: string]>([
  ['a package.json', 'npm', '{"name":"a","version":"1"}'],
  ['an author that is a number', 'npm', '{"author":5,"name":"a","version":"1"}'],
  ['dependencies that are a list', 'npm', '{"name":"a","version":"1","dependencies":["b"]}'],
  ['a second name, the last one counts', 'npm', '{"name":5,"name":"a","version":"1"}'],
  ['a name in another case is another field', 'npm', '{"name":"a","version":"1","Name":"b","VERSION":2}'],
  ['a byte order mark', 'npm', '\uFEFF{"name":"a","version":"1"}'],
  ['METADATA', 'python', 'Metadata-Version: 2.1\nName: a\nVersion: 1\n\nName: b\n'],
  ['a field that Syft takes for another', 'python', 'Name: a\nVersion: 1\nRequires-dist: b\n'],
  ['the first of two names counts', 'python', 'Name: a\nVersion: 1\nNa-me: b\nName: c\n'],
  ['lines that end in a carriage return alone', 'python', 'Metadata-Version: 2.1\rName: a\rVersion: 1\r\rName: b\r'],
  ['a folded name', 'python', 'Name:\n a\nVersion:\n\t1\nSummary: b\n Version: 2\n'],
  ['what is folded below another field', 'python', 'Summary: b\n Name: b\nName: a\nVersion: 1\n'],
  ['a byte order mark before headers', 'python', '\uFEFFName: a\r\nVersion: 1\r\n\r\n'],
  ['a continuation of nothing', 'python', ' x\nname: a\nVERSION: 1\n'],
  ['a field of a type of its own', 'python', 'Files: x\nName: a\nVersion: 1\n'],
  ['a gemspec', 'gem', 'Gem::Specification.new do |s|\n  s.name = "a".freeze\n  s.version = "1".freeze\nend\n'],
  ['a comment', 'gem', "s.name = 'a'\ns.version = '1'\n# s.na.freezeme = \"b\"\n# s.name = 'c'\n"],
  ['lines of Windows', 'gem', 's.name = "a".freeze\r\ns.version = "1".freeze\r\n'],
  ['a version object', 'gem', 's.name = %q{a}\ns.version = Gem::Version.new("1")\n'],
  ['a long line', 'gem', `# ${'x'.repeat(70_000)}\ns.name = "a"\ns.version = "1"\n`],
  ['installed.json', 'composer', '{"packages":[{"name":"a","version":"1","authors":[5]}]}'],
  ['installed.json of Composer 1', 'composer', '[{"name":"a","version":"1","license":"MIT"}]'],
  ['conda', 'conda', '{"name":"a","version":"1","build":0}'],
])('%s', (_, kind, text) => {
  expect(read(kind, text)).toEqual(['a 1']);
});

test.each<[what: string, kind: ListKind, text: string | Buffer]>([
  ['without a version', 'npm', '{"name":"a"}'],
  ['an empty name', 'npm', '{"name":"","version":"1"}'],
  ['a version that is no text', 'npm', '{"name":"a","version":1}'],
  ['no JSON', 'npm', '{"name":"a","version":"1"} x'],
  ['nothing', 'composer', 'null'],
  ['the interpreter', 'python', 'Name: Python\nVersion: 2.7\n'],
  ['no headers', 'python', Buffer.from([0, 255, 254])],
  ['a name that is computed', 'gem', 's.name = name\ns.version = "1"\n'],
  ['a list of a system', 'dpkg', 'Package: a\nVersion: 1\n'],
])('%s: none', (_, kind, text) => {
  expect(read(kind, text)).toEqual([]);
});

test.each<[what: string, file: string, text: string]>([
  ['a name that is computed', 'a-1.gemspec', 's.name = ["a"].join\ns.version = "1"\n'],
  ['a version that is computed', 'a-1.gemspec', 's.name = "a"\ns.version = V\n'],
  ['both, of a platform', 'a-1-x86_64-linux.gemspec', 'Gem::Specification.new(*WORDS)\n'],
  ['what it says, before what the file is called', 'b-2.gemspec', 's.name = "a"\ns.version = "1"\n'],
])('a gemspec is known by the name of its file as well: %s', (_, file, text) => {
  expect(read('gem', text, `/gems/specifications/${file}`)).toEqual(['a 1']);
});

test.each([
  ['net-http-persistent-4.0.2.gemspec', 'net-http-persistent 4.0.2'],
  ['nokogiri-1.13.0-x86_64-linux-musl.gemspec', 'nokogiri 1.13.0'],
  ['rails-7.1.0.rc1.gemspec', 'rails 7.1.0.rc1'],
])('%s: %s', (file, said) => {
  expect(read('gem', '', `/gems/specifications/${file}`)).toEqual([said]);
});

test.each(['bundler.gemspec', '-1.gemspec', 'a-b.gemspec'])('%s names no package by itself', (file) => {
  expect(read('gem', '', `/gems/specifications/${file}`)).toEqual([]);
});

import { describe, expect, test } from '@jest/globals';
import { said } from './image.fixture.ts';
import { readGemspec } from './languages.ts';

describe('gem', () => {
  const HOME = 'usr/local/bundle';
  const spec = (name: string, version: string) =>
    `Gem::Specification.new do |s|\n  s.name = "${name}".freeze\n  s.version = "${version}"\n  s.files = ["a", "b"]\nend\n`;
  const SPEC = `${HOME}/specifications/rack-2.0.0.gemspec`;
  const base = { [SPEC]: spec('rack', '2.0.0'), [`${HOME}/gems/rack-2.0.0/lib/rack.rb`]: 'x' };

  test('a gemspec that is deleted or edited fails, and gem update and cleanup pass', async () => {
    expect(await said(base, { [SPEC]: null })).toEqual([
      `/${SPEC}: package rack 2.0.0 removed from the list, its files remain (/${HOME}/gems/rack-2.0.0/lib/rack.rb) (1)`,
    ]);
    expect(await said(base, { [SPEC]: spec('rack', '9') })).toHaveLength(1);
    const newer = {
      [`${HOME}/specifications/rack-3.gemspec`]: spec('rack', '3'),
      [`${HOME}/gems/rack-3/lib/rack.rb`]: 'y',
    };
    expect(await said(base, newer)).toEqual([]);
    expect(await said(base, newer, { [SPEC]: null, [`${HOME}/gems/rack-2.0.0`]: null })).toEqual([]);
  });

  test("a gem of Ruby's own library", async () => {
    const own = 'usr/local/lib/ruby/gems/3.1.0/specifications/default/rexml-3.2.5.gemspec';
    const layer = { [own]: spec('rexml', '3.2.5'), 'usr/local/lib/ruby/3.1.0/rexml/document.rb': 'x' };
    expect(await said(layer, { [own]: null })).toEqual([
      `/${own}: package rexml 3.2.5 removed from the list, its files remain (/usr/local/lib/ruby/3.1.0/rexml/document.rb) (1)`,
    ]);
    expect(await said(layer, { 'usr/local/lib/ruby': null })).toEqual([]);
  });

  test('is read as Syft reads it', () => {
    const read = (text: string) => readGemspec(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`);
    expect(read(spec('a', '1'))).toEqual(['a 1']);
    expect(read(`${spec('a', '1')}s.name = 'b'\n`)).toEqual(['b 1']);
    expect(read(`s.name = "a"; s.name = "b"\ns.version = "1"\n`)).toEqual(['b 1']);
    expect(read('s.name = name\ns.version = "1"\n')).toEqual([]);
  });
});

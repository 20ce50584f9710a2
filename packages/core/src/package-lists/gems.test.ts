import { describe, expect, test } from '@jest/globals';
import { type Layer, said } from './image.fixture.ts';
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

  describe('a newer version of one of its own gems', () => {
    const [RUBY, OWN] = ['usr/local/lib/ruby', 'usr/local/lib/ruby/gems/3.1.0/specifications/default'];
    const [older, newer] = [`${OWN}/bundler-2.3.7.gemspec`, `${OWN}/bundler-2.6.0.gemspec`];
    const ruby: Layer = {
      [older]: spec('bundler', '2.3.7'),
      [`${RUBY}/3.1.0/bundler.rb`]: '2.3.7',
      [`${RUBY}/3.1.0/bundler/version.rb`]: '2.3.7',
      [`${RUBY}/gems/3.1.0/gems/bundler-2.3.7/exe/bundle`]: 'x',
      [`${OWN}/rexml-3.2.5.gemspec`]: spec('rexml', '3.2.5'),
      [`${RUBY}/3.1.0/rexml/document.rb`]: '3.2.5',
      [`${RUBY}/3.1.0/rexml/source.rb`]: 'x',
    };
    const specs = { [older]: null, [newer]: spec('bundler', '2.6.0') };

    test.each(['usr/local/lib/ruby/site_ruby/3.1.0', 'usr/local/lib/site_ruby/3.1.0'])(
      'gem update --system writes bundler to %s, and passes',
      async (site) => {
        const files = { [`${site}/bundler.rb`]: '2.6.0', [`${site}/bundler/version.rb`]: '2.6.0' };
        expect(await said(ruby, { ...specs, ...files })).toEqual([]);
      },
    );

    test('a library that is written again passes, though some files stay as they were', async () => {
      const layer = {
        [`${OWN}/rexml-3.2.5.gemspec`]: null,
        [`${OWN}/rexml-3.2.6.gemspec`]: spec('rexml', '3.2.6'),
        [`${RUBY}/3.1.0/rexml/document.rb`]: '3.2.6',
      };
      expect(await said(ruby, layer)).toEqual([]);
    });

    test('a specification alone fails', async () => {
      expect(await said(ruby, specs)).toEqual([
        `/${older}: package bundler 2.3.7 became bundler 2.6.0 in the list, its files did not change (/${RUBY}/gems/3.1.0/gems/bundler-2.3.7/exe/bundle) (1)`,
      ]);
      expect(await said({ ...ruby, [newer]: spec('bundler', '2.6.0') }, { [older]: null })).toEqual([
        expect.stringContaining('package bundler 2.3.7 removed from the list, its files remain'),
      ]);
    });
  });

  test('is read as Syft reads it', () => {
    const read = (text: string) => readGemspec(Buffer.from(text)).map(({ name, version }) => `${name} ${version}`);
    expect(read(spec('a', '1'))).toEqual(['a 1']);
    expect(read(`${spec('a', '1')}s.name = 'b'\n`)).toEqual(['b 1']);
    expect(read(`s.name = "a"; s.name = "b"\ns.version = "1"\n`)).toEqual(['b 1']);
    expect(read('s.name = name\ns.version = "1"\n')).toEqual([]);
  });
});

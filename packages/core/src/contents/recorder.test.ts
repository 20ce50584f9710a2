import { describe, expect, test } from '@jest/globals';
import { contentsOf, type Entry } from './contents.fixture.ts';
import { layerPath, whiteoutOf } from './layer-path.ts';

const KEY = `-----BEGIN PRIVATE KEY-----\n${'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu'.repeat(2)}\n`;
const secret = (path: string): Entry => ({ path, content: KEY });
const program = (path: string): Entry => ({ path, mode: 0o755, content: 'x' });

const told = (...layers: readonly (readonly (Entry | string)[])[]) =>
  contentsOf(layers).traces.map(({ kind, path, layer, hiddenBy }) =>
    [kind, path, layer, ...(hiddenBy === undefined ? [] : [`hidden by ${hiddenBy}`])].join(' '),
  );

describe('a path is cleaned as containerd cleans it', () => {
  test.each([
    ['etc/passwd', '/etc/passwd'],
    ['/etc/passwd', '/etc/passwd'],
    ['./etc/', '/etc'],
    ['a//b/./c', '/a/b/c'],
    ['../../etc/passwd', '/etc/passwd'],
    ['a/../../b', '/b'],
    ['..', '/'],
    ['', '/'],
    ['./', '/'],
    ['a/..b/.c', '/a/..b/.c'],
    ['C:\\x', '/C:\\x'],
  ])('%j is %j', (name, path) => {
    expect(layerPath(name)).toBe(path);
  });

  test.each([
    ['/a/.wh.b', { kind: 'path', path: '/a/b' }],
    ['/.wh.b', { kind: 'path', path: '/b' }],
    ['/a/.wh..wh..opq', { kind: 'opaque', folder: '/a' }],
    ['/.wh..wh..opq', { kind: 'opaque', folder: '/' }],
    ['/.wh..wh.plnk', { kind: 'ignored' }],
    ['/a/.wh.', { kind: 'ignored' }],
    ['/a/.wh...', { kind: 'ignored' }],
    ['/a/b', undefined],
  ])('%s is %j', (path, expected) => {
    expect(whiteoutOf(path)).toEqual(expected);
  });
});

describe('layers over layers', () => {
  test.each<[string, readonly (readonly (Entry | string)[])[], readonly string[]]>([
    ['a secret that stays', [[secret('a/key')]], ['secret /a/key 0']],
    ['a secret deleted later', [[secret('a/key')], ['a/.wh.key']], ['secret /a/key 0 hidden by 1']],
    ['a folder deleted later', [[secret('a/b/key')], ['.wh.a']], ['secret /a/b/key 0 hidden by 1']],
    ['a folder made opaque', [[secret('a/b/key')], ['a/', 'a/.wh..wh..opq']], ['secret /a/b/key 0 hidden by 1']],
    ['the root made opaque', [[secret('key')], ['.wh..wh..opq']], ['secret /key 0 hidden by 1']],
    [
      'an opaque folder keeps what its own layer brings',
      [['a/'], [secret('a/key'), 'a/.wh..wh..opq']],
      ['secret /a/key 1'],
    ],
    ['a file in the place of another', [[secret('key')], ['key']], ['secret /key 0 hidden by 1']],
    ['a file in the place of a folder', [[secret('a/key')], ['a']], ['secret /a/key 0 hidden by 1']],
    [
      'a link in the place of a folder',
      [[secret('a/key')], [{ path: 'a', type: 'symlink' }]],
      ['secret /a/key 0 hidden by 1'],
    ],
    ['a folder over a folder keeps what is in it', [[secret('a/key')], ['a/']], ['secret /a/key 0']],
    ['a neighbour whose name begins alike', [[secret('ab/key')], ['.wh.a']], ['secret /ab/key 0']],
    ['a whiteout of another name that is not UTF-8', [[secret('\udcff')], ['.wh.\udcfe']], ['secret /\ufffd 0']],
    [
      'a whiteout of the same name that is not UTF-8',
      [[secret('\udcff')], ['.wh.\udcff']],
      ['secret /\ufffd 0 hidden by 1'],
    ],
    ['a whiteout of nothing', [[secret('key')], ['.wh.other']], ['secret /key 0']],
    [
      'a whiteout and the same name in one layer',
      [[secret('key')], ['.wh.key', secret('key')]],
      ['secret /key 0 hidden by 1', 'secret /key 1'],
    ],
    [
      'deleted, then brought back',
      [[secret('key')], ['.wh.key'], [secret('key')]],
      ['secret /key 0 hidden by 1', 'secret /key 2'],
    ],
    [
      'setuid taken away',
      [[{ path: 'su', mode: 0o4755 }], [{ path: 'su', mode: 0o755 }]],
      ['setuid /su 0 hidden by 1'],
    ],
    ['a whiteout below a climbing name', [[secret('key')], ['../../.wh.key']], ['secret /key 0 hidden by 1']],
  ])('%s', (_, layers, expected) => {
    expect(told(...layers)).toEqual(expected);
  });
});

describe('recorded files', () => {
  test.each<[Entry, readonly string[]]>([
    [{ path: 'bin/su', mode: 0o4755 }, ['setuid /bin/su 0']],
    [{ path: 'bin/wall', mode: 0o2755 }, ['setuid /bin/wall 0']],
    [{ path: 'bin/x', mode: 0o4755, type: 'hardlink' }, ['setuid /bin/x 0']],
    [{ path: 'tmp/', mode: 0o2777 }, []],
    [{ path: 'tmp/', mode: 0o1777 }, []],
    [program('bin/sh'), ['shell /bin/sh 0']],
    [{ path: 'bin/sh', type: 'symlink' }, ['shell /bin/sh 0']],
    [program('usr/local/bin/pip3.11'), ['package-manager /usr/local/bin/pip3.11 0']],
    [program('usr/bin/apt-get'), ['package-manager /usr/bin/apt-get 0']],
    [program('sbin/apk'), ['package-manager /sbin/apk 0']],
    [{ path: 'bin/sh', mode: 0o644 }, []],
    [program('usr/share/doc/sh'), []],
    [program('usr/bin/ssh'), []],
    [program('usr/bin/dpkg-query'), []],
    [{ path: 'dev/sda', type: 'device' }, ['device /dev/sda 0']],
    [{ path: 'var/lib/mysql/ibdata1' }, ['state /var/lib/mysql/ibdata1 0']],
    [{ path: 'var/lib/mysql/' }, []],
    [{ path: 'var/lib/mysqlx/file' }, []],
  ])('%j', (one, expected) => {
    expect(told([one])).toEqual(expected);
  });

  test('files under a volume of the image are state', () => {
    const { traces, statePaths } = contentsOf([['srv/x', 'var/y']], {
      config: { Volumes: { '/srv/': {} } },
      statePaths: ['/var'],
    });
    expect(traces.map(({ path }) => path)).toEqual(['/srv/x', '/var/y']);
    expect(statePaths).toEqual(['/var', '/srv']);
  });

  test('secrets of the config', () => {
    const { traces } = contentsOf([], { config: { Env: ['DB_PASSWORD=correct-horse'] } });
    expect(traces).toEqual([{ kind: 'secret', path: 'image config', layer: -1, what: 'value of DB_PASSWORD' }]);
  });
});

describe('a hostile image', () => {
  test('of a hundred thousand programs fills no memory, and says that it was too many', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => ({ path: `bin/${at}/sh`, mode: 0o4755 }));
    const { traces, overflow } = contentsOf([many]);
    expect(traces).toHaveLength(1000);
    expect(overflow).toEqual(['setuid']);
  });

  test('that deletes one folder again and again is read in a moment', () => {
    const many = [secret('a/key'), ...Array.from({ length: 900 }, (_, at) => secret(`b/${at}/key`))];
    const whiteouts = Array.from({ length: 300_000 }, () => '.wh.a');
    const started = process.cpuUsage();
    contentsOf([many, whiteouts]);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(2500);
  });

  test('with a name of a megabyte', () => {
    const [trace] = contentsOf([[{ path: 'x'.repeat(1 << 20), mode: 0o4755 }]]).traces;
    expect(trace?.path.length).toBeLessThan(1100);
  });

  test.each([
    [{ rootfs: { diff_ids: [] }, config: { User: 5 } }],
    [{ rootfs: { diff_ids: ['sha256:ABC'] } }],
    [{ rootfs: { diff_ids: [] }, config: { Labels: { a: 1 } } }],
    [{ rootfs: { diff_ids: [] }, config: { Env: 'A=b' } }],
    [[]],
  ])('with the config %j', async (config) => {
    const { readConfig } = await import('./config-facts.ts');
    expect(() => readConfig(config, 0, 'config')).toThrow(expect.objectContaining({ kind: 'integrity' }));
  });
});

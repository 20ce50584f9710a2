import { describe, expect, test } from '@jest/globals';
import type { TarEntry } from '@tidegate/oci';
import { goMode, ImageFiles } from './image-files.ts';

const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({
  ...{ path, type: path.endsWith('/') ? 'directory' : 'file', mode: 0o644, uid: 0, gid: 0, size: 0, link: '' },
  time: '0',
  ...more,
});

function filesOf(...layers: readonly (readonly (TarEntry | string)[])[]): ImageFiles {
  const files = new ImageFiles();
  for (const [at, layer] of layers.entries()) {
    for (const one of layer) files.add(typeof one === 'string' ? entry(one) : one, at);
  }
  return files;
}

const link = (path: string, to: string) => entry(path, { type: 'symlink', link: to, mode: 0o777 });

describe('a file', () => {
  test('is that of the highest layer', () => {
    const files = filesOf(['etc/', 'etc/app.conf'], [entry('./etc/app.conf', { mode: 0o600, uid: 7 })]);
    expect(files.find('/etc/app.conf')).toMatchObject({ layer: 1, mode: 0o600, uid: 7 });
    expect(files.find('etc//./app.conf/')).toMatchObject({ layer: 1 });
    expect(files.find('/etc/other')).toBeUndefined();
  });

  test.each([
    ['its whiteout', ['etc/.wh.app.conf']],
    ['the whiteout of its folder', ['.wh.etc']],
    ['an opaque folder', ['etc/', 'etc/.wh..wh..opq']],
    ['a file in place of its folder', ['etc']],
  ])('is hidden by %s', (_, layer) => {
    expect(filesOf(['etc/', 'etc/app.conf'], layer).find('/etc/app.conf')).toBeUndefined();
  });

  test('of the same layer as a whiteout is not hidden by it, in any order', () => {
    for (const layer of [
      ['etc/.wh..wh..opq', 'etc/new'],
      ['etc/new', 'etc/.wh..wh..opq'],
      ['.wh.etc', 'etc/', 'etc/new'],
    ]) {
      const files = filesOf(['etc/', 'etc/old'], layer);
      expect(files.find('/etc/new')).toBeDefined();
      expect(files.find('/etc/old')).toBeUndefined();
    }
  });

  test('that is whited out and comes again is there', () => {
    expect(filesOf(['a'], ['.wh.a'], ['a']).find('/a')).toMatchObject({ layer: 2 });
  });
});

describe('a link', () => {
  const files = filesOf([
    ...['usr/', 'usr/bin/', 'usr/bin/sh', 'etc/passwd'],
    ...[link('bin', 'usr/bin'), link('etc/self', '../etc'), link('a', '/b'), link('b', 'a')],
    link('out', '../../../../etc/passwd'),
  ]);

  test('among the folders is followed, the last one only on request', () => {
    expect(files.find('/bin/sh')).toMatchObject({ path: '/usr/bin/sh' });
    expect(files.find('/bin')).toMatchObject({ type: 'symlink' });
    expect(files.find('/bin', true)).toMatchObject({ path: '/usr/bin' });
    expect(files.find('/etc/self/self/passwd')).toMatchObject({ path: '/etc/passwd' });
  });

  test('out of the image ends at its root', () => {
    expect(files.find('/out', true)).toMatchObject({ path: '/etc/passwd' });
  });

  test('to itself leads nowhere', () => {
    expect(files.find('/a', true)).toBeUndefined();
    expect(files.find('/a/b')).toBeUndefined();
  });
});

test('the content of a hard link is where it points to', () => {
  const files = filesOf(['a', entry('b', { type: 'hardlink', link: 'a' })]);
  const found = files.find('/b');
  expect(found && files.content(found)).toMatchObject({ path: '/a', type: 'file' });
});

/** As printed by Go: fs.FileMode.String. */
test.each([
  ['file', 0o644, '-rw-r--r--'],
  ['file', 0o4755, 'urwxr-xr-x'],
  ['file', 0o2755, 'grwxr-xr-x'],
  ['directory', 0o755, 'drwxr-xr-x'],
  ['directory', 0o1777, 'dtrwxrwxrwx'],
  ['symlink', 0o777, 'Lrwxrwxrwx'],
] as const)('a %s of mode %i is %s', (type, mode, shown) => {
  expect(goMode({ type, mode })).toBe(shown);
});

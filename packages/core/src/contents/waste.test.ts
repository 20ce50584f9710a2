import { describe, expect, test } from '@jest/globals';
import { contentsOf, type Entry } from './contents.fixture.ts';
import { WasteCounter } from './waste.ts';

const file = (path: string, size: number): Entry => ({ path, size });
const wasted = (...layers: readonly (readonly (Entry | string)[])[]) =>
  contentsOf(layers).layers.map((layer) => (layer.wasted ?? []).map(({ by, bytes }) => `${bytes} by ${by}`).join(', '));

describe('bytes that later layers delete or replace', () => {
  test.each<[string, readonly (readonly (Entry | string)[])[], readonly string[]]>([
    ['nothing', [[file('a', 5)], [file('b', 3)]], ['', '']],
    ['a deleted file', [[file('a/b', 5)], ['a/.wh.b']], ['5 by 1', '']],
    ['a replaced file, as chmod does', [[file('a', 5)], [file('a', 5)]], ['5 by 1', '']],
    ['a deleted folder', [[file('a/b', 5), file('a/c/d', 2), file('e', 1)], ['.wh.a']], ['7 by 1', '']],
    ['an opaque folder', [[file('a/b', 5)], ['a/', 'a/.wh..wh..opq', file('a/c', 2)]], ['5 by 1', '']],
    ['an opaque root', [[file('a/b', 5)], ['.wh..wh..opq']], ['5 by 1', '']],
    ['a folder in the place of a file', [[file('a', 5)], ['a/']], ['5 by 1', '']],
    ['a folder over a folder keeps its files', [[file('a/b', 5)], ['a/']], ['', '']],
    ['a link in the place of a folder', [[file('a/b', 5)], [{ path: 'a', type: 'symlink', size: 0 }]], ['5 by 1', '']],
    ['a layer does not delete its own files', [[file('x', 1)], [file('a', 5), '.wh.a']], ['', '']],
    ['a layer that repeats a file wastes nothing', [[file('a', 5), file('a', 4)], ['.wh.a']], ['4 by 1', '']],
    ['each byte once', [[file('a', 5)], ['.wh.a'], ['.wh.a', '.wh..wh..opq']], ['5 by 1', '', '']],
    ['by several layers', [[file('a', 5), file('b', 3)], ['.wh.a'], [file('b', 3)]], ['5 by 1, 3 by 2', '', '']],
    ['of several layers', [[file('a', 5)], [file('b', 3)], ['.wh.a', '.wh.b']], ['5 by 2', '3 by 2', '']],
  ])('%s', (_, layers, expected) => expect(wasted(...layers)).toEqual(expected));
});

test('beyond the limit it is unknown, not zero', () => {
  const counter = new WasteCounter(3);
  counter.entry('/a', false, 5);
  counter.endLayer();
  counter.entry('/a', false, 5);
  expect(counter.of(0)).toEqual([{ by: 1, bytes: 5 }]);
  for (const name of ['b', 'c', 'd', 'e']) counter.entry(`/${name}`, false, 1);
  counter.endLayer();
  expect(counter.of(0)).toBeUndefined();
});

test('a path of a hundred thousand folders is counted', () => {
  const counter = new WasteCounter();
  counter.entry('/a'.repeat(100_000), false, 5);
  counter.endLayer();
  counter.whiteout({ kind: 'path', path: '/a' });
  expect(counter.of(0)).toEqual([{ by: 1, bytes: 5 }]);
});

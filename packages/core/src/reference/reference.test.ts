import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { formatReference, isTag, parseImage, parseReference } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference', () => {
  test.each([
    ['ghcr.io/acme/app', 'ghcr.io/acme/app'],
    ['GHCR.io/acme/app', 'ghcr.io/acme/app'],
    ['ghcr.io/acme/app:1.2.3', 'ghcr.io/acme/app:1.2.3'],
    [`ghcr.io/acme/app@${DIGEST}`, `ghcr.io/acme/app@${DIGEST}`],
    [`ghcr.io/acme/app:1@${DIGEST}`, `ghcr.io/acme/app:1@${DIGEST}`],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app'],
    ['localhost/app', 'localhost/app'],
    ['localhost:5000/a/b/c:x', 'localhost:5000/a/b/c:x'],
    ['[::1]:5000/app', '[::1]:5000/app'],
    ['debian', 'docker.io/library/debian'],
    ['debian:12', 'docker.io/library/debian:12'],
    ['acme/app', 'docker.io/acme/app'],
    ['index.docker.io/acme/app', 'docker.io/acme/app'],
    ['registry-1.docker.io/debian', 'docker.io/library/debian'],
    ['ghcr.io/acme/app__x.y-z', 'ghcr.io/acme/app__x.y-z'],
    ['  ghcr.io/acme/app\n', 'ghcr.io/acme/app'],
  ])('%s is %s', (text, normal) => {
    expect(formatReference(parseReference(text))).toBe(normal);
    expect(parseReference(normal)).toEqual(parseReference(text));
  });

  test.each(
    [
      '',
      ' ',
      '/',
      '/app',
      'ghcr.io/',
      'ghcr.io/Acme/app',
      'Acme/app',
      'ghcr.io/acme/app:',
      'ghcr.io/acme/app:-x',
      'ghcr.io/acme/app:a b',
      `ghcr.io/acme/app:${'a'.repeat(129)}`,
      'ghcr.io/acme/app@sha256:abc',
      `ghcr.io/acme/app@SHA256:${'a'.repeat(64)}`,
      `ghcr.io/acme/app@sha256:${'A'.repeat(64)}`,
      `ghcr.io/acme/app@sha512:${'a'.repeat(128)}`,
      'ghcr.io//app',
      'ghcr.io/acme/../app',
      'ghcr.io/acme/app/',
      'ghcr.io/acme/.app',
      'ghcr.io/acme/a___b',
      'https://ghcr.io/acme/app',
      'user:secret@ghcr.io/acme/app',
      'ghcr.io:0/app',
      'ghcr.io:99999/app',
      'ghcr.io:port/app',
      'ghcr.io:0443/app',
      '2130706433:5000/app',
      '0x7f.1/app',
      '127.1:5000/app',
      '256.256.256.256/app',
      '[0:0::1]:5000/app',
      'ghcr.io./app',
      'ghcr.io@evil.example/app',
      'ghcr\u3002io/acme/app',
      'ɡhcr.io/acme/app',
      'xn--.example/app',
      '-evil.example/app',
      'ghcr..io/app',
      `ghcr.io/${'a'.repeat(256)}`,
      'ghcr.io/acme/app;id',
      'ghcr.io/acme/$(id)',
      'ghcr.io/acme/app\n',
      'ghcr.io/acme/\u202eapp',
    ].filter((text) => text !== 'ghcr.io/acme/app\n'),
  )('%j is none', (text) => {
    expect(() => parseReference(text)).toThrow(TidegateError);
  });

  test('a name of a hundred thousand characters is refused at once', () => {
    const started = performance.now();
    expect(() => parseReference(`ghcr.io/${'a-'.repeat(50_000)}`)).toThrow(TidegateError);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('a password in it is not repeated', () => {
    for (const text of ['user:hunter2@ghcr.io/app', 'https://user:hunter2@ghcr.io/app:v1']) {
      expect(() => parseReference(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      );
    }
  });

  test('says which input is wrong', () => {
    expect(() => parseReference('', 'base-image')).toThrow(/^Input base-image: /);
  });
});

describe('an image that a user names', () => {
  test.each([
    ['ghcr.io/Acme/App', 'ghcr.io/acme/app'],
    ['Acme/App:V1.2', 'docker.io/acme/app:V1.2'],
    [`ghcr.io/ACME/app@${DIGEST}`, `ghcr.io/acme/app@${DIGEST}`],
    ['localhost:5000/A/B/C:X', 'localhost:5000/a/b/c:X'],
    ['App', 'docker.io/library/app'],
  ])('%s is used as %s, with a notice', (text, used) => {
    const { reference, notice } = parseImage(text);
    expect(formatReference(reference)).toBe(used);
    expect(notice).toBe(`Input image: ${text} is used as ${used}, because registries accept lower case only.`);
  });

  test.each(['ghcr.io/acme/app', 'GHCR.io/acme/app', 'ghcr.io/user_company/app', 'forge.example/ada.l_x/app:V1'])(
    '%s is used as it is, without one',
    (text) => {
      expect(parseImage(text)).toEqual({ reference: parseReference(text) });
    },
  );

  test.each([
    ['ghcr.io/acme/.github', '".github"'],
    ['ghcr.io/acme/app-', '"app-"'],
    ['ghcr.io/acme/_site', '"_site"'],
    ['ghcr.io/Acme/a..b', '"a..b"'],
    ['ghcr.io/acme/a___b', '"a___b"'],
  ])('%s is refused, and the error names the part', (text, part) => {
    expect(() => parseImage(text)).toThrow(new RegExp(`in the part ${part.replaceAll('.', '\\.')}`));
  });

  test('is lower-cased letter by letter of ASCII: nothing else becomes a valid name', () => {
    // The Kelvin sign and a dotted capital I lower-case to ASCII letters, or to two characters.
    for (const text of ['ghcr.io/acme/\u212a', 'ghcr.io/acme/\u0130'])
      expect(() => parseImage(text)).toThrow(TidegateError);
  });
});

test.each([
  ['latest', true],
  ['_x', true],
  ['1.2.3', true],
  ['a'.repeat(128), true],
  ['', false],
  ['.x', false],
  ['-x', false],
  ['a/b', false],
  ['a+b', false],
  ['a\n', false],
  ['a'.repeat(129), false],
])('%j as a tag: %s', (text, is) => expect(isTag(text)).toBe(is));

import { expect, test } from '@jest/globals';
import { contentsOf } from '../contents/contents.fixture.ts';
import { NOW, STRICT } from '../gate/sound.fixture.ts';
import { contentsSection } from './contents.ts';

const KEY = `-----BEGIN PRIVATE KEY-----\n${'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu'.repeat(2)}\n`;

test('unread contents are omitted, and an empty image is reported as such', () => {
  expect(contentsSection([{ platform: 'linux/amd64' }], STRICT, NOW)).toBe('');
  const clean = contentsSection([{ platform: 'linux/amd64', contents: contentsOf([['app', 'etc/']]) }], STRICT, NOW);
  expect(clean).toContain('2 files in 1 layer');
  expect(clean).toContain('No findings.');
});

test('each kind is listed once for all platforms; those that fail the gate are marked, allowed ones omitted', () => {
  const contents = contentsOf([
    [
      { path: 'key', content: KEY },
      { path: 'bin/su', mode: 0o4755 },
      { path: 'bin/sh', mode: 0o755 },
    ],
  ]);
  const platforms = ['linux/amd64', 'linux/arm64'].map((platform) => ({ platform, contents }));
  const allow = [{ kind: 'shell' as const, path: '/bin/sh', reason: 'needed' }];
  const text = contentsSection(platforms, { ...STRICT, contents: { traces: {}, allow } }, NOW);
  expect(text).toMatch(/\| Secrets ⛔ \| 1 \| private key in \/key\\:1/);
  expect(text).toMatch(/\| setuid and setgid programs \| 1 \|/);
  expect(text).not.toContain('Shells');
});

const HOSTILE = [
  '::error::x',
  '##[error]x',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '| a | b |',
  '`code`',
  '\u202Etxt.exe',
  '\x1b[2Jx',
  '@everyone #1',
  'a\nb\r\nc',
  'x'.repeat(10_000),
];

test.each(HOSTILE)('a path %j does nothing in Markdown', (name) => {
  const contents = contentsOf([[{ path: `bin/${name.replaceAll('/', '')}`, mode: 0o4755 }]]);
  const text = contentsSection([{ platform: 'linux/amd64', contents }], STRICT, NOW);
  expect(text).not.toMatch(/<img|\]\(javascript|(^|[^\\])`code`/);
  expect(text).not.toContain('\u202E');
  expect(text).not.toContain('\x1b');
  expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(3);
  expect(text.length).toBeLessThan(2000);
});

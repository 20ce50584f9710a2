import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { parseTagRules, type TagRule } from './rules.ts';

const plain = { prefix: '' };

describe('a line of the tags input', () => {
  test.each<[string, TagRule]>([
    ['auto', { kind: 'auto', text: 'auto' }],
    ['semver', { kind: 'semver', naming: plain, text: 'semver' }],
    ['semver=v', { kind: 'semver', naming: { prefix: 'v' }, text: 'semver=v' }],
    ['semver,prefix=v', { kind: 'semver', naming: { prefix: 'v' }, text: 'semver,prefix=v' }],
    [
      'semver,match=app/v(.*)',
      { kind: 'semver', naming: { prefix: '', match: 'app/v(.*)' }, text: 'semver,match=app/v(.*)' },
    ],
    [
      'semver, match=app/v(.*)',
      { kind: 'semver', naming: { prefix: '', match: 'app/v(.*)' }, text: 'semver,match=app/v(.*)' },
    ],
    [
      'semver,match=v([0-9]{1,3}\\..*),prefix=app-,only=app-1.2',
      {
        kind: 'semver',
        naming: { prefix: 'app-', match: 'v([0-9]{1,3}\\..*)' },
        text: 'semver,match=v([0-9]{1,3}\\..*),prefix=app-',
        only: 'app-1.2',
      },
    ],
    ['branch', { kind: 'branch', naming: plain, text: 'branch' }],
    [
      'branch,match=release/(.*)',
      { kind: 'branch', naming: { prefix: '', match: 'release/(.*)' }, text: 'branch,match=release/(.*)' },
    ],
    ['branch,only=main,decided=2', { kind: 'branch', naming: plain, text: 'branch', only: 'main', decided: 2 }],
    ['tag', { kind: 'tag', naming: plain, text: 'tag' }],
    ['tag,match=app/.*', { kind: 'tag', naming: { prefix: '', match: 'app/.*' }, text: 'tag,match=app/.*' }],
    ['sha', { kind: 'sha', full: false, text: 'sha' }],
    ['sha=full', { kind: 'sha', full: true, text: 'sha=full' }],
    ['schedule', { kind: 'schedule', prefix: 'nightly', text: 'schedule' }],
    ['schedule=weekly', { kind: 'schedule', prefix: 'weekly', text: 'schedule=weekly' }],
    ['pr', { kind: 'pr', text: 'pr' }],
    ['latest', { kind: 'latest', when: 'auto', text: 'latest' }],
    ['latest=branch', { kind: 'latest', when: 'branch', text: 'latest=branch' }],
    ['latest=true', { kind: 'latest', when: 'true', text: 'latest=true' }],
    ['latest=false', { kind: 'latest', when: 'false', text: 'latest=false' }],
    ['latest,match=app/v(.*)', { kind: 'latest', when: 'auto', match: 'app/v(.*)', text: 'latest,match=app/v(.*)' }],
    ['raw=semver', { kind: 'raw', tag: 'semver', text: 'raw=semver' }],
    ['raw=stable', { kind: 'raw', tag: 'stable', text: 'raw=stable' }],
    ['stable', { kind: 'raw', tag: 'stable', text: 'raw=stable' }],
    ['  v2-beta  ', { kind: 'raw', tag: 'v2-beta', text: 'raw=v2-beta' }],
    ['edge', { kind: 'raw', tag: 'edge', text: 'raw=edge' }],
    ['v1', { kind: 'raw', tag: 'v1', text: 'raw=v1' }],
    ['qr', { kind: 'raw', tag: 'qr', text: 'raw=qr' }],
  ])('%s', (line, rule) => expect(parseTagRules([line])).toEqual([rule]));

  test('none at all means auto; blank lines and comments say nothing', () => {
    expect(parseTagRules([])).toEqual([{ kind: 'auto', text: 'auto' }]);
    expect(parseTagRules(['', '# versions only', 'semver'])).toEqual([
      { kind: 'semver', naming: plain, text: 'semver' },
    ]);
  });

  test.each([
    ['semvr', 'For the rule write semver; for the tag of that name raw=semvr.'],
    ['Semver', 'For the rule write semver; for the tag of that name raw=Semver.'],
    ['brnach', 'For the rule write branch; for the tag of that name raw=brnach.'],
    ['lastest', 'For the rule write latest; for the tag of that name raw=lastest.'],
    ['semvre=v', 'Did you mean semver?'],
    ['shedule=weekly', 'Did you mean schedule?'],
    ['semver,branch', 'Write semver and branch on lines of their own.'],
    // docker/metadata-action, README, "tags input".
    ['type=unheard', 'Choose one of these types'],
    ['type=semver', 'Write type=semver,pattern={{version}}.'],
    ['type=semver,pattern={{version}},match=v.*', 'Put the version in parentheses'],
    ['type=semver,pattern={{branch}}', 'Use one of {{raw}}, {{version}}'],
    ['type=semver,pattern={{version', 'Close it with }}.'],
    ['type=semver,pattern={{#if major}}1{{/if}}', 'Use one of {{raw}}'],
    ['type=raw,value={{constructor}}', 'Use one of {{branch}}'],
    ['type=raw,value={{sha.length}}', 'Write {{sha}}.'],
    ['type=raw,value={{> part}}', 'Use one of {{branch}}'],
    ["type=raw,value={{date 'YYYY' tz='Mars/Base'}}", "Write for example tz='Asia/Tokyo'."],
    ['type=raw,value={{date YYYY}}', "Write for example {{date 'YYYYMMDD' tz='UTC'}}."],
    ['type=raw,value=a"b', 'Quote a whole field'],
    ['type=raw,value=a,lenght=7', 'Remove lenght=.'],
    ['type=raw,value=a,enable=yes', 'Write for example enable={{is_default_branch}}.'],
    ['type=raw,value=a,priority=high', 'Write for example priority=900.'],
    ['type=ref', 'Add one of the three events.'],
    ['type=sha,format=tiny', 'Choose one of the two.'],
    ['type=match', 'Write for example type=match,pattern=v(.*),group=1.'],
    ['type=match,pattern=v(.*),group=2', 'Correct group=.'],
    ['type=match,pattern=v(', 'Write for example pattern=v(.*)'],
    ['type=match,pattern=/v(.*)/g', 'flags are i, m, s and u'],
    ['semver,suffix=/', 'Write suffix=-alpine.'],
    ['semver,pattern={{version}}', 'Remove pattern=.'],
    ['semver,match=a(b),match=c(d)', 'Remove match=.'],
    ['semver=v,prefix=x', 'Write semver=v.'],
    ['semver,prefix=-', 'Write prefix=v.'],
    ['semver,match=app/v.*', 'Put the version in parentheses'],
    ['latest,match=app/v.*', 'Put the version in parentheses'],
    ['semver,match=app/v(', 'Write for example semver,match=app/v(.*).'],
    ['branch,match=', 'Write for example branch,match=app/v(.*).'],
    [`tag,match=${'a'.repeat(201)}`, 'Write for example tag,match=app/v(.*).'],
    ['sha,match=(.*)', 'Remove match=.'],
    ['raw=x,decided=0', 'Pass the output of the action plan unchanged.'],
    ['branch,only=a b', 'Give the tag alone'],
    [`raw=sha256-${'0'.repeat(64)}`, 'Give the tag alone'],
    ['flavor=latest', 'Rules are auto, semver'],
    ['sha=short', 'Write sha for twelve digits.'],
    ['latest=maybe', 'Choose one of the four.'],
    ['branch=main', 'Write branch, without a value.'],
    ['semver=', 'Write semver=v.'],
    ['semver=-', 'Write semver=v.'],
    ['raw=', 'Give the tag alone'],
    ['raw=a b', 'Give the tag alone'],
    ['my tag', 'Give the tag alone'],
    ['-x', 'Give the tag alone'],
    ['.x', 'Give the tag alone'],
    ['ghcr.io/acme/app:1', 'Give the tag alone'],
    ['app:1', 'Give the tag alone'],
    ['ünïcode', 'Give the tag alone'],
    ['a'.repeat(129), 'Give the tag alone'],
    ['v1.0.0+build', 'Give the tag alone'],
  ])('%s is refused, and says what to write', (line, next) => {
    try {
      parseTagRules([line]);
    } catch (error) {
      expect(error).toBeInstanceOf(TidegateError);
      expect(error).toMatchObject({ kind: 'bad-input', next: expect.stringContaining(next) });
      expect((error as Error).message).toContain('Input tags');
      return;
    }
    throw new Error(`${line} was taken`);
  });
});

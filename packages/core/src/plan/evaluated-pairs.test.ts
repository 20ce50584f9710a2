import { describe, expect, test } from '@jest/globals';
import { annotationsAt } from '../image/annotations.ts';
import { NOW, onBranch, onPull, onTag, SHA } from '../tags/tags.fixture.ts';
import { evaluatedPairs, literalPairs } from './evaluated-pairs.ts';
import type { GitState } from './git-state.ts';
import { makePlan } from './plan.ts';

const TIME = { commitTime: '2026-11-20T22:20:30Z' };
const MAIN = onBranch('main', TIME);
const labelOf = (text: string, git: GitState = MAIN) =>
  evaluatedPairs([['x', text]], git, { now: NOW }, 'labels')[0]?.[1];

/**
 * docker/metadata-action, README, "Global expressions": labels and annotations take them. The values are those of runs
 * of its published code (commit dc80280), which writes `&amp;` for `&` and nothing for an unknown expression.
 */
describe('labels and annotations', () => {
  test.each<[string, string, GitState?]>([
    ['{{branch}}', 'main'],
    ['{{branch}}', 'feat/x&y', onBranch('feat/x&y')],
    ['{{branch}}', '', onTag('v1.2.3')],
    ['{{tag}}', 'v1.2.3', onTag('v1.2.3')],
    ['{{tag}}', 'release-7', onTag('release-7')],
    ['on {{tag}}', 'on ', MAIN],
    ['{{sha}}', SHA.slice(0, 7)],
    ['{{base_ref}}', 'main', onPull({ baseRef: 'main', headRepository: 'acme/app' })],
    ['{{is_default_branch}}', 'true'],
    ['{{is_default_branch}}', 'false', onBranch('feat')],
    ['{{is_not_default_branch}}', 'true', onTag('v1.2.3')],
    ["{{commit_date 'YYYY-MM-DD'}}", '2026-11-20'],
    ["{{commit_date 'YYYY-MM-DD' tz='Asia/Tokyo'}}", '2026-11-21'],
    ["{{date 'YYYYMMDD-HHmmss'}}", '20261124-233000'],
    ["build {{sha}} of {{branch}}, {{date 'YYYY'}}", `build ${SHA.slice(0, 7)} of main, 2026`],
    ['{{{branch}}} {{~sha}}', `main${SHA.slice(0, 7)}`],
    ['{ "a": { "b": 1 }}', '{ "a": { "b": 1 }}'],
    ['\\{{branch}}', '{{branch}}'],
    ['\\{{ .Name }} of {{branch}}', '{{ .Name }} of main'],
    ['C:\\\\{{branch}}', 'C:\\main'],
  ])('%s is %j', (text, value, git = MAIN) => {
    expect(labelOf(text, git)).toBe(value);
  });

  test('the digits of {{sha}} are chosen as for tags, and keys are evaluated, too', () => {
    const pairs = evaluatedPairs([['org.example.{{branch}}', '{{sha}}']], MAIN, { now: NOW, shortSha: 12 }, 'labels');
    expect(pairs).toEqual([['org.example.main', SHA.slice(0, 12)]]);
  });

  test.each([
    ['{{branches}}', /\{\{branches\}\} is not an expression.*\\\{\{/s],
    ['{{ .Name }}', /is not an expression/],
    ['{{#if tag}}x{{/if}}', /is not an expression/],
    ['{{branch', /is not closed/],
    ["{{date 'YYYY' tz='Mars'}}", /Mars is not a time zone/],
  ])('%s is an error', (text, says) => {
    expect(() => labelOf(text)).toThrow(expect.objectContaining({ code: 'TG1105' }));
    expect(() => labelOf(text)).toThrow(/^Input labels: got/);
    try {
      labelOf(text);
    } catch (error) {
      const { message, next } = error as { message: string; next: string };
      expect(`${message} ${next}`).toMatch(says);
    }
  });

  test('the time of an unknown commit is an error, not an empty label', () => {
    expect(() => labelOf("{{commit_date 'YYYY'}}", onBranch('main'))).toThrow(/\{\{commit_date\}\} is not/);
  });

  test('in a plan, text of others is not evaluated', () => {
    const git = onBranch('{{sha}}', { ...TIME, about: { description: 'Renders {{ mustache }} and {{sha}}' } });
    const plan = makePlan(git, {
      images: ['ghcr.io/acme/app'],
      platforms: ['linux/amd64'],
      now: NOW,
      labels: { override: [['a', '{{branch}}']] },
      annotations: [['index:b', '{{sha}}']],
    });
    expect(plan.labels).toMatchObject({
      a: '{{sha}}',
      'org.opencontainers.image.description': 'Renders {{ mustache }} and {{sha}}',
    });
    expect(annotationsAt(plan.annotations, 'index').b).toBe(SHA.slice(0, 7));
  });

  test.each([
    ...[
      'plain',
      '{{branch}}',
      '\\{{branch}}',
      '\\\\{{sha}} {{',
      '{{{sha}}}',
      '{{{{sha}}}}',
      '{{{{{x',
      '}} {{!x}}',
      '{ {',
    ],
    ...['a{{', '\\', '{{\\{{', '{{~sha~}} x'],
  ])('%s stays as it is in another job', (text) => {
    expect(evaluatedPairs(literalPairs([[text, text]]), MAIN, { now: NOW }, 'labels')).toEqual([[text, text]]);
  });
});

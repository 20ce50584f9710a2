import { describe, expect, test } from '@jest/globals';
import type { ActionSpec } from '@tidegate/runner';
import { parse } from 'yaml';
import { complaintsAbout, renderManifest } from './action-yml.ts';
import { fillOwner, fillReadme, newReadme } from './readme.ts';

const action: ActionSpec = {
  name: 'greet',
  title: 'Greet: politely',
  description: 'Greets "somebody".',
  branding: { icon: 'smile', color: 'green' },
  post: true,
  inputs: {
    image: { type: 'string', required: true, description: 'Whom, `a|b`.' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it
    token: { type: 'string', secret: true, default: '${{ github.token }}', description: 'A token.' },
    network: { type: 'choice', choices: ['a', 'b'], default: 'a', description: 'How.' },
  },
  outputs: { greeting: { description: 'What was said.' } },
};
const repository = { owner: 'acme', name: 'tidegate' };

describe('action.yml', () => {
  test('says what the schema says', () => {
    expect(parse(renderManifest(action))).toEqual({
      name: 'Greet: politely',
      description: 'Greets "somebody".',
      author: expect.any(String),
      branding: { icon: 'smile', color: 'green' },
      inputs: {
        image: { description: 'Whom, `a|b`.', required: true },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the runner evaluates it
        token: { description: 'A token.', default: '${{ github.token }}' },
        network: { description: 'How. One of `a`, `b`.', default: 'a' },
      },
      outputs: { greeting: { description: 'What was said.' } },
      runs: {
        using: 'node24',
        main: '../../dist/greet/index.js',
        post: '../../dist/greet/index.js',
        'post-if': 'always()',
      },
    });
  });
  test('of the root action points into dist from the root', () => {
    expect(parse(renderManifest({ ...action, name: 'ship', post: false })).runs).toEqual({
      using: 'node24',
      main: 'dist/ship/index.js',
    });
  });
});

describe('a schema is refused', () => {
  test.each<[string, Partial<ActionSpec>, RegExp]>([
    ['that has another name than its folder', { name: 'other' }, /the folder is greet/],
    ['with a colour GitHub has not', { branding: { icon: 'x', color: 'pink' } }, /no branding colour pink/],
    ['with an input in camel case', { inputs: { failOn: { type: 'string', description: 'X.' } } }, /kebab-case/],
    [
      'with a choice that has no default',
      { inputs: { a: { type: 'choice', choices: ['x'], description: 'X.' } } },
      /none of its choices/,
    ],
    [
      'with a required input that has a default',
      { inputs: { a: { type: 'string', required: true, default: 'x', description: 'X.' } } },
      /has a default/,
    ],
    [
      'with a description that is no sentence',
      { inputs: { a: { type: 'string', description: 'foo' } } },
      /no sentence/,
    ],
  ])('%s', (_, change, complaint) => {
    expect(complaintsAbout({ ...action, ...change }, 'greet').join('\n')).toMatch(complaint);
  });
  test('never without a reason', () => {
    expect(complaintsAbout(action, 'greet')).toEqual([]);
  });
});

describe('a README', () => {
  test('gets its tables between the markers and keeps the rest', () => {
    const text =
      'a\n<!-- inputs:greet -->\nold\n<!-- /inputs:greet -->\nb\n<!-- outputs:greet -->\n<!-- /outputs:greet -->\n';
    const filled = fillReadme(text, [action], repository);
    expect(filled).toMatch(/^a\n<!-- inputs:greet -->\n\| Input \| What it is \| Default \|\n/);
    expect(filled).toContain('| `image` | Whom, `a\\|b`. | **required** |');
    expect(filled).toContain('| `greeting` | What was said. |');
    expect(filled).not.toContain('old');
    expect(fillReadme(filled, [action], repository)).toBe(filled);
  });
  test.each([
    ['a marker of no action', '<!-- inputs:none -->\n<!-- /inputs:none -->', /no such action/],
    ['a marker that is not closed', '<!-- inputs:greet -->\n', /never closed/],
  ])('with %s is an error', (_, text, message) => {
    expect(() => fillReadme(text, [action], repository)).toThrow(message);
  });
  test('that is new has usage and both tables', () => {
    const text = fillReadme(newReadme(action, repository), [action], repository);
    expect(text).toContain('uses: acme/tidegate/actions/greet@v1\n  with:\n    image: …\n');
    expect(text).toContain('| `greeting` |');
  });
});

test.each([
  ['uses: OWNER/tidegate/actions/x@v1', 'uses: acme/tidegate/actions/x@v1'],
  ['- uses: old/tidegate@0123 # v1', '- uses: acme/tidegate@0123 # v1'],
  ['uses: actions/checkout@v5', 'uses: actions/checkout@v5'],
  ['uses: old/tidegate-other@v1', 'uses: old/tidegate-other@v1'],
])('the owner in %j comes from package.json', (text, filled) => {
  expect(fillOwner(text, repository)).toBe(filled);
});

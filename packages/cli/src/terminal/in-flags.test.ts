import { expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { explain } from '@tidegate/runner';
import { flagsOf } from '../command-flags.ts';
import { ACTION_COMMANDS } from '../commands.ts';
import { helpWords } from './help-phrases.ts';
import { COMMANDS, failureInFlags, wordingFor } from './in-flags.ts';
import { phrasesIn } from './phrases.ts';

const wording = wordingFor([
  { name: 'layout', value: 'TEXT', input: 'layout', description: '' },
  { name: 'key-file', value: 'FILE', input: 'key', isSecretFile: true, description: '' },
  { name: 'signing', value: 'a|b', choices: ['keyless', 'key'], input: 'signing', description: '' },
  { name: 'ssh', value: 'ITEM', input: 'ssh', description: '' },
  { name: 'cache', value: 'TEXT', input: 'cache', description: '' },
  { name: 'attach', input: 'attach', description: '' },
  { name: 'fail-on', value: 'TEXT', input: 'fail-on', description: '' },
  { name: 'tags', value: 'TEXT', input: 'tags', many: true, description: '' },
  { name: 'json', description: '' },
]);

test.each([
  [
    'Set layout to the layout of this image, or remove layout.',
    'Set --layout to the layout of this image, or remove --layout.',
  ],
  ['Input key: got a value that is not shown.', '--key-file: got a value that is not shown.'],
  ['Set `signing: keyless`, or set attach to false.', 'Set `--signing keyless`, or give --no-attach.'],
  ['Set layout, tags or key.', 'Set --layout, --tags or --key-file.'],
  ['Move it to the input tags.', 'Move it to --tags.'],
  ['no value, because layout is set', 'no value, because --layout is set'],
  ['Run scan-image on this layout, with fail-on.', 'Run tidegate scan on this layout, with --fail-on.'],
  ['Set tags in the with: block of this step.', 'Set --tags.'],
  ['Run pin-manifests again.', 'Run tidegate pin again.'],
  [
    'Give the action a token that can read the repository, or run it on a push.',
    'Give --default-branch, for example main, or a token that can read the repository.',
  ],
  ['With signing: key, or `layout: a`.', 'With --signing key, or `--layout a`.'],
  [
    'Check that the secret exists and is passed on, or set signing: keyless and grant `permissions: id-token: write`.',
    'Give --key-file FILE with the signing key, or set --signing keyless and set SIGSTORE_ID_TOKEN.',
  ],
  ['Remove one of the two inputs.', 'Remove one of the two flags.'],
  [
    'Make the changes that the job summary lists, or add an exception. No tag was set.',
    'Fix what the failed rules name, or add an exception. No tag was set.',
  ],
  ['Read the reasons in the summary. Deploy it.', 'Read the reasons above. Deploy it.'],
  ['3 more changes are in the job summary.', '3 more changes are in the report.'],
  ['Input GITHUB_API_URL: got "x".', 'Variable GITHUB_API_URL: got "x".'],
])('%s', (text, said) => expect(wording(text)).toBe(said));

test.each([
  'The layout has tags and a key; vulnerabilities.fail-on is in the policy, docs/fail-on.md says why.',
  'Did you mean --fail-on?',
  'Keys for RUN --mount=type=ssh: default or ID=PATH, and fail-on=x.',
  'Stages to build without cache: deps,build.',
  'Digest: the output fail-on of x. Never pass tags here.',
  'Fix the command or its input.',
  'got "Input key: set tags in the with: block of this step", and more',
])('%s: stays', (text) => expect(wording(text)).toBe(text));

test('output of programs below the message stays as it is', () => {
  const failure = explain(new TidegateError('build-step', 'Input tags: no.\nInput tags: 3'), { title: 'x' }, {});
  expect(failureInFlags(failure, wording).message).toBe('--tags: no.\nInput tags: 3');
});

test.each(ACTION_COMMANDS)('$name: in descriptions, only whole names of inputs become flags', async (command) => {
  const flags = flagsOf(command, await command.schema());
  const inFlags = wordingFor(flags);
  const inputs = new Map(flags.map(({ name, input }) => [name, input ?? name]));
  const actions = Object.entries(COMMANDS);
  // Back to inputs: the two texts then differ only where more than a name was changed.
  const inInputs = (text: string) => {
    const named = text.replace(/--([a-z][a-z0-9-]*)/g, (whole, name: string) => inputs.get(name) ?? whole);
    const acting = actions.reduce((all, [action, name]) => all.replaceAll(name, action), named);
    return flags
      .flatMap(({ input, choices = [] }) => choices.map((choice) => [input, choice]))
      .reduce((all, [input, choice]) => all.replaceAll(`${input}: ${choice}`, `${input} ${choice}`), acting)
      .replace(/(?<!its )\binput(s?)\b/g, 'flag$1');
  };
  for (const { description } of flags) {
    const before = phrasesIn(helpWords(description));
    const after = inFlags(before);
    expect(after).not.toMatch(/[\w=:/.@-]--[a-z]/);
    expect(inInputs(after)).toBe(inInputs(before));
  }
});

/** Errors name flags on a terminal: no inputs, no steps, nothing that only a workflow has. */
import { expect, test } from '@jest/globals';
import { flagsOf } from '../../packages/cli/src/command-flags.ts';
import { ACTION_COMMANDS } from '../../packages/cli/src/commands.ts';
import type { Flag } from '../../packages/cli/src/flags/flags.ts';
import { wordingFor } from '../../packages/cli/src/terminal/in-flags.ts';
import { errorTexts } from './error-texts.ts';

const texts = await errorTexts();
const flags = new Map<string, Flag>();
for (const command of ACTION_COMMANDS) {
  for (const flag of flagsOf(command, await command.schema())) flags.set(flag.input ?? flag.name, flag);
}
const wording = wordingFor([...flags.values()]);

const ONLY_IN_WORKFLOWS =
  /\bwith:|(?<!its )\binputs?\b|\bInput\b|\b(?:actions|docker|aws-actions|google-github-actions)\/(?!dockerfile|metadata-action|test-image\/README)[a-z]|(?<!No )permissions?: |(?<!Run )\bthis (?:step|job)\b|\bgrant the job|[Rr]un the (?:job|workflow|action) again|\bjob summary\b|\bsummary lists\b/;
const inputs = [...flags.values()].flatMap(({ input = '' }) => (input.includes('-') ? [input] : []));
const BARE = new RegExp(`(?<![\\w./-])(?<!cosign |attestation )(?:${inputs.join('|')})(?![\\w/-]|\\.\\w)`);

test('there are texts to check', () => expect(texts.size).toBeGreaterThan(500));

test('none speaks of inputs, steps or actions', () => {
  const wrong: string[] = [];
  for (const [text, where] of texts) {
    // At run time, the name of an input is here.
    const said = wording(text.replace(/^Input …+/, 'Input platforms'));
    if (ONLY_IN_WORKFLOWS.test(said) || BARE.test(said)) wrong.push(`${where}: ${said}`);
  }
  expect(wrong).toEqual([]);
});

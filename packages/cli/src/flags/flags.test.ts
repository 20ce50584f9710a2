import { expect, test } from '@jest/globals';
import { flagsOf } from '../command-flags.ts';
import { ACTION_COMMANDS } from '../commands.ts';
import { inputFlags, isSecret } from './flags.ts';

const COMMANDS = await Promise.all(
  ACTION_COMMANDS.map(async (command) => ({ name: command.name, command, schema: await command.schema() })),
);

test.each(COMMANDS)('$name: every input has one flag, and no flag has two meanings', ({ command, schema }) => {
  const flags = flagsOf(command, schema);
  const names = flags.flatMap(({ name, value }) => (value === undefined ? [name, `no-${name}`] : [name]));
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  expect(inputFlags(schema).map(({ input }) => input)).toEqual(Object.keys(schema.inputs));
});

test.each(COMMANDS)('$name: no flag takes the value of a secret', ({ schema }) => {
  for (const [input, spec] of Object.entries(schema.inputs)) {
    if (!spec.secret) continue;
    const flag = inputFlags(schema).find((one) => one.input === input);
    expect([input, flag?.name]).toEqual([input, isSecret(input, spec) ? `${input}-file` : input]);
    if (!isSecret(input, spec)) expect(input).toMatch(/^secret-(envs|files)$/);
  }
});

test.each(COMMANDS)('$name: descriptions are plain sentences about flags', ({ schema }) => {
  for (const { description, isSecretFile } of inputFlags(schema)) {
    expect(description).toMatch(/^\S.*\.$/);
    expect(description).not.toMatch(/Several:\.|\.\.$/);
    expect(description).not.toMatch(isSecretFile ? /`|\]\(/ : /`|\]\(|\$\{\{|per line/);
  }
});

test('a switch that is on by default says how to switch it off', () => {
  const lint = COMMANDS.find(({ name }) => name === 'lint');
  const flag = lint && inputFlags(lint.schema).find(({ name }) => name === 'buildkit-checks');
  expect(flag?.description).toMatch(/ On by default; --no-buildkit-checks switches it off\.$/);
});

test.each(COMMANDS)('$name: the outputs that are shown exist', ({ command, schema }) => {
  expect(command.shown.filter((name) => schema.outputs[name] === undefined)).toEqual([]);
});

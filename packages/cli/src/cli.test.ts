import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { runCommandLine } from './cli.ts';
import { ACTION_COMMANDS } from './commands.ts';
import type { Io } from './io.ts';
import { createTerminal } from './terminal/terminal.ts';
import { nearest } from './usage.ts';

async function run(...argv: string[]) {
  let printed = '';
  const io: Io = {
    env: {},
    folder: '/',
    signal: new AbortController().signal,
    terminal: createTerminal({ write: () => {} }, {}),
    isTerminal: false,
    print: (text) => {
      printed += text;
    },
    stdin: async () => '',
    confirm: async () => false,
  };
  const exitCode = await runCommandLine(argv, '1.2.3', io);
  return { exitCode, printed };
}

test('--version and --help', async () => {
  expect(await run('--version')).toEqual({ exitCode: 0, printed: '1.2.3\n' });
  const { exitCode, printed } = await run('--help');
  expect(exitCode).toBe(0);
  for (const { name } of ACTION_COMMANDS) expect(printed).toContain(`\n  ${name} `);
  expect((await run()).exitCode).toBe(2);
});

test.each(ACTION_COMMANDS)('$name --help lists every flag of its schema', async (command) => {
  const { exitCode, printed } = await run(...command.name.split(' '), '--help');
  expect(exitCode).toBe(0);
  for (const [input, spec] of Object.entries((await command.schema()).inputs)) {
    expect(printed).toContain(`\n  --${input}${spec.type === 'boolean' ? '' : spec.secret ? '' : ' '}`);
  }
  // Words of a workflow: a terminal has commands and flags.
  const words = printed.replace(/\s+/g, ' ');
  expect(words).not.toMatch(
    /\b[Tt]h(?:is|e) (?:action|step)\b|\bthis job\b|\b[Ss]tep inputs\b|\bSettings\.|\bThe job\b|\b(?:another|trusted) job\b|\bjob output\b|\b(?:later|each) step\b|RUNNER_TEMP|\bthe runner's\b/,
  );
  expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThan(140);
});

test.each(['ship', 'policy show', 'policy', 'init', 'completion'])('help %s is %s --help', async (name) => {
  const words = name.split(' ');
  expect(await run('help', ...words)).toEqual(await run(...words, '--help'));
  expect((await run('help', ...words)).printed).not.toBe((await run('help')).printed);
});

test('help for an unknown command names the nearest one', async () => {
  await expect(run('help', 'shp')).rejects.toMatchObject({ next: 'Did you mean tidegate ship?' });
});

test('an unknown command names the nearest one', async () => {
  await expect(run('shop')).rejects.toMatchObject({ id: 'command-line-invalid', next: 'Did you mean tidegate ship?' });
  await expect(run('inti')).rejects.toMatchObject({ next: 'Did you mean tidegate init?' });
  await expect(run('x'.repeat(5000))).rejects.toMatchObject({ next: 'Run tidegate --help.' });
});

test('outside of a checkout, a command that needs a commit says so', async () => {
  await expect(run('plan', 'ghcr.io/acme/app')).rejects.toMatchObject({
    id: 'commit-unknown',
    message: '/ is in no git checkout with a commit.',
  });
});

test.each([
  [['build', '.', 'a'], 'Unexpected argument "a": tidegate build takes one argument, and has ".".'],
  [['lint', '.', 'nosuch'], 'The argument "nosuch" is not an existing path.'],
  [['policy', 'show', 'a'], 'Unexpected argument "a": tidegate policy show takes no argument.'],
  [['build', 'ghcr.io/acme/app'], 'The argument of tidegate build is the build context: a folder, or a git URL.'],
  [['sbom', 'ghcr.io/acme/app:1'], 'The argument of tidegate sbom is the folder of an image layout;'],
  [['lint', 'nosuch'], 'The argument of tidegate lint is a folder or a file to check;'],
  [['policy'], 'Unknown command "policy".'],
])('%j is refused', async (argv, message) => {
  await expect(run(...argv)).rejects.toThrow(message);
});

test.each(['build', 'sbom', 'sign', 'test'])('%s with a published image says which commands read one', async (name) => {
  await expect(run(name, 'ghcr.io/acme/app:1')).rejects.toMatchObject({
    message: expect.stringMatching(/^The argument "ghcr\.io\/acme\/app:1" is not an existing path\. /),
    next: 'Correct the path. A published image is read by tidegate scan, verify and report.',
  });
});

test.each([
  [['test', '--tools', '/opt/tools'], 'tidegate test has no flag --tools, which is one of ship, build, lint, sbom,'],
  [['verify', '--dry-run'], 'tidegate verify has no flag --dry-run, which is one of ship, push.'],
  [['test', '--tols', '/opt/tools'], 'Unknown flag "--tols".'],
])('a flag of other commands names them: %j', async (argv, message) => {
  await expect(run(...argv)).rejects.toMatchObject({ message: expect.stringContaining(message) });
});

test('the first word of commands of two words names them', async () => {
  await expect(run('policy', 'tset')).rejects.toMatchObject({
    message: 'Unknown command "policy tset".',
    next: 'Did you mean tidegate policy test or tidegate policy show?',
  });
});

test.each(['--help', '-h'])('policy %s lists the commands of two words', async (flag) => {
  const { exitCode, printed } = await run('policy', flag);
  expect([exitCode, printed]).toEqual([0, expect.stringMatching(/policy test [\s\S]*policy show /)]);
  expect(printed).not.toContain('doctor');
});

test('completion --help says how to load the script', async () => {
  const { exitCode, printed } = await run('completion', '--help');
  expect([exitCode, printed]).toEqual([0, expect.stringContaining('source <(tidegate completion bash)')]);
});

test.each(['bash', 'zsh', 'fish'])('completion %s has every command and flag', async (shell) => {
  const { exitCode, printed } = await run('completion', shell);
  expect(exitCode).toBe(0);
  for (const word of ['ship', 'verify', 'fail-on', 'registry-password-file', 'dry-run'])
    expect(printed).toContain(word);
});

test('commands of two words are completed word by word', async () => {
  expect(await offered('policy', '')).toEqual(['test', 'show']);
  expect(await offered('policy', 'test', '--a')).toEqual(['--all-tags', '--at', '--allow-empty-sbom']);
  expect(await offered('policy', 'show', '--a')).toEqual(['--allow-empty-sbom']);
  const fish = (await run('completion', 'fish')).printed;
  expect(fish).toMatch(/__fish_seen_subcommand_from policy; and not .* test show' -a 'test show'/);
  expect(fish).toContain(`-n '__fish_seen_subcommand_from policy; and __fish_seen_subcommand_from test' -l all-tags`);
  expect(fish).toContain(`-n '__fish_seen_subcommand_from test; and not __fish_seen_subcommand_from policy' -l tests`);
});

test('bash offers only the flags of the command, and the values that its flag takes', async () => {
  expect(await offered('ver')).toEqual(['verify']);
  for (const { name, schema } of ACTION_COMMANDS) {
    const flags = (await offered(...name.split(' '), '--')).map((flag) =>
      flag.slice('--'.length).replace(/-file$/, ''),
    );
    const inputs = Object.keys((await schema()).inputs);
    expect(flags).toEqual(expect.arrayContaining(inputs.map((input) => input.replace(/-file$/, ''))));
    expect(flags.length - inputs.length).toBeLessThan(10);
  }
  expect(await offered('scan', '--fail-on', '')).toContain('critical');
  expect(await offered('lint', '--fail-on', '')).toEqual(expect.arrayContaining(['error', 'none']));
  expect(await offered('lint', '--fail-on', '')).not.toContain('critical');
});

/** The completions of bash at the end of these words. */
async function offered(...words: string[]): Promise<readonly string[]> {
  const script = (await run('completion', 'bash')).printed;
  const line = ['tidegate', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _tidegate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', `${script}\n${ask}`]);
  return stdout.split('\n').filter((word) => word !== '');
}

test('completion of another shell is refused', async () => {
  await expect(run('completion', 'tcsh')).rejects.toThrow('completion: got "tcsh".');
  await expect(run('completion')).rejects.toThrow('completion takes one argument.');
});

test.each([
  ['shp', 'ship'],
  ['sihp', 'ship'],
  ['q', undefined],
  ['', undefined],
])('nearest(%j) is %j', (text, name) => {
  expect(nearest(text, ['ship', 'scan', 'sign'])).toBe(name);
});

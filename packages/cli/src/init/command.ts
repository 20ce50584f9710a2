import { harmlessLines, visible } from '@tidegate/core';
import { readCheckout } from '../checkout/checkout.ts';
import { COMMON_FLAGS, type Flag } from '../flags/flags.ts';
import { parseFlags } from '../flags/parse.ts';
import { commandHelp } from '../help.ts';
import type { Io } from '../io.ts';
import { jsonText } from '../result.ts';
import { EXIT } from '../terminal/exit.ts';
import { usageError } from '../usage.ts';
import { unifiedDiff } from './diff.ts';
import { assertRepository, IMAGE } from './image.ts';
import { imageOf, nextSteps } from './next-steps.ts';
import { nothingToPropose } from './nothing.ts';
import { type Proposal, propose } from './propose.ts';
import { type RepositoryFiles, readRepository } from './repository.ts';
import { writeProposed } from './write.ts';

const INIT = { name: 'init', summary: 'Propose workflow, policy and .dockerignore, as a diff.' };

const PRESETS = ['recommended', 'strict', 'no-worse', 'observe'];

export const INIT_FLAGS: readonly Flag[] = [
  IMAGE,
  {
    name: 'preset',
    value: PRESETS.join('|'),
    choices: PRESETS,
    description: 'Preset of the policy. Default: recommended; observe if the old workflow did not fail on findings.',
  },
  { name: 'yes', description: 'Write the files without a question.' },
  ...COMMON_FLAGS,
];

const NO_GIT =
  'This folder is in no git checkout with a commit, or git is missing: the default branch is taken as main.';

const SCHEMA = { outputs: { files: { json: true }, notes: { json: true } } };

/** `init`: a diff, and after a confirmation the files. Nothing that exists is overwritten, except converted workflows. */
export async function runInit(argv: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseFlags(argv, INIT_FLAGS, 'init');
  const value = (name: string) => values.get(name)?.[0] ?? '';
  if (value('help') === 'true') {
    io.print(commandHelp(INIT, INIT_FLAGS, ''));
    return EXIT.ok;
  }
  const [unexpected] = positionals;
  if (unexpected !== undefined)
    throw usageError(`Unexpected argument ${JSON.stringify(unexpected)}.`, 'Run tidegate init --help.');
  const preset = value('preset');
  if (preset !== '' && !PRESETS.includes(preset)) {
    throw usageError(`--preset: got ${JSON.stringify(preset)}.`, `Write ${PRESETS.join(', ')}.`);
  }
  if (value('image') !== '') assertRepository(value('image'));
  const variables = Object.fromEntries(
    Object.entries(io.env).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
  const checkout = await readCheckout(io.folder, variables, io.signal);
  const top = checkout?.top ?? io.folder;
  const defaultBranch = checkout?.defaultBranch ?? checkout?.branch?.slice('refs/heads/'.length) ?? 'main';
  const files = await readRepository(top);
  const image = value('image') || imageOf(checkout?.origin);
  const proposal = propose(files, { image: value('image'), preset, defaultBranch });
  const isJson = value('json') === 'true';
  if (!isJson) show(proposal, files, io);
  if (!checkout && !isJson) io.terminal.line(`${io.terminal.paint.yellow('note')}: ${NO_GIT}`);
  const isWanted =
    proposal.files.length > 0 && (value('yes') === 'true' || (!isJson && (await io.confirm('Write these files?'))));
  if (isWanted) for (const file of proposal.files) await writeProposed(top, file);
  const { line } = io.terminal;
  if (isWanted) {
    line(`Wrote ${proposal.files.map(({ path }) => visible(path)).join(', ')}.`);
    if (!isJson) for (const step of nextSteps(proposal, files.paths, image)) line(step);
  } else if (proposal.files.length > 0 && !isJson) line('Nothing was written. Give --yes to write the files.');
  if (isJson) {
    const outputs = {
      files: JSON.stringify(proposal.files),
      notes: JSON.stringify(proposal.notes),
      written: String(isWanted),
    };
    io.print(jsonText({ command: 'init', exitCode: EXIT.ok, outputs }, SCHEMA));
  }
  return EXIT.ok;
}

function show(proposal: Proposal, repository: RepositoryFiles, { terminal, print }: Io): void {
  const { files, notes } = proposal;
  const { line, paint } = terminal;
  for (const { path, before, after } of files) {
    const diff = harmlessLines(unifiedDiff(path, before, after));
    print(`${diff.join('\n')}\n`);
  }
  if (files.length === 0) line(visible(nothingToPropose(repository, proposal)));
  for (const { job, text } of notes) line(`${paint.yellow('note')}: ${visible(job)}: ${visible(text)}`);
}

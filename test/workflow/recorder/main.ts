/**
 * In the place of every action of the suite, to see what the workflow hands to each: it notes its inputs, says what the
 * test told it to say, and makes a folder where the real one would make a layout.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail, setOutput } from '../stand-ins/step.ts';

const action = process.argv[2] ?? fail('which action?');
const inputs = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name, value]) => name.startsWith('INPUT_') && value !== '')
    .map(([name, value]) => [name.slice('INPUT_'.length).toLowerCase(), value ?? '']),
);
appendFileSync(process.env.RECORDS ?? fail('no RECORDS'), `${JSON.stringify({ action, inputs })}\n`);

const said: Record<string, Record<string, string>> = JSON.parse(process.env.SAID ?? '{}');
for (const [name, value] of Object.entries(said[action] ?? {})) setOutput(name, value);

if (action === 'build-image') setOutput('digest', sha256(inputs.platforms ?? ''));
if (action === 'join-layouts') {
  const layouts = (inputs.layouts ?? '').split(/[\n,]/).filter(Boolean);
  for (const layout of layouts) if (!existsSync(resolve(layout, 'index.json'))) fail(`${layout} did not arrive`);
  setOutput('digest', sha256(inputs.digests ?? ''));
}
if (action === 'build-image' || action === 'join-layouts') {
  const layout = join(process.env.RUNNER_TEMP ?? fail('no RUNNER_TEMP'), 'layout');
  mkdirSync(layout, { recursive: true });
  writeFileSync(join(layout, 'index.json'), inputs.platforms ?? 'joined');
  setOutput('layout', layout);
}
if (action === 'sign-image' && !existsSync(join(inputs.layout ?? '', 'index.json'))) fail('the layout did not arrive');
if (said[action]?.exit) process.exit(Number(said[action].exit));

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * In the place of every action of the suite, to see what the workflow hands to each: it notes its inputs, says what the
 * test told it to say, and makes a folder where the real one would make a layout.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail, runStep, setOutput } from '../stand-ins/step.ts';

const inputs = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name, value]) => name.startsWith('INPUT_') && value !== '')
    .map(([name, value]) => [name.slice('INPUT_'.length).toLowerCase(), value ?? '']),
);

const BASELINE = createHash('sha256').update('baseline').digest('hex');
const POLICY = createHash('sha256').update('policy').digest('hex');

await runStep(() => {
  const action = process.argv[2] ?? fail('which action?');
  appendFileSync(process.env.RECORDS ?? fail('no RECORDS'), `${JSON.stringify({ action, inputs })}\n`);
  play(action, process.env.RUNNER_TEMP ?? fail('no RUNNER_TEMP'));
  const said: Record<string, Record<string, string>> = JSON.parse(process.env.SAID ?? '{}');
  for (const [name, value] of Object.entries(said[action] ?? {})) setOutput(name, value);
  if (said[action]?.exit) fail('as the test told it');
});

function play(action: string, temp: string): void {
  if (inputs['policy-document']) needs(inputs['policy-document']);
  if (inputs.baseline) needs(inputs.baseline);
  switch (action) {
    case 'plan':
      made(join(temp, 'tidegate/policy', POLICY, 'policy.json'), 'policy');
      setOutput('policy-sha256', POLICY);
      break;
    case 'read-baseline':
      made(join(temp, 'tidegate/baseline/baseline.json'), 'baseline');
      setOutput('baseline-sha256', BASELINE);
      break;
    case 'lint-source':
      made(join(inputs['report-dir'] ?? fail('no report-dir'), 'source-findings.json'), '[]');
      break;
    case 'generate-sbom':
      made(join(inputs['output-dir'] ?? fail('no output-dir'), 'sbom.json'), '{}');
      break;
    case 'scan-image':
      made(join(inputs['report-dir'] ?? fail('no report-dir'), 'report.html'), '');
      break;
    case 'build-image':
      setOutput('digest', sha256(inputs.platforms ?? ''));
      made(join(inputs.layout ?? fail('no layout'), 'index.json'), inputs.platforms ?? '');
      break;
    case 'join-layouts':
      for (const layout of (inputs.layouts ?? '').split(/[\n,]/).filter(Boolean)) {
        needs(resolve(inputs['layouts-dir'] ?? '', layout, 'index.json'));
      }
      setOutput('digest', sha256(inputs.digests ?? ''));
      setOutput('layout', dirname(made(join(temp, 'joined/index.json'), 'joined')));
      break;
    case 'sign-image':
    case 'push-image':
      needs(join(inputs.layout ?? '', 'index.json'));
  }
}

function needs(path: string): void {
  if (!existsSync(path)) fail(`${path} did not arrive`);
}

function made(file: string, content: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

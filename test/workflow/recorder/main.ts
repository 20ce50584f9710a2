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
  // The plan of several images is another step than that of one, and each image has its own.
  const own = `${action} ${inputs['bake-files'] ? 'bake-files' : inputs.image}`;
  const key = Object.hasOwn(said, own) ? own : action;
  for (const [name, value] of Object.entries(said[key] ?? {})) setOutput(name, value);
  if (said[key]?.exit) fail('as the test told it');
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
    case 'sign-checked':
      setOutput('checked', JSON.stringify({ ...JSON.parse(inputs.checked ?? fail('no checked')), proof: 'recorded' }));
      break;
    case 'lint-source':
      made(join(inputs['report-dir'] ?? fail('no report-dir'), 'source-findings.json'), '[]');
      break;
    case 'generate-sbom':
      made(join(inputs['output-dir'] ?? fail('no output-dir'), 'sbom.json'), '{}');
      setOutput('digest', sha256(inputs.layout ?? ''));
      break;
    case 'scan-image':
      made(join(inputs['report-dir'] ?? fail('no report-dir'), 'report.html'), '');
      made(join(inputs['evidence-dir'] ?? fail('no evidence-dir'), 'index.json'), 'evidence');
      break;
    case 'build-image':
      setOutput('digest', sha256(inputs.platforms ?? ''));
      setOutput('runner', JSON.stringify({ name: `builder of ${inputs.platforms}` }));
      if (inputs['first-layout']) {
        needs(join(inputs['first-layout'], 'index.json'));
        setOutput('reproduced', JSON.stringify({ digests: [inputs['first-digest']] }));
        break;
      }
      made(join(inputs.layout ?? fail('no layout'), 'index.json'), inputs.platforms ?? '');
      break;
    case 'test-image':
      needs(join(inputs.layout ?? '', 'index.json'));
      made(
        join(inputs['results-dir'] ?? fail('no results-dir'), `${sha256(inputs.platforms ?? '').slice(7)}.json`),
        '{}',
      );
      break;
    case 'join-layouts':
      if (inputs.evidence) {
        needs(join(inputs.evidence, 'index.json'));
        for (const leg of legs()) needs(join(inputs['layouts-dir'] ?? '', leg, 'index.json'));
        setOutput('layout', inputs.evidence);
        break;
      }
      joined((inputs.layouts ?? '').split(/[\n,]/).filter(Boolean));
      setOutput('digest', sha256(inputs.digests ?? ''));
      setOutput('layout', dirname(made(join(temp, 'joined/index.json'), 'joined')));
      break;
    case 'sign-image':
    case 'push-image':
      needs(join(inputs.layout ?? '', 'index.json'));
  }
}

/** Several artifacts have a folder each, which the artifact of another job cannot write to. */
function joined(layouts: readonly string[]): void {
  const digests = (inputs.digests ?? '').split('\n').filter(Boolean);
  const results = inputs['test-results-dir'];
  for (const [at, layout] of layouts.entries()) {
    const own = layouts.length > 1 ? [layout, `${layout}-tests`] : ['', ''];
    needs(resolve(inputs['layouts-dir'] ?? '', own[0] ?? '', layout, 'index.json'));
    if (results) needs(join(results, own[1] ?? '', `${digests[at]?.slice(7)}.json`));
  }
}

/** Folders of the layouts in the plan that the test gives. */
function legs(): readonly string[] {
  const { plan }: { plan?: { matrix?: string } } = JSON.parse(process.env.SAID ?? '{}');
  const { include = [] }: { include?: readonly { artifact: string }[] } = JSON.parse(plan?.matrix ?? '{}');
  return include.map(({ artifact }) => artifact);
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

import type { Built, Inputs } from './build-push.ts';

const SEVERITIES = ['low', 'medium', 'high', 'critical'];

/** A scan by aquasecurity/trivy-action in the terms of Tidegate. */
export function fromTrivy(trivy: ReadonlyMap<string, string>): Built {
  const inputs: Inputs = new Map();
  const listed = (trivy.get('severity') ?? '').toLowerCase().split(',');
  const lowest = SEVERITIES.find((severity) => listed.some((one) => one.trim() === severity));
  if ((trivy.get('exit-code') ?? '0') === '0') inputs.set('preset', 'observe');
  else inputs.set('fail-on', lowest ?? 'low');
  if (trivy.get('ignore-unfixed') !== 'true' && !inputs.has('preset')) inputs.set('only-fixed', 'false');
  const known = new Set([
    'image-ref',
    'severity',
    'exit-code',
    'ignore-unfixed',
    'vuln-type',
    'format',
    'output',
    'scan-type',
  ]);
  return { inputs, notes: notesOf('aquasecurity/trivy-action', trivy, known) };
}

/** A scan by anchore/scan-action. */
export function fromScanAction(scan: ReadonlyMap<string, string>): Built {
  const inputs: Inputs = new Map();
  if (scan.get('fail-build') === 'false') inputs.set('preset', 'observe');
  else inputs.set('fail-on', severityOf(scan.get('severity-cutoff') ?? 'medium'));
  if (scan.get('only-fixed') !== 'true' && !inputs.has('preset')) inputs.set('only-fixed', 'false');
  const known = new Set(['image', 'severity-cutoff', 'fail-build', 'only-fixed', 'output-format', 'output-file']);
  return { inputs, notes: notesOf('anchore/scan-action', scan, known) };
}

function severityOf(text: string): string {
  const severity = text.toLowerCase();
  return SEVERITIES.includes(severity) ? severity : 'low';
}

function notesOf(action: string, given: ReadonlyMap<string, string>, known: ReadonlySet<string>): readonly string[] {
  return [...given.keys()].filter((name) => !known.has(name)).map((name) => `the input \`${name}\` of ${action}`);
}

/** Whether the step scans the image that the job builds, and not files of the repository. */
export function scansImage(action: string, given: ReadonlyMap<string, string>): boolean {
  if (action === 'aquasecurity/trivy-action') return given.has('image-ref');
  return action === 'anchore/scan-action' && given.has('image');
}

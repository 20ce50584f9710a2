import { isMap, isScalar, parseDocument, stringify, type YAMLMap } from 'yaml';
import { otherBranches } from './branches.ts';
import { buildInputs, type Inputs, type Note, whyNot } from './build-push.ts';
import { applied, type Edit } from './edit.ts';
import { withPermissions } from './permissions.ts';
import { fromScanAction, fromTrivy, scansImage } from './scanners.ts';
import { inputsOf, readWorkflow, type Step, textAt, type WorkflowFile, type WorkflowJob } from './steps.ts';

export interface Converted {
  readonly text: string;
  /** Settings without an equivalent, and parts that were left as they are. */
  readonly notes: readonly Note[];
  /** Old steps failed on findings, so the gate may. */
  readonly hasGate: boolean;
}

const BUILD = 'docker/build-push-action';
const METADATA = 'docker/metadata-action';
/** Pinned as in our examples. */
export const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/**
 * Replace the steps of docker's actions, scanners and cosign by one Tidegate step; everything else stays byte for byte.
 * A job that cannot be converted stays as it is, and the notes say why.
 * @returns undefined if no job has such a step, or the file cannot be edited
 */
export function convertWorkflow(text: string, defaultBranch = 'main'): Converted | undefined {
  const workflow = readWorkflow(text);
  const jobs = workflow?.jobs.filter(({ steps }) => steps.some(({ action }) => action === BUILD)) ?? [];
  if (!workflow || jobs.length === 0) return undefined;
  const notes: Note[] = [];
  const edits: Edit[] = [];
  let hasGate = false;
  for (const job of jobs) {
    const done = convertJob(job, workflow);
    if (typeof done === 'string') {
      notes.push({ job: job.name, text: `Not converted: ${done}.` });
      continue;
    }
    edits.push(...done.edits, ...withPermissions(workflow, job, done.pushesToGitHub));
    notes.push(
      ...done.notes.map((one) => ({ job: job.name, text: /^Check /.test(one) ? `${one}.` : `No equivalent: ${one}.` })),
    );
    hasGate ||= done.hasGate;
    const others = otherBranches(workflow.root, defaultBranch);
    if (others.length > 0) notes.push({ job: job.name, text: branchNote(others) });
  }
  const converted = applied(workflow.lines, edits, text.includes('\r\n'));
  if (parseDocument(converted).errors.length > 0) return undefined;
  return { text: converted, notes, hasGate };
}

function branchNote(branches: readonly string[]): string {
  const named = branches.map((name) => `\`${name}\``).join(', ');
  return `Check the input \`publish-branches\`: the workflow pushed from ${named}, Tidegate publishes from the default branch and from git tags.`;
}

interface ConvertedJob {
  readonly edits: readonly Edit[];
  readonly notes: readonly string[];
  readonly hasGate: boolean;
  readonly pushesToGitHub: boolean;
}

function convertJob(job: WorkflowJob, { text, root }: WorkflowFile): ConvertedJob | string {
  const { steps } = job;
  const builds = steps.filter(({ action }) => action === BUILD);
  const [build] = builds;
  if (!build || builds.length > 1) return `it builds ${builds.length} images: write one Tidegate step for each`;
  const given = inputsOf(build);
  const why = whyNot(given);
  if (why !== undefined) return why;
  const source = /steps\.([\w-]+)\.outputs\.tags/.exec(given.get('tags') ?? '')?.[1];
  const metadata = steps.find(({ action, id }) => action === METADATA && id === source);
  if (source !== undefined && !metadata) return `its tags come from the step ${source}, which is not ${METADATA}`;
  const built = buildInputs(given, metadata && inputsOf(metadata));
  if (typeof built === 'string') return built;
  const { inputs, notes } = { inputs: built.inputs, notes: [...built.notes] };
  const removed = new Set<Step>(metadata ? [metadata] : []);
  const resolved = (value: string) => withEnv(value, job, root);
  const pushesToGitHub = /^ghcr\.io\//im.test(resolved(inputs.get('image') ?? ''));
  for (const step of steps) if (isReplaced(step, pushesToGitHub, resolved)) removed.add(step);
  let hasGate = false;
  for (const step of steps) {
    const scanned = takeScan(step, inputs);
    if (!scanned) continue;
    removed.add(step);
    notes.push(...scanned);
    hasGate = !inputs.has('preset');
  }
  for (const step of steps) if (takeOther(step, inputs, notes)) removed.add(step);
  // Other steps read the version or the tags: `plan` has the same outputs under the same id.
  const keepsPlan = metadata && isReadElsewhere(text, metadata, [...removed, build], inputs);
  notes.push(...lostOutputs(text, build));
  const [first] = steps;
  const hasCheckout = steps.some(({ action }) => action === 'actions/checkout');
  const checkout: readonly Edit[] =
    hasCheckout || !first ? [] : [{ from: first.first, to: first.first, lines: checkoutStep(first.indent) }];
  const edits = steps.flatMap((step): Edit[] => {
    if (step === build) return [{ from: step.first, to: step.end, lines: tidegateStep(step, inputs) }];
    if (step === metadata && keepsPlan) return [{ from: step.first, to: step.end, lines: planStep(step, inputs) }];
    return removed.has(step) ? [{ from: step.first, to: step.end, lines: [] }] : [];
  });
  return { edits: [...checkout, ...edits], notes, hasGate, pushesToGitHub };
}

/** The text with the variables of the workflow and the job, where they are plain. */
function withEnv(text: string, { node }: WorkflowJob, root: YAMLMap): string {
  return text.replace(/\$\{\{\s*env\.(\w+)\s*\}\}/g, (whole, name: string) => {
    for (const env of [node.get('env'), root.get('env')]) {
      const value = isMap(env) ? env.get(name) : undefined;
      if (typeof value === 'string') return value;
    }
    return whole;
  });
}

function lostOutputs(text: string, { id }: Step): readonly string[] {
  if (id === '') return [];
  const lost = ['imageid', 'metadata'].filter((name) => text.includes(`steps.${id}.outputs.${name}`));
  return lost.map((name) => `the output \`${name}\` of the step \`${id}\``);
}

/** docker/build-push-action clones the commit itself; Tidegate builds the checkout. */
function checkoutStep(indent: number): readonly string[] {
  const lines = [`- uses: ${CHECKOUT}`, '  with:', '    persist-credentials: false'];
  return lines.map((line) => `${' '.repeat(indent)}${line}`);
}

/** Steps that a Tidegate step makes superfluous. Logins at other registries stay: docker's configuration is read. */
function isReplaced(step: Step, pushesToGitHub: boolean, resolved: (text: string) => string): boolean {
  if (step.action === 'docker/login-action') {
    return pushesToGitHub && resolved(inputsOf(step).get('registry') ?? '').toLowerCase() === 'ghcr.io';
  }
  return ['docker/setup-buildx-action', 'sigstore/cosign-installer', 'anchore/sbom-action'].includes(step.action);
}

function takeScan(step: Step, inputs: Inputs): readonly string[] | undefined {
  const given = inputsOf(step);
  if (!scansImage(step.action, given)) return undefined;
  const found = step.action === 'anchore/scan-action' ? fromScanAction(given) : fromTrivy(given);
  for (const [name, value] of found.inputs) inputs.set(name, value);
  return found.notes;
}

/** @returns whether the step is replaced */
function takeOther(step: Step, inputs: Inputs, notes: string[]): boolean {
  if (step.action === 'github/codeql-action/upload-sarif') {
    inputs.set('upload-sarif', 'true');
    return true;
  }
  const run = textAt(step.node, 'run');
  if (!/\bcosign sign\b/.test(run)) return false;
  const commands = run
    .replace(/\\\r?\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (!commands.every((line) => /^\s*cosign (?:sign|attest)\b/.test(line))) {
    notes.push('the `cosign sign` among other commands of a `run` step: the image is signed already');
    return false;
  }
  if (/--key\b/.test(run)) {
    inputs.set('signing', 'key');
    const key = environmentOf(step, /--key[= ]"?env:\/\/(\w+)/.exec(run)?.[1]);
    const password = environmentOf(step, 'COSIGN_PASSWORD');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow
    inputs.set('key', key ?? '${{ secrets.COSIGN_PRIVATE_KEY }}');
    if (password !== undefined) inputs.set('key-password', password);
    if (key === undefined) notes.push('Check the input `key`: `cosign sign` has its key from elsewhere');
  }
  return true;
}

/** The variable of a step; `cosign sign --key env://NAME` reads its key from one. */
function environmentOf({ node }: Step, name: string | undefined): string | undefined {
  const env = node.get('env');
  const value = name !== undefined && isMap(env) ? env.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isReadElsewhere(text: string, { id }: Step, without: readonly Step[], inputs: Inputs): boolean {
  const lines = text.split('\n');
  for (const { first, end } of without) lines.fill('', first, end);
  return [...lines, ...inputs.values()].some((one) => one.includes(`steps.${id}.outputs.`));
}

const KEPT_KEYS = ['name', 'id', 'if', 'timeout-minutes', 'continue-on-error', 'env'];

function tidegateStep(step: Step, inputs: Inputs): readonly string[] {
  return written(step, 'tidegate/tidegate@v1', inputs);
}

function planStep(step: Step, inputs: Inputs): readonly string[] {
  const known = ['image', 'tags', 'flavor', 'labels', 'annotations', 'platforms'];
  const own = new Map([...inputs].filter(([name]) => known.includes(name)));
  return written(step, 'tidegate/tidegate/actions/plan@v1', own);
}

/** The lines of a step with the same name, id and condition. */
function written({ node, indent }: Step, uses: string, inputs: Inputs): readonly string[] {
  const step: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (name === 'uses') step.uses = uses;
    else if (KEPT_KEYS.includes(name)) step[name] = (value as { toJSON(): unknown }).toJSON();
  }
  step.with = Object.fromEntries([...inputs].map(([name, value]) => [name, plainValue(value)]));
  const text = stringify([step], { lineWidth: 0, singleQuote: true, blockQuote: 'literal' }).trimEnd();
  return text.split('\n').map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`));
}

/** `true` and `3` are written without quotes, as in the original. Lists end without a blank line. */
function plainValue(value: string): string | boolean | number {
  if (value === 'true' || value === 'false') return value === 'true';
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  return value.includes('\n') ? `${value.trimEnd()}\n` : value;
}

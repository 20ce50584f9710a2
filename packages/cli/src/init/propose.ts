import { dirname } from 'node:path/posix';
import { stringify } from 'yaml';
import type { Note } from './build-push.ts';
import { CHECKOUT, convertWorkflow } from './convert.ts';
import { proposedIgnore } from './dockerignore.ts';
import type { RepositoryFiles } from './repository.ts';

export interface Proposal {
  readonly files: readonly ProposedFile[];
  /** For the reader: what was found, and what has no equivalent. */
  readonly notes: readonly Note[];
}

export interface ProposedFile {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
}

export interface Wishes {
  /** Repository in a registry. Default: in ghcr.io, named after the GitHub repository. */
  readonly image: string;
  readonly preset: string;
  readonly defaultBranch: string;
}

const ONE_LINE = { blockQuote: false, lineWidth: 0 } as const;
const LIST_IN_ONE_LINE = { ...ONE_LINE, collectionStyle: 'flow', flowCollectionPadding: false } as const;

export const POLICY = '.github/tidegate.yml';
const SCHEMA = 'https://raw.githubusercontent.com/tidegate/tidegate/main/schema/tidegate-policy.schema.json';
/** Ends a line of YAML for some parser, is invisible to the reader of the diff, or begins an expression of a workflow. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\$\{\{/u;

/** The files that `docker buildx bake` reads by default, and at the top only, without those of compose. */
const BAKE_FILE = /^docker-bake(?:\.override)?\.(?:hcl|json)$/;
const MANY = 'use `bake-files` of plan, see docs/guides/many-images.md';
const BAKE = `Its targets are not read: the workflow builds the Dockerfiles as they are. For targets, ${MANY}.`;
const BAKE_ACTION = `Not converted: docker/bake-action builds the targets of a bake file: ${MANY}.`;

/** Workflow, policy and ignore files for a repository. Files that exist are kept, except for converted workflows. */
export function propose({ texts, paths }: RepositoryFiles, wishes: Wishes): Proposal {
  const files: ProposedFile[] = [];
  const notes: Note[] = [];
  let gates = true;
  const found = paths.filter((path) => /(^|\/)(Dockerfile|Containerfile)$/.test(path));
  const dockerfiles = found.filter((path) => !UNSAFE.test(path));
  const unsafe = found.filter((path) => UNSAFE.test(path)).map((path) => unsafeNote('folder', dirname(path)));
  notes.push(...unsafe);
  const workflows = [...texts].filter(([path]) => path.startsWith('.github/workflows/'));
  const hasOurs = workflows.some(([, text]) => /uses:\s*["']?tidegate\/tidegate[/@]/.test(text));
  for (const [path, before] of workflows) {
    const converted = convertWorkflow(before, wishes.defaultBranch);
    if (!converted) {
      if (/uses:\s*["']?docker\/bake-action@/.test(before)) notes.push({ job: path, text: BAKE_ACTION });
      continue;
    }
    notes.push(...converted.notes.map((note) => ({ job: `${path}: ${note.job}`, text: note.text })));
    if (converted.text === before) continue;
    gates &&= converted.hasGate;
    files.push({ path, before, after: converted.text });
  }
  const isConverted = files.length > 0 || notes.length > unsafe.length;
  const bake = paths.filter((path) => BAKE_FILE.test(path) && !UNSAFE.test(path));
  if (bake.length > 0 && !hasOurs) notes.push({ job: bake.join(', '), text: BAKE });
  const needsWorkflow = !isConverted && !hasOurs && (found.length === 0 || dockerfiles.length > 0);
  if (needsWorkflow && UNSAFE.test(wishes.defaultBranch)) notes.push(unsafeNote('branch', wishes.defaultBranch));
  else if (needsWorkflow) files.push(...newWorkflow(dockerfiles, wishes, texts));
  if (!texts.has(POLICY)) {
    files.push({
      path: POLICY,
      before: undefined,
      after: policyText(wishes.preset || (gates ? 'recommended' : 'observe')),
    });
  }
  for (const dockerfile of dockerfiles) {
    const folder = dirname(dockerfile);
    const path = folder === '.' ? '.dockerignore' : `${folder}/.dockerignore`;
    if (texts.has(path)) continue;
    const after = proposedIgnore(folder, paths, texts.get(dockerfile) ?? '');
    if (after !== undefined) files.push({ path, before: undefined, after });
  }
  if (found.length === 0)
    notes.push({ job: 'repository', text: 'No Dockerfile was found: add one before the first run.' });
  return { files, notes };
}

function unsafeNote(kind: 'folder' | 'branch', name: string): Note {
  const text = `Not proposed: the name of the ${kind} ${JSON.stringify(name)} has a control character, an invisible character or an expression of a workflow. Rename it, then run tidegate init again.`;
  return { job: 'repository', text };
}

function newWorkflow(
  dockerfiles: readonly string[],
  { image, defaultBranch }: Wishes,
  texts: ReadonlyMap<string, string>,
): readonly ProposedFile[] {
  const path = '.github/workflows/image.yml';
  if (texts.has(path)) return [];
  const found = dockerfiles.length > 0 ? dockerfiles : ['Dockerfile'];
  const names = jobNames(found);
  const jobs = found.map((dockerfile, at) => jobText(dockerfile, names[at] ?? 'image', found.length > 1, image));
  const after = `name: Image

on:
  push:
    branches: ${stringify([defaultBranch.replace(/[*?+[\]!\\]/g, '\\$&')], LIST_IN_ONE_LINE).trimEnd()}
    tags: ['v*']
  pull_request:

permissions: {}

jobs:
${jobs.join('\n')}`;
  return [{ path, before: undefined, after }];
}

/** A key of `jobs` for each Dockerfile. Two folders may differ only in characters that a key cannot have, or in case. */
function jobNames(dockerfiles: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return dockerfiles.map((dockerfile) => {
    const folder = dirname(dockerfile);
    const base = folder === '.' ? 'image' : folder.replace(/[^A-Za-z0-9_-]/g, '-').replace(/^[^A-Za-z_]/, '_');
    let name = base;
    for (let count = 2; used.has(name.toLowerCase()); count += 1) name = `${base}-${count}`;
    used.add(name.toLowerCase());
    return name;
  });
}

function jobText(dockerfile: string, name: string, isOneOfMany: boolean, image: string): string {
  const folder = dirname(dockerfile);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow
  const repository = image || 'ghcr.io/${{ github.repository }}';
  const inputs = [['image', isOneOfMany && folder !== '.' ? `${repository}/${name.toLowerCase()}` : repository]];
  if (folder !== '.') inputs.push(['context', folder]);
  if (!dockerfile.endsWith('Dockerfile')) inputs.push(['file', dockerfile]);
  return `  ${name}:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
      packages: write # ghcr.io
      id-token: write # signs with the job's identity, without a key
    steps:
      - uses: ${CHECKOUT}
        with:
          persist-credentials: false
      - uses: tidegate/tidegate@v1
        with:
${inputs.map(([key, value]) => `          ${key}: ${stringify(value, ONE_LINE)}`).join('')}`;
}

function policyText(preset: string): string {
  const observe =
    preset === 'observe'
      ? '# Reports, and lets everything pass: old findings should not stop the first run. Then change to no-worse or recommended.\n'
      : '';
  return `# yaml-language-server: $schema=${SCHEMA}\nversion: 1\n${observe}preset: ${preset}\n`;
}

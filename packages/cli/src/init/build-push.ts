/** Inputs of docker's actions in the terms of Tidegate's root action. */

export type Inputs = Map<string, string>;

/** A part of a workflow that has no equivalent, for the reader. */
export interface Note {
  readonly job: string;
  readonly text: string;
}

/** Inputs that the root action has under the same name. */
const SAME = [
  ...['context', 'file', 'target', 'platforms', 'build-args', 'build-contexts', 'secrets', 'secret-envs'],
  ...['secret-files', 'ssh', 'labels', 'annotations', 'cache-from', 'cache-to', 'no-cache', 'no-cache-filters', 'pull'],
  ...['network', 'add-hosts', 'cgroup-parent', 'shm-size', 'ulimit', 'builder', 'allow'],
];
/** Settings that Tidegate makes or decides itself. */
const IMPLIED = new Set(['push', 'tags', 'provenance', 'sbom', 'attests', 'github-token', 'load', 'outputs']);

/** Defaults of docker/metadata-action (README, "tags input"), written out because Tidegate's differ. */
const METADATA_TAGS = ['type=schedule', 'type=ref,event=branch', 'type=ref,event=tag', 'type=ref,event=pr'];

export interface Built {
  readonly inputs: Inputs;
  readonly notes: readonly string[];
}

/** Why a build cannot be one Tidegate step; undefined if it can. */
export function whyNot(build: ReadonlyMap<string, string>): string | undefined {
  if (build.get('load') === 'true') {
    return '`load: true`: use build-image, test-image and push-image as steps, see docs/guides/moving.md#steps-in-between';
  }
  if (build.has('outputs')) return '`outputs`: for one job per platform, use the reusable workflow with `platforms`';
  const push = build.get('push') ?? 'false';
  if (push === 'false') return 'it does not push: Tidegate publishes from the default branch and from tags';
  return undefined;
}

/** @param metadata inputs of docker/metadata-action, if the build takes its tags */
export function buildInputs(
  build: ReadonlyMap<string, string>,
  metadata: ReadonlyMap<string, string> | undefined,
): Built | string {
  const named = metadata ? fromMetadata(metadata) : fromReferences(build.get('tags') ?? '');
  if (typeof named === 'string') return named;
  const inputs: Inputs = new Map(named.inputs);
  const notes = [...named.notes];
  for (const name of SAME) {
    const text = build.get(name);
    if (text === undefined || isMetadata(text)) continue;
    inputs.set(name, joined(inputs.get(name), name === 'context' ? contextOf(text) : text));
  }
  useGitHubCache(inputs);
  for (const name of build.keys()) {
    if (!SAME.includes(name) && !IMPLIED.has(name)) notes.push(`the input \`${name}\` of docker/build-push-action`);
  }
  const push = build.get('push') ?? '';
  if (push.includes('refs/tags/')) {
    notes.push('Check the input `tags`: to publish git tags only, write rules for git tags only');
  }
  return { inputs, notes };
}

/** docker/build-push-action, README, "Git context": the commit of the event, or a folder of it. */
function contextOf(text: string): string {
  const [, folder] = /^\{\{defaultContext\}\}(?::(.*))?$/.exec(text.trim()) ?? [];
  return /^\{\{defaultContext\}\}/.test(text.trim()) ? folder || '.' : text;
}

function joined(before: string | undefined, text: string): string {
  return before === undefined || before === text ? text : `${before.trimEnd()}\n${text}`;
}

/** A text that is nothing but an output of another step. */
function isMetadata(text: string): boolean {
  return /^\$\{\{\s*steps\.[\w-]+\.outputs\.(?:labels|annotations|tags)\s*\}\}\s*$/.test(text);
}

function useGitHubCache(inputs: Inputs): void {
  if (inputs.get('cache-from')?.trim() !== 'type=gha') return;
  if (!/^type=gha(,mode=max)?$/.test(inputs.get('cache-to')?.trim() ?? '')) return;
  inputs.delete('cache-from');
  inputs.delete('cache-to');
  inputs.set('cache', 'gha');
}

function fromMetadata(metadata: ReadonlyMap<string, string>): Built | string {
  const images = linesOf(metadata.get('images') ?? '');
  if (images.length === 0) return 'docker/metadata-action has no `images`';
  if (images.some((line) => /,|^name=|^enable=/.test(line))) {
    return '`images` of docker/metadata-action has `name=` or `enable=`, which are not read';
  }
  const inputs: Inputs = new Map([['image', images.join('\n')]]);
  const tags = linesOf(metadata.get('tags') ?? '');
  inputs.set('tags', (tags.length > 0 ? tags : METADATA_TAGS).join('\n'));
  for (const name of ['flavor', 'labels', 'annotations']) {
    const text = metadata.get(name);
    if (text) inputs.set(name, text);
  }
  const known = new Set(['images', 'tags', 'flavor', 'labels', 'annotations', 'github-token']);
  const notes = [...metadata.keys()].filter((name) => !known.has(name));
  return { inputs, notes: notes.map((name) => `the input \`${name}\` of docker/metadata-action`) };
}

/** `tags` of docker/build-push-action are references: repositories, and the tags that all of them get. */
function fromReferences(text: string): Built | string {
  const references = text.split(/[\n,]/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (references.length === 0) return 'it has no `tags`';
  const images: string[] = [];
  const tags: string[] = [];
  for (const reference of references) {
    const [image, tag] = splitReference(reference);
    if (image === '') return `\`tags\` has ${reference}, which is no repository with a tag`;
    if (!images.includes(image)) images.push(image);
    if (!tags.includes(tag)) tags.push(tag);
  }
  const inputs: Inputs = new Map([
    ['image', images.join('\n')],
    ['tags', tags.map((tag) => `type=raw,value=${tag}`).join('\n')],
  ]);
  return { inputs, notes: tags.includes('latest') && tags.length === 1 ? [LATEST] : [] };
}

const LATEST = 'Check the input `tags`: `latest` alone does not say which version runs, `auto` does';

/** Repository and tag. The repository is '' if an expression may contain both. */
function splitReference(reference: string): readonly [image: string, tag: string] {
  // Characters of expressions do not count.
  const masked = reference.replace(/\$\{\{[^{}]{0,200}\}\}/g, (expression) => 'x'.repeat(expression.length));
  const slash = masked.lastIndexOf('/');
  const colon = masked.indexOf(':', slash + 1);
  const image = colon < 0 ? reference : reference.slice(0, colon);
  if (slash < 0 || /[\s{}$@]/.test(masked)) return ['', ''];
  return [image, colon < 0 ? 'latest' : reference.slice(colon + 1)];
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

import { badInput } from '../error.ts';
import { type Annotations, planAnnotations } from '../image/annotations.ts';
import { digestOf, hexOf } from '../image/digest.ts';
import { type LabelOptions, type Labels, planLabels } from '../image/labels.ts';
import { formatPlatform, type Platform, parsePlatform } from '../image/platform.ts';
import { formatReference, parseImage } from '../reference/reference.ts';
import { type OmittedTag, type PlannedTag, planTags, subjectOf, type TagOptions } from '../tags/index.ts';
import { glob } from '../text/glob.ts';
import type { GitState } from './git-state.ts';

export interface PlanOptions extends TagOptions {
  /** `registry/repository`, without tag and digest. */
  readonly image: string;
  readonly platforms: readonly string[];
  /**
   * Branches whose pushes are published; `*` matches any text without a slash, `**` any text. Empty: the default
   * branch.
   */
  readonly publishBranches?: readonly string[];
  /** Tells variants of one image apart, such as `alpine`. Default: the only one. */
  readonly name?: string | undefined;
  /** Runner label for every platform, in place of GitHub's own. */
  readonly runner?: string | undefined;
  /** `labels` override the labels from the commit; `annotations` likewise, with the same defaults. */
  readonly labels?: LabelOptions;
  readonly annotations?: readonly (readonly [key: string, value: string])[];
}

interface PlannedPlatform {
  readonly platform: Platform;
  /** `runs-on` of the job that builds it. */
  readonly runner: string;
  /** Name of the workflow artifact that carries its layout; of one image and platform only. */
  readonly artifact: string;
}

export interface Plan {
  /** `registry/repository`, normalised. */
  readonly image: string;
  /** Sentences for the log about inputs that were changed. */
  readonly notices: readonly string[];
  readonly platforms: readonly PlannedPlatform[];
  readonly tags: readonly PlannedTag[];
  /** Tags that this commit does not get, each with the reason. */
  readonly left: readonly OmittedTag[];
  /** Value of the label `version`. */
  readonly version?: string | undefined;
  readonly labels: Labels;
  readonly annotations: Annotations;
  readonly publish: boolean;
  /** Why it is published or not, in one or two sentences. May contain a ref's name: escape it for display. */
  readonly why: string;
  /** Nothing is published although this event and ref do publish: more than a notice. */
  readonly unexpected: boolean;
}

/**
 * Plans the build and publication of this event.
 * @throws TidegateError `bad-input` for an image, platform, tag rule or label that cannot be read.
 */
export function makePlan(git: GitState, options: PlanOptions): Plan {
  const { image, notices } = planImage(options.image);
  const { tags, left, version } = planTags(git, options);
  const described: LabelOptions = { version: version || undefined, ...options.labels };
  const { override: _, ...shared } = described;
  return {
    image,
    notices,
    platforms: planPlatforms(image, options),
    tags,
    left,
    version,
    labels: planLabels(git, described),
    annotations: planAnnotations(planLabels(git, shared), options.annotations ?? []),
    ...planPublication(git, tags, left, options.publishBranches ?? []),
  };
}

function planImage(text: string): Pick<Plan, 'image' | 'notices'> {
  const { reference, notice } = parseImage(text);
  if (reference.tag || reference.digest) {
    throw badInput(
      'image-name-invalid',
      'image',
      text,
      'a repository without a tag or digest',
      'Move the tag to the input tags.',
    );
  }
  return { image: formatReference(reference), notices: notice === undefined ? [] : [notice] };
}

function planPlatforms(image: string, options: PlanOptions): readonly PlannedPlatform[] {
  const platforms = new Map(options.platforms.map((text) => parsePlatform(text)).map((p) => [formatPlatform(p), p]));
  if (platforms.size === 0)
    throw badInput('platform-invalid', 'platforms', '', 'at least one platform', 'Write for example linux/amd64.');
  const last = image.slice(image.lastIndexOf('/') + 1);
  const variant = planName(options.name ?? '');
  // Two images of one workflow may share their last part; the hash of the full name keeps their artifact names unique.
  const stem = `tidegate-${last.slice(0, 64)}-${hexOf(digestOf(image)).slice(0, 8)}${variant && `-${variant}`}`;
  return [...platforms].map(([name, platform]) => ({
    platform,
    runner: options.runner || (platform.architecture === 'arm64' ? 'ubuntu-24.04-arm' : 'ubuntu-24.04'),
    artifact: `${stem}-${name.replaceAll('/', '-')}`,
  }));
}

/** It becomes part of artifact names, which must not contain `"`, `:`, `<`, `>`, `|`, `*`, `?`, `/` or `\\`. */
function planName(name: string): string {
  if (/^[A-Za-z0-9._-]{0,64}$/.test(name)) return name;
  const expected = 'at most 64 letters, digits, dots, dashes and underscores';
  throw badInput('input-format-wrong', 'name', name, expected, 'Write for example alpine.');
}

/**
 * Publishes only events that outsiders cannot trigger: pushes, schedules and dispatches. Everything about a pull
 * request, and every event not listed here (above all `workflow_run`), runs or may run untrusted code.
 */
function planPublication(
  git: GitState,
  tags: readonly PlannedTag[],
  left: readonly OmittedTag[],
  branches: readonly string[],
): Pick<Plan, 'publish' | 'why' | 'unexpected'> {
  for (const pattern of branches) assertBranchPattern(pattern);
  const no = (why: string) => ({ publish: false, why: `Not published: ${why}.`, unexpected: false });
  const { event, ref } = git;
  if (git.fork) return no('a pull request from a fork');
  if (event.kind === 'pull_request' || ref.kind === 'pull') return no(`a pull request (${event.name})`);
  if (event.kind === 'other' && event.name !== 'release') return no(`the event ${event.name} does not publish`);
  if (event.kind === 'other' && ref.kind !== 'tag') return no('a release without a tag');
  if (event.action && GONE.has(event.action)) return no(`the release of ${subjectOf(git)} is ${event.action}`);
  const wanted = branches.length > 0 ? branches : [git.defaultBranch];
  if (ref.kind === 'branch' && !wanted.some((pattern) => glob(pattern)(ref.name))) {
    return no(`branch ${ref.name} is not a publishing branch (${wanted.join(', ')})`);
  }
  if (tags.length === 0) {
    const reasons = left.slice(0, MOST_REASONS).map(({ reason }) => ` ${reason}`);
    const some = left.some(({ fits }) => fits);
    return {
      publish: false,
      why: `Not published: ${some ? 'no tag may be set for' : 'no tag rule matches'} ${subjectOf(git)}.${reasons.join('')}`,
      // Rules only for git tags are a way to publish nothing from branches.
      unexpected: some || ref.kind === 'tag',
    };
  }
  return { publish: true, why: `Published: ${event.name} of ${subjectOf(git)}.`, unexpected: false };
}

/** Actions of the event `release` that remove the release. */
const GONE = new Set(['deleted', 'unpublished']);
const MOST_REASONS = 3;

/**
 * Branch names cannot contain these characters: a pattern with one would match nothing, and nothing would be published.
 */
function assertBranchPattern(pattern: string): void {
  if (!/[?[\\]/.test(pattern)) return;
  const next = 'Write * for any text without a slash and ** for any text, such as release/*.';
  throw badInput(
    'input-format-wrong',
    'publish-branches',
    pattern,
    'the name of a branch, or a pattern with * and **',
    next,
  );
}

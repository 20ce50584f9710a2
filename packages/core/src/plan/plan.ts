import { badInput } from '../error.ts';
import { type Annotations, planAnnotations } from '../image/annotations.ts';
import { digestOf, hexOf } from '../image/digest.ts';
import { type LabelOptions, type Labels, planLabels } from '../image/labels.ts';
import { formatPlatform, type Platform, parsePlatform } from '../image/platform.ts';
import { mapEach, type OneOrMore } from '../one-or-more.ts';
import { formatReference, parseImage } from '../reference/reference.ts';
import { type OmittedTag, type PlannedTag, planTags, subjectOf, type TagOptions, type TagPlan } from '../tags/index.ts';
import { glob } from '../text/glob.ts';
import { evaluatedPairs } from './evaluated-pairs.ts';
import type { GitState } from './git-state.ts';
import { planRunners, type RunsOn } from './runners.ts';

export interface PlanOptions extends TagOptions {
  /** `registry/repository`, without tag and digest: all get the same image and tags. The first is the image's name. */
  readonly images: readonly string[];
  readonly platforms: readonly string[];
  /**
   * Branches whose pushes are published; `*` matches any text without a slash, `**` any text. Empty: the default
   * branch.
   */
  readonly publishBranches?: readonly string[];
  /** Tells variants of one image apart, such as `alpine`. Default: the only one. */
  readonly name?: string | undefined;
  /** Runners in place of GitHub's own: `LABEL` for every platform, `PLATFORM=[LABEL, LABEL]` for one. */
  readonly runners?: readonly string[] | undefined;
  /**
   * `labels` override the labels from the commit; `annotations` likewise, with the same defaults. Both may contain
   * expressions: see evaluatedPairs.
   */
  readonly labels?: LabelOptions;
  readonly annotations?: readonly (readonly [key: string, value: string])[] | undefined;
}

interface PlannedPlatform {
  readonly platform: Platform;
  /** `runs-on` of the job that builds it. */
  readonly runner: RunsOn;
  /** Name of the workflow artifact that carries its layout; of one image and platform only. */
  readonly artifact: string;
}

export interface Plan {
  /** `registry/repository`, normalized: the first of `images`. */
  readonly image: string;
  /** Every destination. */
  readonly images: OneOrMore<string>;
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
  /**
   * The decision with its reason, in one or two sentences. It is worded for the time before anything is published: this
   * run may still fail, or only print its plan. May contain a ref's name: escape it for display.
   */
  readonly why: string;
  /** Event and ref: `push of branch main`. May contain a ref's name, as `why`. */
  readonly trigger: string;
  /** Nothing is published although this event and ref do publish: more than a notice. */
  readonly unexpected: boolean;
}

/**
 * Plans the build and publication of this event.
 * @throws TidegateError `bad-input` for an image, platform, tag rule or label that cannot be read.
 */
export function makePlan(git: GitState, options: PlanOptions): Plan {
  const { images, notices } = planImages(options.images);
  const [image] = images;
  const { tags, left, version } = planTags(git, options);
  const shared: LabelOptions = { version: version || undefined, ...options.labels, override: undefined };
  const own = (input: 'labels' | 'annotations', pairs: LabelOptions['override'] = []) =>
    evaluatedPairs(pairs, git, options, input);
  return {
    image,
    images,
    notices,
    platforms: planPlatforms(image, options),
    tags,
    left,
    version,
    labels: planLabels(git, { ...shared, override: own('labels', options.labels?.override) }),
    annotations: planAnnotations(planLabels(git, shared), own('annotations', options.annotations)),
    ...planPublication(git, tags, left, options.publishBranches ?? []),
    trigger: triggerOf(git),
  };
}

function planImages(texts: readonly string[]): Pick<Plan, 'images' | 'notices'> {
  const [first, ...others] = texts;
  const planned = mapEach([first ?? '', ...others], planImage);
  const images = mapEach(planned, ({ image }) => image);
  const twice = images.find((image, at) => images.indexOf(image) < at);
  if (twice !== undefined) {
    throw badInput('image-name-invalid', 'image', twice, 'each repository once', 'Remove the duplicate line.');
  }
  return { images, notices: planned.flatMap(({ notices }) => notices) };
}

function planImage(text: string): { readonly image: string; readonly notices: readonly string[] } {
  // Text before an @ may be a password.
  if (text.includes(',') && !text.includes('@')) {
    const next = 'Write each repository on a line of its own, without commas.';
    throw badInput('image-name-invalid', 'image', text, 'one repository per line', next);
  }
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
  const runnerOf = planRunners(options.runners ?? [], [...platforms.values()]);
  return [...platforms].map(([name, platform]) => ({
    platform,
    runner: runnerOf(platform),
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
 * Whether a run publishes, without the reason.
 * @param branches as `publishBranches` of the plan
 */
export function isPublished(git: GitState, { tags, left }: TagPlan, branches: readonly string[]): boolean {
  return planPublication(git, tags, left, branches).publish;
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
  if (event.name === NO_PUBLISH_EVENT) return no('--no-publish is given');
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
  return { publish: true, why: `Will publish: ${triggerOf(git)}.`, unexpected: false };
}

/** The event of a command line with `--no-publish`. GitHub has none of this name. */
export const NO_PUBLISH_EVENT = 'no_publish';

const triggerOf = (git: GitState): string => `${git.event.name} of ${subjectOf(git)}`;

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

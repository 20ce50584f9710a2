import { glob } from '../text/glob.ts';
import { clipped, counted } from '../text/wording.ts';
import type { ImageContents, Trace, TraceKind } from './image-contents.ts';
import { layerPath } from './layer-path.ts';

/** A trace that somebody has looked at and lets pass, for a while. */
export interface AllowedTrace {
  readonly kind: TraceKind;
  /** A pattern of paths: `/usr/bin/su`, `/usr/lib/**`. */
  readonly path: string;
  readonly reason: string;
  /** From then on it lets nothing pass, and fails. */
  readonly expires?: Date;
}

/** What may be in an image. A kind that is not named is reported and fails nothing, apart from `FAIL_BY_DEFAULT`. */
export interface ContentsPolicy {
  readonly traces: Readonly<Partial<Record<TraceKind, 'fail' | 'report'>>>;
  readonly allow?: readonly AllowedTrace[];
  /** How far ahead `expires` of an allowance may lie. Milliseconds; absent: as far as it says. */
  readonly maxAllowTime?: number;
  /** Folders that hold what must outlive a container; default STATE_PATHS. The image's own volumes are always among them. */
  readonly statePaths?: readonly string[];
  /** A container must say how its health is checked. */
  readonly healthcheck?: boolean;
  /** Labels that must be there and say something. */
  readonly labels?: readonly string[];
}

/** A secret is out with the first pull, and what is hidden from a scanner makes its report worth nothing. */
const FAIL_BY_DEFAULT: readonly TraceKind[] = ['secret', 'hidden-package'];

export function failsOn(policy: ContentsPolicy, kind: TraceKind): boolean {
  return (policy.traces[kind] ?? (FAIL_BY_DEFAULT.includes(kind) ? 'fail' : 'report')) === 'fail';
}

/** What counts where a later layer deletes it too: whoever pulls the image can read it. */
const IN_EVERY_LAYER: readonly TraceKind[] = ['secret', 'history'];

/**
 * Traces of one kind that a policy does not let pass. A secret and a git repository count wherever they lie: in a
 * layer below the one that deletes them, they are still in the image. Everything else counts where a container sees it.
 */
export function objections(
  policy: ContentsPolicy,
  contents: ImageContents,
  kind: TraceKind,
  now: Date,
): readonly Trace[] {
  const allowed = (policy.allow ?? [])
    .filter((one) => one.kind === kind && !isExpired(one, now) && !isTooLong(policy, one, now))
    .map((one) => glob(one.path));
  return contents.traces.filter(
    (trace) =>
      trace.kind === kind &&
      (IN_EVERY_LAYER.includes(kind) || trace.hiddenBy === undefined) &&
      !allowed.some((matches) => matches(trace.path)),
  );
}

/** Written so that a date that is none counts as past. */
function isExpired({ expires }: AllowedTrace, now: Date): boolean {
  return expires !== undefined && !(expires.getTime() > now.getTime());
}

/** Written so that a date or a limit that is not a number counts as too long. */
function isTooLong({ maxAllowTime }: ContentsPolicy, { expires }: AllowedTrace, now: Date): boolean {
  if (maxAllowTime === undefined) return false;
  return !((expires?.getTime() ?? Number.NaN) - now.getTime() <= maxAllowTime);
}

const NAMES: Readonly<Record<TraceKind, readonly [one: string, many: string]>> = {
  secret: ['secret', 'secrets'],
  history: ['git repository', 'git repositories'],
  'hidden-package': ['package hidden from scanners', 'packages hidden from scanners'],
  setuid: ['program with the rights of its owner', 'programs with the rights of their owners'],
  shell: ['shell', 'shells'],
  'package-manager': ['package manager', 'package managers'],
  state: ['file where state belongs', 'files where state belongs'],
  device: ['device', 'devices'],
};
const MOST_NAMED = 3;

/** One sentence for a kind that fails, or none: how many, and the first of them with their layers. */
export function traceProblems(
  policy: ContentsPolicy,
  contents: ImageContents,
  kind: TraceKind,
  now: Date,
): readonly string[] {
  if (!failsOn(policy, kind)) return [];
  const problems: string[] = [];
  const found = objections(policy, contents, kind, now);
  if (found.length > 0) {
    const named = found.slice(0, MOST_NAMED).map((trace) => traceText(trace, contents));
    const more = found.length > named.length ? ` and ${found.length - named.length} more` : '';
    problems.push(`${counted(found.length, ...NAMES[kind])}: ${named.join('; ')}${more}.`);
  }
  // Not all were kept, so an allowance cannot be held against all of them.
  if (contents.overflow.includes(kind)) problems.push(`more ${NAMES[kind][1]} than can be listed.`);
  if (kind === 'state') {
    const watched = new Set(contents.statePaths);
    const unseen = (policy.statePaths ?? []).filter((path) => layerPath(path) !== '/' && !watched.has(layerPath(path)));
    if (unseen.length > 0) problems.push(`it was not read with an eye on ${clipped(unseen.join(', '))}.`);
  }
  for (const one of policy.allow ?? []) {
    if (one.kind === kind && isExpired(one, now)) {
      problems.push(`the allowance for ${clipped(one.path)} has expired (${clipped(one.reason)}).`);
    } else if (one.kind === kind && isTooLong(policy, one, now)) {
      problems.push(`the allowance for ${clipped(one.path)} lasts longer than the policy allows (max-ignore-time).`);
    }
  }
  return problems;
}

/** `GitHub token in /app/.env:3 (layer 4, deleted in layer 5 and still in the image)`. Layers are counted from 1. */
export function traceText({ path, what, line, layer, hiddenBy, kind }: Trace, contents: ImageContents): string {
  if (layer < 0) return `${clipped(what)} in the ${path}`;
  const { createdBy: by, line: made } = contents.layers[layer] ?? {};
  const gone = hiddenBy === undefined ? '' : `, deleted in layer ${hiddenBy + 1} and still in the image`;
  const where = `${clipped(path)}${line === undefined ? '' : `:${line}`}`;
  const place = `layer ${layer + 1}${made ? `, ${clipped(made)}` : ''}${by ? `, ${clipped(by)}` : ''}`;
  return `${said(kind, what, where)} (${place}${gone})`;
}

function said(kind: TraceKind, what: string, where: string): string {
  if (kind === 'shell' || kind === 'package-manager' || kind === 'device') return where;
  // Names of packages, versions and a file, each of them clipped.
  if (kind === 'hidden-package') return `${where}: ${clipped(what, 400)}`;
  return `${clipped(what)} in ${where}`;
}

/** What the config lacks that the policy asks for. */
export function configProblems(
  policy: ContentsPolicy,
  { config }: ImageContents,
): {
  readonly healthcheck: readonly string[];
  readonly labels: readonly string[];
} {
  const missing = (policy.labels ?? []).filter(
    (label) => (Object.hasOwn(config.labels, label) ? config.labels[label] : '')?.trim() === '',
  );
  return {
    healthcheck: policy.healthcheck && !config.healthcheck ? ['the image has no HEALTHCHECK.'] : [],
    labels:
      missing.length > 0
        ? [`${counted(missing.length, 'label')} missing or empty: ${clipped(missing.join(', '))}.`]
        : [],
  };
}

/** Whether its blobs may leave the machine: a registry that has a secret once may have given it away. */
export function mayLeave(policy: ContentsPolicy | undefined, contents: readonly ImageContents[], now: Date): boolean {
  return policy === undefined || contents.every((one) => traceProblems(policy, one, 'secret', now).length === 0);
}

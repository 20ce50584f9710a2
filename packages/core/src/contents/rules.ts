import { glob } from '../text/glob.ts';
import { clipped, counted } from '../text/wording.ts';
import type { ImageContents, Trace, TraceKind } from './image-contents.ts';
import { layerPath } from './layer-path.ts';

/** A reviewed trace that is allowed until a date. */
export interface AllowedTrace {
  readonly kind: TraceKind;
  /** A pattern of paths: `/usr/bin/su`, `/usr/lib/**`. */
  readonly path: string;
  readonly reason: string;
  /** From this time on it allows nothing, and fails the gate. */
  readonly expires?: Date;
}

/** Limits for the contents of an image. Kinds without a setting are only reported, except `FAIL_BY_DEFAULT`. */
export interface ContentsPolicy {
  readonly traces: Readonly<Partial<Record<TraceKind, 'fail' | 'report'>>>;
  readonly allow?: readonly AllowedTrace[];
  /** Maximum time until `expires` of an allow entry. Milliseconds; absent: no limit. */
  readonly maxAllowTime?: number;
  /** State folders; default STATE_PATHS. The image's own volumes are always added. */
  readonly statePaths?: readonly string[];
  /** Require a HEALTHCHECK. */
  readonly healthcheck?: boolean | undefined;
  /** Required labels, which must not be empty. */
  readonly labels?: readonly string[];
}

/** A secret is disclosed with the first pull, and a hidden package makes the scan worthless. */
const FAIL_BY_DEFAULT: readonly TraceKind[] = ['secret', 'hidden-package'];

export function failsOn(policy: ContentsPolicy, kind: TraceKind): boolean {
  return (policy.traces[kind] ?? (FAIL_BY_DEFAULT.includes(kind) ? 'fail' : 'report')) === 'fail';
}

/** Kinds that count even if a later layer deletes them: they can be read after a pull. */
const IN_EVERY_LAYER: readonly TraceKind[] = ['secret', 'history'];

/**
 * Traces of one kind that the policy does not allow. Secrets and git repositories count in every layer: even if a later
 * layer deletes them, they are still in the image. Other kinds count only if a container sees them.
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

/** Written so that an invalid date counts as past. */
function isExpired({ expires }: AllowedTrace, now: Date): boolean {
  return expires !== undefined && !(expires.getTime() > now.getTime());
}

/** Written so that an invalid date or limit counts as too long. */
function isTooLong({ maxAllowTime }: ContentsPolicy, { expires }: AllowedTrace, now: Date): boolean {
  if (maxAllowTime === undefined) return false;
  return !((expires?.getTime() ?? Number.NaN) - now.getTime() <= maxAllowTime);
}

const NAMES: Readonly<Record<TraceKind, readonly [one: string, many: string]>> = {
  secret: ['secret', 'secrets'],
  history: ['git repository', 'git repositories'],
  'hidden-package': ['package hidden from scanners', 'packages hidden from scanners'],
  setuid: ['setuid or setgid program', 'setuid or setgid programs'],
  shell: ['shell', 'shells'],
  'package-manager': ['package manager', 'package managers'],
  state: ['file in a state folder', 'files in state folders'],
  device: ['device', 'devices'],
};
const MOST_NAMED = 3;

/** The problem of a kind in one sentence, if any: the number, and the first ones with their layers. */
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
  // Not all were kept, so allow entries cannot be checked for all of them.
  if (contents.overflow.includes(kind)) problems.push(`more ${NAMES[kind][1]} than the report can list.`);
  if (kind === 'state') {
    const watched = new Set(contents.statePaths);
    const unseen = (policy.statePaths ?? []).filter((path) => layerPath(path) !== '/' && !watched.has(layerPath(path)));
    if (unseen.length > 0) problems.push(`the layers were not checked for state below ${clipped(unseen.join(', '))}.`);
  }
  for (const one of policy.allow ?? []) {
    if (one.kind === kind && isExpired(one, now)) {
      problems.push(`the allow entry for ${clipped(one.path)} has expired (${clipped(one.reason)}).`);
    } else if (one.kind === kind && isTooLong(policy, one, now)) {
      problems.push(`the allow entry for ${clipped(one.path)} runs longer than max-ignore-time of the policy.`);
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
  // Package names, versions and a file name, each already clipped.
  if (kind === 'hidden-package') return `${where}: ${clipped(what, 400)}`;
  return `${clipped(what)} in ${where}`;
}

/** Requirements of the policy that the config does not meet. */
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

/** Whether its blobs may be uploaded: a registry that receives a secret may have disclosed it already. */
export function mayLeave(policy: ContentsPolicy | undefined, contents: readonly ImageContents[], now: Date): boolean {
  return policy === undefined || contents.every((one) => traceProblems(policy, one, 'secret', now).length === 0);
}

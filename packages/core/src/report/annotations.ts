import { packageKey } from '../cause/cause.ts';
import type { Finding } from '../finding.ts';
import { capitalised, clipped, counted } from '../text/wording.ts';
import { type Fix, fixesFor, type Place } from './fixes.ts';
import { type MergedFinding, mergeFindings, type PlatformFindings } from './merged.ts';

/** GitHub shows ten annotations of each kind per step and drops the rest; the tenth error is the step's own. */
const MOST = 9;
const MOST_NAMED = 3;

/** One annotation: of one change and all findings that it fixes. Untrusted text, not escaped. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  /** The line to change. */
  readonly place: Place;
}

export interface AnnotatedPlatform extends Omit<PlatformFindings, 'scan'> {
  readonly findings: readonly Finding[];
  /** The findings that fail the gate. */
  readonly blocking: readonly Finding[];
  /** Findings about which nothing has to be done. */
  readonly suppressed: ReadonlyMap<Finding, unknown>;
}

/**
 * Annotations for the findings of all platforms, at most nine: one per change, on the line to change. Changes that the
 * gate requires are errors and come first; others are warnings, if they can be made today. The last one counts the rest.
 */
export function annotationsFor(platforms: readonly AnnotatedPlatform[]): readonly Annotation[] {
  const blockingKeys = new Set(platforms.flatMap(({ blocking }) => blocking.map(keyOf)));
  const counting = platforms.map((one) => ({
    ...one,
    scan: { findings: one.findings.filter((finding) => !one.suppressed.has(finding)) },
  }));
  const isBlocking = (finding: MergedFinding) => blockingKeys.has(keyOf(finding));
  const fixes = fixesFor(mergeFindings(counting), isBlocking).flatMap((fix) => {
    const { blocking, place, state } = fix;
    return place && (blocking || state === 'available') ? [{ fix, place }] : [];
  });
  const every = platforms.map(({ platform }) => platform);
  const shown = fixes.slice(0, MOST);
  const rest = fixes.slice(MOST);
  return shown.map(({ fix, place }, at): Annotation => {
    const last = at === shown.length - 1 && rest.length > 0 ? ` ${restText(rest.map((each) => each.fix))}` : '';
    return {
      level: fix.blocking ? 'error' : 'warning',
      title: fix.blocking ? 'Fails the gate' : 'Vulnerable package',
      message: `${messageOf(fix, every)}${last}`,
      place,
    };
  });
}

function keyOf({ id, package: own }: Finding): string {
  return `${packageKey(own)} ${id}`;
}

/** `Upgrade lodash to 4.17.21: CVE-2021-23337 (high), Command Injection in lodash; and 2 more advisories.` */
function messageOf(fix: Fix<MergedFinding>, every: readonly string[]): string {
  const { change, declaredIn, findings, removes } = fix;
  const [first, ...others] = removes.advisories;
  const title = first?.title === undefined ? '' : `, ${first.title}`;
  const named = others.slice(0, MOST_NAMED - 1).map(({ id, severity }) => `${id} (${severity})`);
  const more = others.length - named.length;
  const list = [`${first?.id ?? ''} (${first?.severity ?? fix.worst})${title}`, ...named];
  if (more > 0) list.push(`and ${counted(more, 'more advisory', 'more advisories')}`);
  const via = declaredIn?.via === undefined ? '' : ` (required by ${clipped(declaredIn.via)})`;
  const on = [...new Set(findings.flatMap(({ platforms }) => platforms))];
  const where = on.length < every.length ? ` on ${on.join(', ')}` : '';
  return `${capitalised(change)}${via}: ${list.join('; ')}${where}.`;
}

function restText(rest: readonly Fix[]): string {
  const blocking = rest.filter((fix) => fix.blocking).length;
  const which = blocking > 0 ? `, ${blocking} of them required by the gate,` : '';
  const verb = rest.length === 1 ? 'is' : 'are';
  return `${counted(rest.length, 'more change')}${which} ${verb} in the job summary.`;
}

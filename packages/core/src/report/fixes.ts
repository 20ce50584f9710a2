import { type Cause, placeOf, shortImage } from '../cause/cause.ts';
import type { DeclaredIn } from '../declared-in/declared-in.ts';
import type { Finding } from '../finding.ts';
import { worstFirst } from '../gate/findings.ts';
import { fixedOnlyIn, hasFix } from '../gate/fix.ts';
import { groupBy } from '../group-by.ts';
import { DISTRIBUTION_PACKAGES } from '../purl/distribution.ts';
import { sourcePackageOf } from '../purl/source-package.ts';
import { ALL_SEVERITIES, type Severity } from '../severity.ts';
import { clipped, counted } from '../text/wording.ts';
import { upgradeTarget } from './fix-versions.ts';
import { shortKeys } from './merged.ts';

/** A finding, with the instruction and the file that its package comes from. */
export interface LocatedFinding extends Finding {
  readonly cause?: Cause | undefined;
  readonly declaredIn?: DeclaredIn | undefined;
}

/**
 * One change, and all findings that it fixes. All texts are untrusted, not escaped, and of bounded length except for
 * those in `findings`.
 */
export interface Fix<F extends LocatedFinding = LocatedFinding> {
  /** A newer base image; an update of all packages that a distribution built from one source; or of one package. */
  readonly kind: 'package' | 'system-source' | 'base';
  /** `other-line`: fixed only in another major version. `wont-fix`: the vendor will not fix it. */
  readonly state: 'available' | 'other-line' | 'wont-fix' | 'none';
  /** An imperative without its full stop: `upgrade lodash to 4.17.21`, `update base image node:22-slim`. */
  readonly change: string;
  /** The package, source package or base image (`node:22-slim`). */
  readonly name: string;
  /** Versions to upgrade to: one, if it is certain which one fixes all. Empty for a base image, and without a fix. */
  readonly to: readonly string[];
  /** Of several versions in `to`: any of them fixes all findings, or only the newest of them. */
  readonly choice: 'any' | 'newest';
  /** Installed packages that change with it, those with the worst finding first. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly type: string }[];
  /** The lock file or manifest to change. Absent for what a base image or a distribution contains. */
  readonly declaredIn?: DeclaredIn | undefined;
  /** The layer and instruction that added the first of the packages. */
  readonly cause?: Cause | undefined;
  /** The line to change: in `declaredIn`, otherwise in the Dockerfile. */
  readonly place?: Place | undefined;
  readonly removes: {
    /** Every advisory once, worst first. */
    readonly advisories: readonly {
      readonly id: string;
      readonly severity: Severity;
      readonly title?: string | undefined;
    }[];
    /** Number of advisories by severity. */
    readonly counts: Readonly<Partial<Record<Severity, number>>>;
  };
  readonly worst: Severity;
  /** It removes at least one finding that fails the gate. */
  readonly blocking: boolean;
  /** Worst first. */
  readonly findings: readonly F[];
}

/** A location in the repository. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly endLine?: number | undefined;
}

/** The line to change for a finding: in a lock file or manifest, otherwise in the Dockerfile. */
export function placeToChange({ cause, declaredIn }: Pick<LocatedFinding, 'cause' | 'declaredIn'>): Place | undefined {
  return declaredIn ? { file: declaredIn.file, line: declaredIn.line ?? 1 } : placeOf(cause);
}

/**
 * Findings grouped by the change that fixes them, most useful first: changes that remove blocking findings, then those
 * that can be made today, then by worst severity and number of advisories.
 * @param isBlocking whether a finding fails the gate
 */
export function fixesFor<F extends LocatedFinding>(
  findings: readonly F[],
  isBlocking: (finding: F) => boolean = () => false,
): readonly Fix<F>[] {
  const short = shortKeys();
  const groups = groupBy(worstFirst(findings), (finding) => {
    const state = stateOf(finding);
    const kind = kindOf(finding, state);
    return short(kind, state, ...subjectOf(finding, kind));
  });
  return [...groups.values()]
    .map((same) => fixOf(same, isBlocking))
    .toSorted(
      (a, b) =>
        Number(b.blocking) - Number(a.blocking) ||
        Number(b.state === 'available') - Number(a.state === 'available') ||
        rank(a.worst) - rank(b.worst) ||
        b.removes.advisories.length - a.removes.advisories.length,
    );
}

function rank(severity: Severity): number {
  return ALL_SEVERITIES.indexOf(severity);
}

function stateOf(finding: Finding): Fix['state'] {
  if (hasFix(finding)) return 'available';
  if (fixedOnlyIn(finding).length > 0) return 'other-line';
  return finding.fix === 'wont-fix' ? 'wont-fix' : 'none';
}

/** A newer base image has no fix for what its packages have no fix for. */
function kindOf({ cause, package: { type } }: LocatedFinding, state: Fix['state']): Fix['kind'] {
  if (cause?.origin.kind === 'base' && state === 'available') return 'base';
  return DISTRIBUTION_PACKAGES.includes(type) ? 'system-source' : 'package';
}

/** Findings with the same values are fixed by one change. */
function subjectOf({ cause, package: own }: LocatedFinding, kind: Fix['kind']): readonly string[] {
  if (kind === 'base') return [baseOf(cause), `${cause?.origin.line ?? ''}`];
  if (kind === 'package') return [own.type, own.name, own.version];
  // The same source package in the base image and from an instruction of the Dockerfile: two changes.
  return [own.type, sourcePackageOf(own), baseOf(cause), `${cause?.origin.line ?? ''}`];
}

function baseOf(cause: Cause | undefined): string {
  return cause?.origin.kind === 'base' ? shortImage(cause.origin.image) : '';
}

/** @param same findings of one group, which have the same kind and state */
function fixOf<F extends LocatedFinding>(same: readonly F[], isBlocking: (finding: F) => boolean): Fix<F> {
  const [first] = same as readonly [F, ...F[]];
  const state = stateOf(first);
  const kind = kindOf(first, state);
  const [declaredIn, cause] = [
    kind === 'package' ? same.find((each) => each.declaredIn)?.declaredIn : undefined,
    same.find((each) => each.cause)?.cause,
  ];
  const packages = packagesOf(same);
  const { to, choice } = kind === 'base' ? { to: [], choice: 'any' as const } : upgradeTarget(same);
  const name = kind === 'base' ? clipped(baseOf(first.cause), LONGEST_IMAGE) : nameOf(kind, first, packages);
  return {
    kind,
    state,
    change: changeOf({ kind, state, name, to: to.map((version) => clipped(version)), choice, packages }),
    name,
    to: to.map((version) => clipped(version)),
    choice,
    packages,
    declaredIn,
    cause,
    place: placeToChange({ cause, declaredIn }),
    removes: removedBy(same),
    worst: first.severity,
    blocking: same.some(isBlocking),
    findings: same,
  };
}

const LONGEST_IMAGE = 120;
const LONGEST_TITLE = 200;
const MOST_VERSIONS = 3;

/** The binary package if it is the only one: that is the name which a package manager takes. */
function nameOf(kind: Fix['kind'], first: Finding, packages: Fix['packages']): string {
  const names = new Set(packages.map((each) => each.name));
  return clipped(kind === 'system-source' && names.size > 1 ? sourcePackageOf(first.package) : first.package.name);
}

function changeOf(fix: Pick<Fix, 'kind' | 'state' | 'name' | 'to' | 'choice' | 'packages'>): string {
  const { kind, state, name, to, choice, packages } = fix;
  if (kind === 'base') return `update base image ${name}`;
  const names = new Set(packages.map((each) => each.name)).size;
  const subject = names > 1 ? `${name} (${counted(names, 'package')})` : name;
  if (state === 'wont-fix') return `replace or remove ${subject}: the vendor will not fix it`;
  if (state === 'none') return `replace or remove ${subject}: no fix yet`;
  const versions = to.slice(0, MOST_VERSIONS);
  const target =
    versions.length === 0
      ? 'a fixed version'
      : choice === 'any'
        ? versions.join(' or ')
        : `the newest of ${versions.join(', ')}${to.length > versions.length ? ` and ${to.length - versions.length} more` : ''}`;
  // Go's standard library comes with the compiler.
  if (name === 'stdlib' && packages[0]?.type === 'go-module') return `build with Go ${target}`;
  return `upgrade ${subject} to ${target}${state === 'other-line' ? ' (another major version)' : ''}`;
}

function packagesOf(findings: readonly Finding[]): Fix['packages'] {
  const short = shortKeys();
  const packages = new Map<string, Fix['packages'][number]>();
  for (const { package: own } of findings) {
    const key = short(own.type, own.name, own.version);
    if (packages.has(key)) continue;
    packages.set(key, { name: clipped(own.name), version: clipped(own.version), type: clipped(own.type) });
  }
  return [...packages.values()];
}

function removedBy(findings: readonly Finding[]): Fix['removes'] {
  const advisories = new Map<string, Fix['removes']['advisories'][number]>();
  const counts: Partial<Record<Severity, number>> = {};
  for (const { id, severity, title } of findings) {
    if (advisories.has(id)) continue;
    advisories.set(id, {
      id: clipped(id),
      severity,
      title: title === undefined ? undefined : clipped(title, LONGEST_TITLE),
    });
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return { advisories: [...advisories.values()], counts };
}

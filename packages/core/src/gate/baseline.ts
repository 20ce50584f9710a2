import type { BaselineEvidence, Evidence, LiveFinding } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import type { Policy } from '../policy.ts';
import { ALL_SEVERITIES } from '../severity.ts';

/**
 * A finding is the same in two images if the advisory and the package's type and name agree; its version may differ.
 */
export function liveKey({ id, type, name }: Pick<LiveFinding, 'id' | 'type' | 'name'>): string {
  return JSON.stringify([id, type, name]);
}

/** Findings as a baseline stores them: each once, with its highest severity. */
export function liveFindings(findings: readonly Finding[]): readonly LiveFinding[] {
  const merged = new Map<string, LiveFinding>();
  for (const { id, severity, knownExploited, package: own } of findings) {
    const one: LiveFinding = {
      ...{ id, type: own.type, name: own.name, severity, knownExploited: knownExploited || undefined },
    };
    const key = liveKey(one);
    const other = merged.get(key);
    merged.set(key, other ? worst(one, other) : one);
  }
  return [...merged.values()];
}

function worst(a: LiveFinding, b: LiveFinding): LiveFinding {
  const { severity } = rank(a) <= rank(b) ? a : b;
  return { ...a, severity, knownExploited: a.knownExploited || b.knownExploited || undefined };
}

/** Findings that every one of these images has, each as the image has it where it is least severe. */
export function liveInAll([first = [], ...others]: readonly (readonly LiveFinding[])[]): readonly LiveFinding[] {
  const known = others.map((findings) => new Map(findings.map((one) => [liveKey(one), one])));
  return first.flatMap((one) => {
    const there = known.map((findings) => findings.get(liveKey(one)));
    return there.every((other) => other !== undefined) ? [there.reduce(least, one)] : [];
  });
}

function least(a: LiveFinding, b: LiveFinding): LiveFinding {
  const { knownExploited: _, ...bare } = a;
  // An unknown severity is the least: it lets no finding pass.
  const { severity } = rank(a) < 0 || (rank(b) >= 0 && rank(a) >= rank(b)) ? a : b;
  return { ...bare, severity, knownExploited: (a.knownExploited && b.knownExploited) || undefined };
}

function rank({ severity }: Pick<LiveFinding, 'severity'>): number {
  return ALL_SEVERITIES.indexOf(severity);
}

/** Findings that are new or worse than in the live image, and those that the live image already has. */
export interface Compared<F extends Finding> {
  readonly fresh: readonly F[];
  readonly live: readonly F[];
}

/**
 * Applies only with `already-live: report` in the policy. A finding is live if every baseline has it, with at least the
 * same severity, and as known to be exploited if it is so here.
 * @param baselines all of one platform
 */
export function compared<F extends Finding>(
  { alreadyLive }: Pick<Policy, 'alreadyLive'>,
  baselines: readonly BaselineEvidence[],
  findings: readonly F[],
): Compared<F> {
  if (alreadyLive !== 'report' || baselines.length === 0) return { fresh: findings, live: [] };
  const known = baselines.map((one) => new Map(one.findings.map((each) => [liveKey(each), each])));
  const fresh: F[] = [];
  const live: F[] = [];
  for (const finding of findings) {
    const { id, package: own } = finding;
    const key = liveKey({ id, type: own.type, name: own.name });
    const isLive = known.every((one) => {
      const there = one.get(key);
      return there !== undefined && !isWorse(finding, there);
    });
    (isLive ? live : fresh).push(finding);
  }
  return { fresh, live };
}

function isWorse(here: Finding, there: LiveFinding): boolean {
  if (here.knownExploited === true && there.knownExploited !== true) return true;
  // An unknown severity, on either side, cannot be compared, so the finding counts.
  return rank(here) < 0 || rank(there) < 0 || rank(here) < rank(there);
}

/** Baselines of one platform. */
export function baselinesOf(evidence: readonly Evidence[], subject: string): readonly BaselineEvidence[] {
  return evidence.filter((each): each is BaselineEvidence => each.kind === 'baseline' && each.subject === subject);
}

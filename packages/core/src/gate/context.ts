import type { Evidence } from '../evidence.ts';
import type { Digest } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import { formatExactPlatform } from '../image/platform.ts';
import type { Policy, Requirable, RuleName, RuleResult } from '../policy.ts';
import type { Repository } from '../reference/reference.ts';

/** A manifest that evidence is about, and its name for people. */
export interface Subject {
  readonly digest: Digest;
  /** `linux/amd64`, or `index`. */
  readonly name: string;
}

/** Facts of one platform from its manifest and config, which were verified by digest. */
export interface PlatformFacts {
  /** Compressed bytes of config and layers. */
  readonly size: number;
  readonly layers: number;
  /** As written in the config. */
  readonly user: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  /** Creation time of the oldest layer, by the config's history; absent if it has no date, or only 1970. */
  readonly oldestLayer?: Date | undefined;
}

/** Facts besides the evidence. A rule fails if the policy needs a fact that is missing here. */
export interface GateContext {
  readonly facts?: ReadonlyMap<Digest, PlatformFacts>;
  /** Where the image is published; absent or empty if it is not. */
  readonly destinations?: readonly Repository[] | undefined;
}

/** The input of every rule. Each rule decides independently of the others. */
export interface RuleContext {
  readonly policy: Policy;
  readonly image: Image;
  /** Only evidence about this image; only `evidence-readable` looks at foreign evidence. */
  readonly evidence: readonly Evidence[];
  readonly foreign: readonly Evidence[];
  readonly now: Date;
  readonly gateContext: GateContext;
}

export type Rule = (context: RuleContext) => readonly RuleResult[];

/** Every platform's manifest. */
export function platformsOf(image: Image): readonly Subject[] {
  return image.platforms.map(({ platform, descriptor }) => ({
    digest: descriptor.digest,
    name: formatExactPlatform(platform),
  }));
}

/** The index, if there is one, and every platform's manifest. */
export function subjectsOf(image: Image): readonly Subject[] {
  const platforms = platformsOf(image);
  const alone = platforms.some(({ digest }) => digest === image.root.digest);
  return alone ? platforms : [{ digest: image.root.digest, name: 'index' }, ...platforms];
}

export function requires(context: RuleContext, kind: Requirable): boolean {
  return context.policy.require.includes(kind);
}

/** All evidence of one kind about one manifest: a second report must pass as well as the first. */
export function evidenceOf<K extends Evidence['kind']>(
  context: RuleContext,
  kind: K,
  subject: Subject,
): readonly Extract<Evidence, { kind: K }>[] {
  return context.evidence.filter(
    (each): each is Extract<Evidence, { kind: K }> => each.kind === kind && each.subject === subject.digest,
  );
}

/** One failure for each problem; without problems a pass, explained by `holds`. */
export function judged(rule: RuleName, problems: readonly string[], holds: string): readonly RuleResult[] {
  if (problems.length === 0) return [{ rule, outcome: 'pass', why: holds }];
  return problems.map((why) => ({ rule, outcome: 'fail', why }));
}

export function notApplicable(rule: RuleName, why: string): readonly RuleResult[] {
  return [{ rule, outcome: 'not-applicable', why }];
}

export function notRequired(rule: RuleName, kind: Requirable): readonly RuleResult[] {
  return notApplicable(rule, `The policy does not require ${kind}.`);
}

export function namesOf(subjects: readonly Subject[]): string {
  return subjects.map(({ name }) => name).join(', ');
}

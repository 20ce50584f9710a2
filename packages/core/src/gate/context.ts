import type { Evidence } from '../evidence.ts';
import type { Digest } from '../image/digest.ts';
import type { Image } from '../image/image.ts';
import { formatExactPlatform } from '../image/platform.ts';
import type { Policy, Requirable, RuleName, RuleResult } from '../policy.ts';
import type { Repository } from '../reference/reference.ts';

/** A manifest that evidence speaks of, and what people call it. */
export interface Subject {
  readonly digest: Digest;
  /** `linux/amd64`, or `index`. */
  readonly name: string;
}

/** What the image itself says of one platform: its manifest and config, held by their digests. */
export interface PlatformFacts {
  /** Compressed bytes of config and layers. */
  readonly size: number;
  readonly layers: number;
  /** As the config writes them. */
  readonly user: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  /** When the oldest layer was made, by the config's history; absent where it says nothing, or only 1970. */
  readonly oldestLayer?: Date;
}

/** What is known besides evidence. Rules that need what is not here fail where the policy asks for it. */
export interface GateContext {
  readonly facts?: ReadonlyMap<Digest, PlatformFacts>;
  /** Where the image is to go; absent where nothing is published. */
  readonly destination?: Repository;
}

/** What every rule is given. Each rule sees all of it and answers for itself. */
export interface RuleContext {
  readonly policy: Policy;
  readonly image: Image;
  /** Only what is about this image; foreign evidence is the business of `evidence-readable` alone. */
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

/** The index, unless the image is one manifest alone, and every platform's manifest. */
export function subjectsOf(image: Image): readonly Subject[] {
  const platforms = platformsOf(image);
  const alone = platforms.some(({ digest }) => digest === image.root.digest);
  return alone ? platforms : [{ digest: image.root.digest, name: 'index' }, ...platforms];
}

export function requires(context: RuleContext, kind: Requirable): boolean {
  return context.policy.require.includes(kind);
}

/** Evidence of one kind about one manifest: all of it, as a second report must hold as well as the first. */
export function evidenceOf<K extends Evidence['kind']>(
  context: RuleContext,
  kind: K,
  subject: Subject,
): readonly Extract<Evidence, { kind: K }>[] {
  return context.evidence.filter(
    (each): each is Extract<Evidence, { kind: K }> => each.kind === kind && each.subject === subject.digest,
  );
}

/** One failure for each problem; a pass, explained by `holds`, when there is none. */
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

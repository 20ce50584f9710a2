import type { ImageContents, TraceKind } from '../../contents/image-contents.ts';
import type { ContentsPolicy } from '../../contents/rules.ts';
import { configProblems, failsOn, traceProblems } from '../../contents/rules.ts';
import type { RuleName, RuleResult } from '../../policy.ts';
import { evidenceOf, type Inquiry, judged, namesOf, notApplicable, platformsOf, type Rule } from '../inquiry.ts';

/** Every platform's layers have been read, where the policy says anything of what may be in them. */
export function contentsPresent(inquiry: Inquiry): readonly RuleResult[] {
  const rule = 'contents-present';
  if (!inquiry.policy.contents) return notApplicable(rule, 'The policy does not ask what the image holds.');
  const platforms = platformsOf(inquiry.image);
  const missing = platforms.filter((subject) => evidenceOf(inquiry, 'contents', subject).length === 0);
  const problems = missing.map(({ name }) => `${name}: its layers were not read.`);
  return judged(rule, problems, `The layers of ${namesOf(platforms)} were read.`);
}

/**
 * A rule about what is in every platform's layers. A platform that was not read fails each of them and not only
 * contents-present: what nobody looked for has not been found to be absent.
 */
function ofContents(
  rule: RuleName,
  asked: (policy: ContentsPolicy) => boolean,
  unasked: string,
  problemsOf: (contents: ImageContents, policy: ContentsPolicy, now: Date) => readonly string[],
  holds: string,
): Rule {
  return (inquiry) => {
    const { contents: policy } = inquiry.policy;
    if (!policy || !asked(policy)) return notApplicable(rule, unasked);
    const problems = platformsOf(inquiry.image).flatMap((subject) => {
      const found = evidenceOf(inquiry, 'contents', subject);
      if (found.length === 0) return [`${subject.name}: its layers were not read.`];
      return found
        .flatMap(({ contents }) => problemsOf(contents, policy, inquiry.now))
        .map((why) => `${subject.name}: ${why}`);
    });
    return judged(rule, problems, holds);
  };
}

function ofTraces(rule: RuleName, kind: TraceKind, unasked: string, holds: string): Rule {
  return ofContents(
    rule,
    (policy) => failsOn(policy, kind),
    unasked,
    (contents, policy, now) => traceProblems(policy, contents, kind, now),
    holds,
  );
}

/** No secret in any layer, those that a later layer deletes included: they are pulled with the image. */
export const contentsSecrets = ofTraces(
  'contents-secrets',
  'secret',
  'The policy lets secrets pass.',
  'No secret was found in any layer.',
);
/** A repository in the image gives its whole history away, files that were deleted since included. */
export const contentsHistory = ofTraces(
  'contents-history',
  'history',
  'The policy lets git repositories pass.',
  'No git repository in any layer.',
);
export const contentsSetuid = ofTraces(
  'contents-setuid',
  'setuid',
  'The policy lets setuid programs pass.',
  'No setuid or setgid program that is not allowed.',
);
export const contentsShells = ofTraces('contents-shells', 'shell', 'The policy lets shells pass.', 'No shell.');
export const contentsPackageManagers = ofTraces(
  'contents-package-managers',
  'package-manager',
  'The policy lets package managers pass.',
  'No package manager.',
);
export const contentsState = ofTraces(
  'contents-state',
  'state',
  'The policy lets files under folders of state pass.',
  'No file under a folder of state.',
);
export const contentsDevices = ofTraces('contents-devices', 'device', 'The policy lets devices pass.', 'No device.');

export const imageHealthcheck = ofContents(
  'image-healthcheck',
  ({ healthcheck }) => healthcheck === true,
  'The policy asks for no HEALTHCHECK.',
  (contents, policy) => configProblems(policy, contents).healthcheck,
  'It says how its health is checked.',
);
export const imageLabels = ofContents(
  'image-labels',
  ({ labels = [] }) => labels.length > 0,
  'The policy asks for no labels.',
  (contents, policy) => configProblems(policy, contents).labels,
  'Every label that the policy asks for is there.',
);

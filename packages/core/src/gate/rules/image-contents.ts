import type { ImageContents, Trace, TraceKind } from '../../contents/image-contents.ts';
import type { ContentsPolicy } from '../../contents/rules.ts';
import { configProblems, failsOn, traceProblems } from '../../contents/rules.ts';
import type { Component } from '../../evidence.ts';
import { uncatalogedPackages } from '../../package-lists/uncataloged.ts';
import type { RuleName, RuleResult } from '../../policy.ts';
import { clipped, counted } from '../../text/wording.ts';
import { catalogsOf } from '../components.ts';
import { evidenceOf, judged, namesOf, notApplicable, platformsOf, type Rule, type RuleContext } from '../context.ts';

/** Every platform's layers have been read, if the policy checks image contents. */
export function contentsPresent(context: RuleContext): readonly RuleResult[] {
  const rule = 'contents-present';
  if (!context.policy.contents) return notApplicable(rule, 'The policy does not check image contents.');
  const platforms = platformsOf(context.image);
  const missing = platforms.filter((subject) => evidenceOf(context, 'contents', subject).length === 0);
  const problems = missing.map(({ name }) => `${name}: the layers were not read.`);
  return judged(rule, problems, `The layers of ${namesOf(platforms)} were read.`);
}

/**
 * A rule about what is in every platform's layers. A platform whose layers were not read fails every such rule, not
 * only contents-present: without a search, nothing has been shown to be absent.
 */
function ofContents(
  rule: RuleName,
  asked: (policy: ContentsPolicy) => boolean,
  unasked: string,
  problemsOf: (
    contents: ImageContents,
    policy: ContentsPolicy,
    now: Date,
    catalogs: readonly (readonly Component[])[],
  ) => readonly string[],
  holds: string,
): Rule {
  return (context) => {
    const { contents: policy } = context.policy;
    if (!policy || !asked(policy)) return notApplicable(rule, unasked);
    const problems = platformsOf(context.image).flatMap((subject) => {
      const found = evidenceOf(context, 'contents', subject);
      if (found.length === 0) return [`${subject.name}: the layers were not read.`];
      const catalogs = catalogsOf(context, subject);
      return found
        .flatMap(({ contents }) => problemsOf(contents, policy, context.now, catalogs))
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

/** No secret in any layer, including files that a later layer deletes: they are pulled with the image. */
export const contentsSecrets = ofTraces(
  'contents-secrets',
  'secret',
  'The policy allows secrets.',
  'No layer contains a secret.',
);
/** A git repository in the image discloses its whole history, including files deleted since. */
export const contentsHistory = ofTraces(
  'contents-history',
  'history',
  'The policy allows git repositories.',
  'No layer contains a git repository.',
);
/**
 * Scanners find most packages through package lists. They miss a package that was removed only from its list, and every
 * package of a list that they cannot read.
 */
export const contentsHiddenPackages = ofContents(
  'contents-hidden-packages',
  (policy) => failsOn(policy, 'hidden-package'),
  'The policy allows packages hidden from scanners.',
  (contents, policy, now, catalogs) => [
    ...traceProblems(policy, withUncataloged(contents, catalogs), 'hidden-package', now),
    ...catalogs.flatMap((components) => uncataloged(contents, components)),
  ],
  'Every package removed from a package list was removed from the image, and the SBOM has every listed package.',
);
const MOST_NAMED = 3;

/** Packages that the image's own lists name, as read here, but that its SBOM lacks. */
function uncataloged({ systemPackages }: ImageContents, components: readonly Component[]): readonly string[] {
  return Object.entries(systemPackages).flatMap(([type, names]) => {
    const known = new Set(components.filter((component) => component.type === type).map(({ name }) => name));
    const missing = (names as readonly string[]).filter((name) => !known.has(name));
    if (missing.length === 0) return [];
    const named = clipped(missing.slice(0, MOST_NAMED).join(', '), 200);
    const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : '';
    return [`the SBOM lacks ${counted(missing.length, `${type} package`)} that the image lists: ${named}${more}.`];
  });
}

/**
 * The packages of languages that neither the SBOM nor the scan has are traces as well: each has a file, a layer and a
 * line.
 */
function withUncataloged(contents: ImageContents, catalogs: readonly (readonly Component[])[]): ImageContents {
  const missing = catalogs.flatMap((components) => uncatalogedPackages(contents.languagePackages, components));
  const traces = [...new Set(missing)].map(({ type, name, version, path, layer }): Trace => {
    const what = `${type} package ${clipped(name)} ${clipped(version)} was not scanned, its metadata cannot be read by the scanner`;
    return { kind: 'hidden-package', path, layer, what };
  });
  return { ...contents, traces: [...contents.traces, ...traces] };
}

export const contentsSetuid = ofTraces(
  'contents-setuid',
  'setuid',
  'The policy allows setuid programs.',
  'No setuid or setgid program, except those that the policy allows.',
);
export const contentsShells = ofTraces('contents-shells', 'shell', 'The policy allows shells.', 'No shell.');
export const contentsPackageManagers = ofTraces(
  'contents-package-managers',
  'package-manager',
  'The policy allows package managers.',
  'No package manager.',
);
export const contentsState = ofTraces(
  'contents-state',
  'state',
  'The policy allows files in state folders.',
  'No file in a state folder.',
);
export const contentsDevices = ofTraces('contents-devices', 'device', 'The policy allows devices.', 'No device.');

export const imageHealthcheck = ofContents(
  'image-healthcheck',
  ({ healthcheck }) => healthcheck === true,
  'The policy does not require a HEALTHCHECK.',
  (contents, policy) => configProblems(policy, contents).healthcheck,
  'The image has a HEALTHCHECK.',
);
export const imageLabels = ofContents(
  'image-labels',
  ({ labels = [] }) => labels.length > 0,
  'The policy requires no labels.',
  (contents, policy) => configProblems(policy, contents).labels,
  'All required labels are present.',
);

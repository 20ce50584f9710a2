import type { SourceRuleName } from '@tidegate/core';

/** `error` fails a run that asks for it, `warning` is told, `note` is for who looks. As SARIF has them. */
export const LEVELS = ['error', 'warning', 'note'] as const;
export type Level = (typeof LEVELS)[number];

/** Something in the repository that should not be so. Texts may hold what stands in its files: escape when shown. */
export interface SourceFinding {
  /** One of ours, `buildkit/NAME` or `hadolint/CODE`. */
  readonly rule: string;
  readonly level: Level;
  /** Seen from the repository's root, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number;
  readonly endLine?: number;
  /** One sentence: what is found. */
  readonly message: string;
  /** What it leads to. */
  readonly why: string;
  /** What to write instead. */
  readonly fix: string;
  /** What other checkers call the same problem at the same place. */
  readonly also?: readonly string[];
}

/** What a rule says; the rest of a finding comes from the catalogue. */
export interface Remark {
  readonly rule: SourceRuleName;
  readonly line: number;
  readonly endLine?: number;
  readonly message: string;
  /** Where the catalogue's is too general. */
  readonly fix?: string;
  /** The highest level that this remark may have, where the file alone cannot tell whether the rule is broken. */
  readonly atMost?: Level;
}

export interface SourceRule {
  readonly level: Level;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
}

/** Every rule of ours, with what it does where no policy says otherwise. Each has a page in docs/rules. */
export const SOURCE_RULES = {
  'dockerfile-unreadable': {
    level: 'error',
    title: 'The Dockerfile cannot be read',
    why: 'BuildKit would refuse it, and no rule can be held against it.',
    fix: 'Correct the line that is named.',
  },
  'foreign-frontend': {
    level: 'error',
    title: 'Another program builds the image',
    why: 'The program named by # syntax= decides what is in the image and what the build says of itself. No rule can be held against it.',
    fix: 'Leave # syntax= out, or name docker/dockerfile.',
  },
  'single-stage': {
    level: 'warning',
    title: 'One stage builds and runs',
    why: 'What is needed to build stays in what runs: a larger image, and more for an attacker to use.',
    fix: 'Build in a stage of its own (FROM … AS build) and COPY --from=build the result into a small base.',
  },
  'base-not-pinned': {
    level: 'warning',
    title: 'A base image without a digest',
    why: 'A tag can be moved: the same commit gives another image tomorrow, and nobody reviewed what it is made of.',
    fix: 'Write FROM name:tag@sha256:…, and let a bot (Dependabot, Renovate) keep the digest fresh.',
  },
  'base-latest': {
    level: 'warning',
    title: 'A base image at latest',
    why: 'latest is whatever was pushed last: a new major version arrives unasked, and nobody can tell which one was used.',
    fix: 'Name the version and its digest: FROM name:1.2@sha256:….',
  },
  'root-user': {
    level: 'warning',
    title: 'The image runs as root',
    why: 'Whoever breaks into the process is root in the container, one kernel bug away from the host; clusters with restricted pod security refuse it.',
    fix: 'End the last stage with USER and a numeric id, such as USER 65532:65532.',
  },
  'secret-in-image': {
    level: 'error',
    title: 'A secret gets into the image',
    why: 'ARG, ENV and copied files stay in the image and its history, for everyone who can pull it, also after a later RUN rm.',
    fix: 'Give it to the one step that needs it: RUN --mount=type=secret,id=…; keep the file out with .dockerignore. A secret that was published has to be revoked.',
  },
  'history-in-image': {
    level: 'warning',
    title: 'The git history gets into the image',
    why: 'Everyone who can pull the image can read every commit, files that were deleted since included.',
    fix: 'Name .git in .dockerignore, or copy only what the image needs.',
  },
  'build-tools-in-image': {
    level: 'warning',
    title: 'Build tools in the final stage',
    why: 'Compilers and development packages help an attacker, bring vulnerabilities that have to be patched, and make the image large.',
    fix: 'Install them in a build stage and copy the result from it.',
  },
  'package-cache-left': {
    level: 'warning',
    title: "A package manager's cache stays in the image",
    why: 'Package lists and downloads are dead weight in every pull. Removing them in a later RUN does not make a layer smaller.',
    fix: 'Use a cache mount, or remove the cache in the same RUN.',
  },
  'download-unchecked': {
    level: 'warning',
    title: 'A download that nothing is held against',
    why: 'Whoever controls the address, or the way to it, decides what is in the image.',
    fix: 'Write ADD --checksum=sha256:… URL; for a git repository name the commit.',
  },
  'state-in-container': {
    level: 'warning',
    title: 'State is kept inside the container',
    why: 'What is written there is gone with the container, and tempts people to keep containers, and to commit them.',
    fix: 'Declare the folder with VOLUME and mount it at run time.',
  },
  'hand-made-image': {
    level: 'error',
    title: 'An image is made by hand',
    why: 'Nobody can say what is in it, or build it again: it has no source, no provenance, and its SBOM names no cause.',
    fix: 'Write the steps into a Dockerfile and build that.',
  },
  'image-by-file': {
    level: 'error',
    title: 'An image is delivered as an archive',
    why: 'An archive goes past the registry and past the gate: no signature and no scan goes with it, and its digest changes.',
    fix: 'Carry the OCI layout that build-image writes, or push and pull by digest.',
  },
  'container-changed': {
    level: 'error',
    title: 'A running container is changed by hand',
    why: 'What runs is no longer what was built, scanned and signed, and the change is lost with the container.',
    fix: 'Put the change into the Dockerfile (RUN, COPY) or into configuration that is mounted.',
  },
  'ignore-without-reason': {
    level: 'warning',
    title: 'An ignore without a reason',
    why: 'In a year nobody knows whether it still holds. It is not honoured.',
    fix: 'Write why behind it: # tidegate: ignore=RULE because ….',
  },
  'ignore-unused': {
    level: 'warning',
    title: 'An ignore that ignores nothing',
    why: 'The next finding at that place would be hidden, unseen.',
    fix: 'Remove the comment.',
  },
  'file-not-read': {
    level: 'note',
    title: 'A file was not looked into',
    why: 'No rule was held against it.',
    fix: 'Look at it yourself, or leave it out with exclude.',
  },
} as const satisfies Record<SourceRuleName, SourceRule>;

export type { SourceRuleName };

export function isSourceRule(name: string): name is SourceRuleName {
  return Object.hasOwn(SOURCE_RULES, name);
}

/** What a policy may say of these rules; every part may be left out. */
export interface SourceRuleSettings {
  /** Another level, or no such rule. By name; `buildkit/NAME` and `hadolint/CODE` too. */
  readonly levels?: Readonly<Record<string, Level | 'off'>>;
  /** Files that are not looked into, beside what is never looked into: lines as in a .dockerignore file. */
  readonly exclude?: readonly string[];
  /** Folders that are mounted where the image runs, so that state in them needs no VOLUME. */
  readonly mounts?: readonly string[];
}

/** A remark with its catalogue entry and the level that the settings give it; undefined when the rule is off. */
export function findingOf(file: string, remark: Remark, settings: SourceRuleSettings = {}): SourceFinding | undefined {
  const rule: SourceRule = SOURCE_RULES[remark.rule];
  const set = settings.levels?.[remark.rule] ?? rule.level;
  if (set === 'off') return undefined;
  const level = LEVELS[Math.max(LEVELS.indexOf(set), remark.atMost ? LEVELS.indexOf(remark.atMost) : 0)] ?? set;
  const { line, endLine, message } = remark;
  return {
    rule: remark.rule,
    level,
    file,
    line,
    ...(endLine !== undefined && endLine > line ? { endLine } : {}),
    message,
    why: rule.why,
    fix: remark.fix ?? rule.fix,
  };
}

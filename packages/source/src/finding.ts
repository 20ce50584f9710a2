import type { SourceRuleName } from '@tidegate/core';

/** `error` fails the run (by default), `warning` is reported, `note` is for information. The levels of SARIF. */
export const LEVELS = ['error', 'warning', 'note'] as const;
export type Level = (typeof LEVELS)[number];

/** A problem in the repository. Texts may contain text of its files: escape them for display. */
export interface SourceFinding {
  /** A rule of ours, `buildkit/NAME` or `hadolint/CODE`. */
  readonly rule: string;
  readonly level: Level;
  /** Relative to the repository's root, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
  /** One sentence: the problem. */
  readonly message: string;
  /** The risk. */
  readonly why: string;
  /** The fix. */
  readonly fix: string;
  /** Names of other checkers for the same problem at the same place. */
  readonly also?: readonly string[];
}

/** The result of a rule; SOURCE_RULES adds the rest of a finding. */
export interface Remark {
  readonly rule: SourceRuleName;
  readonly line: number;
  readonly endLine?: number | undefined;
  readonly message: string;
  /** If the fix of SOURCE_RULES is too general. */
  readonly fix?: string | undefined;
  /** The highest level of this remark, if the file alone does not show whether the rule is violated. */
  readonly atMost?: Level | undefined;
}

export interface SourceRule {
  readonly level: Level;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
}

/** All our rules, with their default levels. Each has a page in docs/rules. */
export const SOURCE_RULES = {
  'dockerfile-unreadable': {
    level: 'error',
    title: 'The Dockerfile cannot be read',
    why: 'BuildKit would reject it, and no rule can check it.',
    fix: 'Correct the reported line.',
  },
  'foreign-frontend': {
    level: 'error',
    title: 'Another program builds the image',
    why: 'The program in # syntax= controls the contents of the image and its provenance. No rule can check it.',
    fix: 'Remove # syntax=, or use docker/dockerfile.',
  },
  'single-stage': {
    level: 'warning',
    title: 'The final stage also builds',
    why: 'Build tools stay in the final image: it is larger, and offers more to an attacker.',
    fix: 'Build in a separate stage (FROM … AS build), and COPY --from=build the result into a small base image.',
  },
  'base-not-pinned': {
    level: 'warning',
    title: 'A base image without a digest',
    why: 'A tag can move: the same commit may give a different image tomorrow, built on a base image that was never reviewed.',
    fix: 'Write FROM name:tag@sha256:…, and let a bot (Dependabot, Renovate) update the digest.',
  },
  'base-latest': {
    level: 'warning',
    title: 'A base image with the tag latest',
    why: 'The tag latest points to the last push: a new major version may arrive unnoticed, and the version used is not recorded.',
    fix: 'Specify the version and its digest: FROM name:1.2@sha256:….',
  },
  'root-user': {
    level: 'warning',
    title: 'The image runs as root',
    why: 'An attacker who takes over the process is root in the container, one kernel bug away from the host. Clusters with restricted pod security reject the image.',
    fix: 'End the last stage with USER and a numeric id, such as USER 65532:65532.',
  },
  'secret-in-image': {
    level: 'error',
    title: 'A secret gets into the image',
    why: 'ARG, ENV and copied files stay in the image and its history, even after a later RUN rm. Everyone who can pull the image can read them.',
    fix: 'Pass it only to the step that needs it: RUN --mount=type=secret,id=…; exclude the file in .dockerignore. Revoke a secret that was published.',
  },
  'history-in-image': {
    level: 'warning',
    title: 'The git history gets into the image',
    why: 'Everyone who can pull the image can read every commit, including files deleted since.',
    fix: 'List .git in .dockerignore, or copy only the files that the image needs.',
  },
  'build-tools-in-image': {
    level: 'warning',
    title: 'Build tools in the final stage',
    why: 'Compilers and development packages help an attacker, add vulnerabilities that need patches, and make the image larger.',
    fix: 'Install them in a build stage, and copy the result from it.',
  },
  'package-cache-left': {
    level: 'warning',
    title: "A package manager's cache stays in the image",
    why: 'Package lists and downloads are pulled with the image but never used. Removing them in a later RUN does not make the layer smaller.',
    fix: 'Use a cache mount, or remove the cache in the same RUN.',
  },
  'download-unchecked': {
    level: 'warning',
    title: 'A download without a checksum',
    why: 'An attacker who controls the address or the network controls the contents of the image.',
    fix: 'Write ADD --checksum=sha256:… URL; for a git repository, specify the commit.',
  },
  'piped-download': {
    level: 'warning',
    title: 'A download is run without a check',
    why: 'An attacker who controls the address or the network runs commands in the build. An interrupted download runs in part.',
    fix: 'Download it to a file, verify it with sha256sum -c, gpgv or cosign verify-blob, then run it.',
  },
  'state-in-container': {
    level: 'warning',
    title: 'State is kept inside the container',
    why: 'Data written there is lost with the container, which tempts people to keep containers and to commit them.',
    fix: 'Declare the folder with VOLUME and mount it at run time.',
  },
  'hand-made-image': {
    level: 'error',
    title: 'An image is made by hand',
    why: 'The image has no source and no provenance, so nobody can review its contents or build it again.',
    fix: 'Write the steps into a Dockerfile, and build it.',
  },
  'image-by-file': {
    level: 'error',
    title: 'An image is delivered as an archive',
    why: 'An archive bypasses the registry and the gate: it carries no signature and no scan, and its digest changes.',
    fix: 'Transfer the OCI layout that build-image writes, or push and pull by digest.',
  },
  'container-changed': {
    level: 'error',
    title: 'A running container is changed by hand',
    why: 'The container no longer runs the image that was built, scanned and signed, and the change is lost with the container.',
    fix: 'Make the change in the Dockerfile (RUN, COPY) or in mounted configuration.',
  },
  'manifest-image-latest': {
    level: 'warning',
    title: 'A manifest runs the image latest',
    why: 'The tag latest points to the last push: a restarted container may be another version, and the version that ran is not recorded.',
    fix: 'Write image: name:1.2@sha256:… with the digest of the verified image.',
  },
  'manifest-image-not-pinned': {
    level: 'warning',
    title: 'A manifest runs an image without a digest',
    why: 'A tag can move: a restarted container may run another image than the one that was verified.',
    fix: 'Write image: name:tag@sha256:… with the digest of the verified image.',
  },
  'manifest-pull-policy': {
    level: 'note',
    title: 'A container runs what its node happens to have',
    why: 'Nodes that do not pull run different images under one name, or images that were carried to them outside of the registry.',
    fix: 'Pin the image by digest, and remove the pull policy or set IfNotPresent.',
  },
  'manifest-root-user': {
    level: 'warning',
    title: 'A container may run as root',
    why: 'An attacker who takes over the process is root in the container, one kernel bug away from the host. Namespaces with restricted pod security reject the pod.',
    fix: 'Set securityContext.runAsNonRoot to true, and runAsUser where the image has no numeric user.',
  },
  'manifest-writable-root': {
    level: 'warning',
    title: 'A container can write outside of its volumes',
    why: 'Data written there is lost with the container, and an attacker can place programs there.',
    fix: 'Set securityContext.readOnlyRootFilesystem to true, and mount a volume or an emptyDir where the program writes.',
  },
  'manifest-host-path': {
    level: 'warning',
    title: 'A container uses a folder of its machine',
    why: 'The data stays on one machine, so the container cannot move; and whoever controls the container changes files of the machine.',
    fix: 'Use a volume claim for data, and a ConfigMap or a Secret for configuration.',
  },
  'manifest-state-lost': {
    level: 'warning',
    title: 'State is mounted on a volume that ends with the container',
    why: 'The image declares the folder as VOLUME because it keeps state there. On an emptyDir or a tmpfs, the state is lost with the pod.',
    fix: 'Mount a PersistentVolumeClaim or a named volume there.',
  },
  'manifest-log-file': {
    level: 'warning',
    title: 'A container logs to a file',
    why: 'Log files fill the volume, are lost with the container, and are not in the log of the cluster.',
    fix: 'Log to stdout and stderr, for example to /dev/stdout.',
  },
  'manifest-no-memory-limit': {
    level: 'note',
    title: 'A container without a memory limit',
    why: 'One container can take the memory of its machine, so that others are killed.',
    fix: 'Set resources.limits.memory and resources.requests.',
  },
  'ignore-without-reason': {
    level: 'warning',
    title: 'An ignore without a reason',
    why: 'Without a reason nobody can tell later whether it is still needed. The comment has no effect.',
    fix: 'Add the reason after the rule: # tidegate: ignore=RULE because ….',
  },
  'ignore-unused': {
    level: 'warning',
    title: 'An ignore that matches nothing',
    why: 'It would hide the next finding at that place.',
    fix: 'Remove the comment.',
  },
  'file-not-read': {
    level: 'note',
    title: 'A file was not checked',
    why: 'No rule was applied to it.',
    fix: 'Review it yourself, or list it in exclude.',
  },
} as const satisfies Record<SourceRuleName, SourceRule>;

export type { SourceRuleName };

export function isSourceRule(name: string): name is SourceRuleName {
  return Object.hasOwn(SOURCE_RULES, name);
}

/** Settings of a policy for these rules; all are optional. */
export interface SourceRuleSettings {
  /** Level of each rule, or off. By name; `buildkit/NAME` and `hadolint/CODE` too. */
  readonly levels?: Readonly<Record<string, Level | 'off'>>;
  /** Files to skip, in addition to those that are always skipped: lines of a .dockerignore file. */
  readonly exclude?: readonly string[];
  /** Folders mounted at run time, so that state in them needs no VOLUME. */
  readonly mounts?: readonly string[];
  /** Folders that Dockerfiles of the repository declare as VOLUME. */
  readonly volumes?: readonly string[];
  /** Names of images whose version a kustomization of the repository sets. */
  readonly setImages?: readonly string[];
  /** Folders of Helm charts of the repository: empty text for its root. */
  readonly charts?: readonly string[];
}

/** A remark with its entry of SOURCE_RULES and its level by the settings; undefined if the rule is off. */
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
    endLine: endLine !== undefined && endLine > line ? endLine : undefined,
    message,
    why: rule.why,
    fix: remark.fix ?? rule.fix,
  };
}

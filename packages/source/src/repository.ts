import { clipped } from '@tidegate/core';
import { mergeFindings } from './checkers/merge.ts';
import { dockerignore } from './dockerfile/dockerignore.ts';
import { DockerfileError, parseDockerfile } from './dockerfile/parse.ts';
import { LONGEST_DOCKERFILE, lintDockerfile } from './dockerfile-rules.ts';
import { findingOf, type Remark, type SourceFinding, type SourceRuleSettings } from './finding.ts';
import { mayHoldCommands, scanForHandMade } from './hand-made/scan.ts';
import { honourIgnores, ignoresInText } from './ignores.ts';
import { isJson, manifestRemarks, noManifestRemarks } from './manifests/scan.ts';
import type { SubjectOptions } from './rules/subject.ts';

/** Findings of another checker, to merge with ours. */
export interface Foreign {
  readonly checker: 'buildkit' | 'hadolint';
  readonly findings: readonly SourceFinding[];
}

export interface Linted {
  readonly findings: readonly SourceFinding[];
  /** Number of findings removed by ignore comments. */
  readonly ignored: number;
}

/** Findings for one Dockerfile, by our rules and other checkers. */
export function lintDockerfileText(
  file: string,
  text: string,
  options: SubjectOptions = {},
  foreign: readonly Foreign[] = [],
): Linted {
  const settings = options.settings ?? {};
  const { remarks, ignores } = lintDockerfile(text, options);
  const ours = remarks.flatMap((remark) => findingOf(file, remark, settings) ?? []);
  const theirs = foreign.flatMap(({ findings }) => findings.flatMap((finding) => levelled(finding, settings)));
  const merged = mergeFindings([...ours, ...theirs], extents(text));
  const checkers = new Set(['tidegate', ...foreign.map(({ checker }) => checker)]);
  const left = honourIgnores(file, merged, ignores, settings, (checker) => checkers.has(checker));
  return { ...left, findings: mergeFindings(left.findings) };
}

/**
 * Findings for any file that is no Dockerfile: the commands in it, and the containers that it describes.
 * @param isNamed the user names the file, so a file to which no rule applies is a note
 */
export async function lintOtherFile(
  file: string,
  text: string,
  settings: SourceRuleSettings = {},
  isNamed = false,
): Promise<Linted> {
  const remarks = await manifestRemarks(file, text, settings);
  if (isNamed) remarks.push(...(await noManifestRemarks(file, text)));
  return lintCommands(file, text, settings, remarks);
}

/**
 * Findings for a script, a workflow, a Makefile, or another file that may run a container engine.
 * @param others remarks of other rules on the same file
 */
export function lintCommands(
  file: string,
  text: string,
  settings: SourceRuleSettings = {},
  others: readonly Remark[] = [],
): Linted {
  const commands = attempt(() => scanForHandMade(file, text));
  // Both readers may fail on one file.
  const isUnread = commands.some(({ rule }) => rule === 'file-not-read');
  const remarks = [...commands, ...others.filter(({ rule }) => !isUnread || rule !== 'file-not-read')];
  const findings = remarks.flatMap((remark) => findingOf(file, remark, settings) ?? []);
  const ignores = ignoresInText(text).filter(
    ({ rules }) => findings.length > 0 || rules.some((rule) => OF_COMMANDS.test(rule)),
  );
  return honourIgnores(file, findings, ignores, settings);
}

const OF_COMMANDS = /^(?:hand-made-image|image-by-file|container-changed|manifest-[a-z-]{1,40})$/;

function attempt(work: () => ReturnType<typeof scanForHandMade>): ReturnType<typeof scanForHandMade> {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? clipped(error.message, 200) : 'unknown';
    return [{ rule: 'file-not-read', line: 1, message: `The file cannot be read: ${why}.` }];
  }
}

const DOCKERFILE = /(?:^|\/)(?:Dockerfile|Containerfile)(?:[.-][^/]+)?$|[^/]\.(?:Dockerfile|Containerfile)$/i;
const NO_DOCKERFILE = /\.(?:dockerignore|md|txt|ya?ml|json|j2|tmpl|tpl|template|erb|sh|py|js|ts|go|orig|bak)$/i;

/** By its name. */
export function isDockerfile(file: string): boolean {
  return DOCKERFILE.test(file) && !NO_DOCKERFILE.test(file);
}

/** JSON that is no file of commands: most of it is data, and few are manifests. */
export function isJsonData(file: string): boolean {
  return isJson(file) && !mayHoldCommands(file);
}

/** Which of these files to check, and as which type. `exclude` has lines of a .dockerignore file. */
export function sourcesAmong(
  files: readonly string[],
  exclude: readonly string[] = [],
): { readonly dockerfiles: readonly string[]; readonly commands: readonly string[] } {
  const isOut = dockerignore(exclude.join('\n'));
  const left = files.filter((file) => !isOut(file));
  const dockerfiles = left.filter(isDockerfile);
  const commands = left.filter((file) => !isDockerfile(file) && (mayHoldCommands(file) || isJson(file)));
  return { dockerfiles, commands };
}

/** A finding of another checker with the level that the settings give it. */
function levelled(finding: SourceFinding, settings: SourceRuleSettings): SourceFinding[] {
  const level = settings.levels?.[finding.rule] ?? finding.level;
  return level === 'off' ? [] : [{ ...finding, level }];
}

/** The lines of each instruction: checkers point at its first line, at its last, or in between. */
function extents(text: string): (file: string, line: number) => readonly [number, number] {
  let instructions: readonly { startLine: number; endLine: number }[] = [];
  if (text.length > LONGEST_DOCKERFILE) return (_, line) => [line, line];
  try {
    instructions = parseDockerfile(text).instructions;
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    // Checkers may report different lines of the same syntax error.
    return () => [1, Number.POSITIVE_INFINITY];
  }
  return (_, line) => {
    let [low, high] = [0, instructions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((instructions[middle]?.startLine ?? 0) <= line) low = middle + 1;
      else high = middle;
    }
    const found = instructions[low - 1];
    return found && line <= found.endLine ? [found.startLine, found.endLine] : [line, line];
  };
}

import { clipped, quoted } from '@tidegate/core';
import { isKeyword } from './dockerfile/arguments.ts';
import { frontendOf, isDockersFrontend } from './dockerfile/frontend.ts';
import { DockerfileError, parseDockerfile } from './dockerfile/parse.ts';
import { platformReadings } from './dockerfile/platform-stages.ts';
import type { Remark } from './finding.ts';
import { type Ignore, ignoresInDockerfile } from './ignores.ts';
import { bases } from './rules/bases.ts';
import { downloads } from './rules/downloads.ts';
import { buildTools, packageCaches } from './rules/packages.ts';
import { pipedIntoShell } from './rules/piped-downloads.ts';
import { secrets } from './rules/secrets.ts';
import { singleStage } from './rules/single-stage.ts';
import { state } from './rules/state.ts';
import { type DockerfileRule, type SubjectOptions, subjectOf } from './rules/subject.ts';
import { user } from './rules/user.ts';

const RULES: readonly DockerfileRule[] = [
  ...[bases, singleStage, user, secrets, buildTools, packageCaches, downloads, pipedIntoShell, state],
];

/** Characters. Real Dockerfiles are far shorter. */
export const LONGEST_DOCKERFILE = 256 * 1024;

/** A file that is not a Dockerfile has thousands. */
const MOST_STRANGE = 10;

export interface DockerfileRemarks {
  readonly remarks: readonly Remark[];
  readonly ignores: readonly Ignore[];
}

/** All findings of our rules for one Dockerfile. Never throws: an unreadable file is a finding. */
export function lintDockerfile(text: string, options: SubjectOptions = {}): DockerfileRemarks {
  const { remarks, ignores } = lintText(text, options);
  return { remarks: [...frontendRemarks(text), ...remarks], ignores };
}

/** Checked first: the frontend decides the format of such a file, which need not be a Dockerfile. */
function frontendRemarks(text: string): readonly Remark[] {
  const frontend = frontendOf(text);
  if (!frontend || isDockersFrontend(frontend.image)) return [];
  const message = `The file is built by the frontend image ${clipped(frontend.image)}.`;
  return [{ rule: 'foreign-frontend', line: frontend.line, message }];
}

function lintText(text: string, options: SubjectOptions): DockerfileRemarks {
  if (text.length > LONGEST_DOCKERFILE) {
    const why = `it is larger than ${LONGEST_DOCKERFILE / 1024} KiB`;
    return { remarks: [unreadable(1, why)], ignores: [] };
  }
  let file: ReturnType<typeof parseDockerfile>;
  try {
    file = parseDockerfile(text);
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    return { remarks: [unreadable(error.line, error.message)], ignores: [] };
  }
  const readings = platformReadings(file, options.buildArgs ?? new Map());
  const [staged] = readings;
  if (!staged) return { remarks: [], ignores: [] };
  const strange = file.instructions.filter(({ keyword }) => !isKeyword(keyword)).slice(0, MOST_STRANGE);
  const problems = strange.map(({ keyword, startLine }) =>
    unreadable(startLine, `unknown instruction ${quoted(keyword, 40)}`),
  );
  for (const { line, message } of staged.problems) {
    // A misspelt FROM is an unknown instruction, and therefore no build stage.
    if (!strange.some(({ startLine }) => startLine === line)) problems.push(unreadable(line, message));
  }
  const subjects = readings.flatMap((reading) => subjectOf(reading, options) ?? []);
  if (subjects.length === 0) {
    const what = options.target ? `no stage is named ${quoted(options.target)}` : 'it has no FROM';
    // If a stage was rejected above, the missing one follows from that.
    if (staged.problems.length === 0) problems.push(unreadable(1, what));
    return { remarks: problems, ignores: ignoresInDockerfile(file) };
  }
  const found = subjects.flatMap((subject) => RULES.flatMap((rule) => rule(subject)));
  const remarks = [...problems, ...new Map(found.map((remark) => [JSON.stringify(remark), remark])).values()];
  return { remarks: remarks.sort((one, other) => one.line - other.line), ignores: ignoresInDockerfile(file) };
}

function unreadable(line: number, why: string): Remark {
  return { rule: 'dockerfile-unreadable', line, message: `The Dockerfile cannot be read: ${clipped(why, 200)}.` };
}

import type { Dockerfile } from './parse.ts';
import { PLATFORM_ARG, type StagedDockerfile, stagesOf } from './stages.ts';

/** More than in any real Dockerfile: each reading takes time. */
const MOST_READINGS = 16;
/** The number of ways to match a name grows with its variables: three are more than in real files. */
const MOST_VARIABLES = 3;
const LONGEST_NAME = 128;
const VARIABLE = new RegExp(`\\$\\{(${PLATFORM_ARG})(?::?[-+][^{}]*)?\\}|\\$(${PLATFORM_ARG})\\b`, 'g');

/**
 * A FROM line may choose among stages by the platform: `FROM base-${TARGETARCH}` over `base-amd64` and `base-arm64`.
 * @returns the file as BuildKit reads it for each platform that its stage names distinguish; one reading if nothing
 * depends on the platform
 */
export function platformReadings(
  file: Dockerfile,
  buildArgs: ReadonlyMap<string, string>,
): readonly ReturnType<typeof stagesOf>[] {
  const plain = stagesOf(file, buildArgs);
  const readings = new Map<string, ReadonlyMap<string, string>>();
  for (const { from, parent, index } of plain.stages) {
    if (parent) continue;
    for (const values of valuesIn(from.text, plain, index)) readings.set(JSON.stringify([...values]), values);
  }
  if (readings.size === 0) return [plain];
  return [...readings.values()].slice(0, MOST_READINGS).map((values) => stagesOf(file, buildArgs, values));
}

/** Values of the platform variables for which `from` is the name of an earlier stage. */
function valuesIn(from: string, { stages }: StagedDockerfile, before: number): readonly Map<string, string>[] {
  const names: string[] = [];
  let pattern = '';
  let end = 0;
  for (const match of from.toLowerCase().matchAll(new RegExp(VARIABLE.source, 'gi'))) {
    names.push((match[1] ?? match[2] ?? '').toUpperCase());
    pattern += `${literally(from.slice(end, match.index))}([a-z0-9-_.]*)`;
    end = match.index + match[0].length;
  }
  if (names.length === 0 || names.length > MOST_VARIABLES) return [];
  const whole = new RegExp(`^${pattern}${literally(from.slice(end))}$`);
  return stages.slice(0, before).flatMap(({ name }) => {
    const found = name === undefined || name.length > LONGEST_NAME ? null : whole.exec(name);
    return found ? [new Map(names.map((variable, at) => [variable, found[at + 1] ?? '']))] : [];
  });
}

function literally(text: string): string {
  return text.toLowerCase().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

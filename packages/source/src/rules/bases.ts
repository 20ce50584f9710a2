import { clipped } from '@tidegate/core';
import type { Expanded } from '../dockerfile/stages.ts';
import { expanded } from '../dockerfile/stages.ts';
import type { Remark } from '../finding.ts';
import { baseReference, isPinned } from './image.ts';
import { type DockerfileRule, flagOf, mountsOf, type Subject } from './subject.ts';

/** Every image that a build uses: FROM, COPY --from, RUN --mount=from. Reported unless pinned by digest. */
export const bases: DockerfileRule = (subject) => {
  const { file } = subject;
  const remarks: Remark[] = [];
  for (const stage of file.stages) {
    if (!stage.parent) remarks.push(...judge(stage.from, stage.instruction.startLine, subject));
    for (const instruction of stage.instructions) {
      const named = [flagOf(instruction, 'from'), ...mountsOf(instruction).map((mount) => mount.get('from'))];
      for (const name of named) {
        if (name === undefined || name === '') continue;
        if (file.stageNamed(name, stage.index)) continue;
        const from = expanded(name, file.globals, file.escape);
        remarks.push(...judge(from, instruction.startLine, subject));
      }
    }
  }
  return remarks;
};

function judge(from: Expanded, line: number, { contexts }: Subject): Remark[] {
  const { text, unknown } = from;
  if (text === 'scratch' || text === '' || contexts.has(text)) return [];
  const shown = clipped(text);
  if (unknown.length > 0) {
    const names = unknown.map((name) => clipped(name, 40)).join(', ');
    const message = `The base image ${shown} depends on the build argument ${names}, which has no default here.`;
    return isPinned(baseReference(text)) ? [] : [{ rule: 'base-not-pinned', line, message }];
  }
  const reference = baseReference(text);
  if (isPinned(reference)) return [];
  if (reference.digest !== undefined) {
    return [{ rule: 'base-not-pinned', line, message: `The base image ${shown} has an invalid digest.` }];
  }
  if (reference.tag === undefined) {
    return [
      { rule: 'base-latest', line, message: `The base image ${shown} has neither tag nor digest, which means latest.` },
    ];
  }
  if (reference.tag === 'latest') return [{ rule: 'base-latest', line, message: `The base image is ${shown}.` }];
  return [{ rule: 'base-not-pinned', line, message: `The base image ${shown} has no digest.` }];
}

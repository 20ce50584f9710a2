import { clipped } from '@tidegate/core';
import type { Instruction } from '../dockerfile/parse.ts';
import type { Expanded } from '../dockerfile/stages.ts';
import type { Remark } from '../finding.ts';
import { baseReference } from './image.ts';
import { type DockerfileRule, withEnvironment } from './subject.ts';

/** Base images that set another user, according to their name. */
const SETS_USER = /nonroot|non-root|rootless|unprivileged/i;
const ROOT = /^(?:root|0+)(?::|$)/i;

/** The last USER of the image, including those of parent stages. */
export const user: DockerfileRule = (subject) => {
  let last: { instruction: Instruction; name: Expanded } | undefined;
  for (const { instruction, environment } of withEnvironment(subject, subject.lineage)) {
    if (instruction.keyword !== 'USER') continue;
    last = { instruction, name: environment.expand(instruction.args[0] ?? '') };
  }
  const remark = (line: number, message: string): Remark[] => [{ rule: 'root-user', line, message }];
  if (!last) {
    const base = subject.lineage[0]?.from.text ?? '';
    const reference = baseReference(base);
    if (SETS_USER.test(`${reference.name}:${reference.tag ?? ''}`)) return [];
    const { startLine } = subject.final.instruction;
    if (base === 'scratch') return remark(startLine, 'No USER is set, so the image runs as root.');
    // The base image may configure another user. The gate checks it in the built image.
    const message = `No USER is set, so the image runs as the user of its base image ${clipped(base)}, which is often root.`;
    return [{ rule: 'root-user', line: startLine, message, atMost: 'note' }];
  }
  const { instruction, name } = last;
  const line = instruction.startLine;
  if (name.unknown.length > 0) {
    return remark(line, `The USER depends on ${clipped(name.unknown.join(', '))}, which has no value here.`);
  }
  if (name.text.trim() === '' || ROOT.test(name.text.trim())) {
    return remark(line, `The last USER is ${clipped(name.text.trim() || 'empty')}.`);
  }
  return [];
};

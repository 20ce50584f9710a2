import { clipped } from '@tidegate/core';
import type { Remark } from '../finding.ts';
import { type DockerfileRule, flagOf, withEnvironment } from './subject.ts';

const GIT = [
  /^(?:git@|git:\/\/|ssh:\/\/)/,
  /^https?:\/\/[^#?]*\.git(?:[#?]|$)/,
  /^https?:\/\/github\.com\/[^/#]+\/[^/#]+(?:#|$)/,
];
/** A branch or tag can be moved; a commit cannot. */
const COMMIT = /^[0-9a-f]{40}(?::|$)/;

/** ADD of a URL must have a checksum or a commit. */
export const downloads: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  for (const stage of subject.file.stages) {
    for (const { instruction, environment } of withEnvironment(subject, [stage])) {
      const inner = instruction.onbuild ?? instruction;
      if (inner.keyword !== 'ADD' || flagOf(inner, 'checksum') !== undefined) continue;
      for (const word of inner.args.slice(0, -1)) {
        const source = environment.expand(word).text;
        const isGit = GIT.some((form) => form.test(source));
        if (!isGit && !/^https?:\/\//i.test(source)) continue;
        if (isGit && namesCommit(source)) continue;
        const shown = clipped(withoutPassword(source), 120);
        const message = isGit ? `ADD ${shown} specifies no commit.` : `ADD ${shown} has no checksum.`;
        remarks.push({ rule: 'download-unchecked', line: instruction.startLine, message });
      }
    }
  }
  return remarks;
};

function namesCommit(address: string): boolean {
  // `#COMMIT:folder`, and `?ref=COMMIT&…`.
  const [, ...parts] = address.split(/[#?&]/);
  return parts.some((part) => COMMIT.test(part.replace(/^(?:ref|checksum|commit)=/, '')));
}

function withoutPassword(address: string): string {
  return address.replace(/:\/\/[^/@\s]*@/, '://***@');
}

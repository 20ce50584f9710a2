import type { Remark } from '../finding.ts';
import { Budget } from '../shell/budget.ts';
import { runDownloads, runDownloadsOf } from '../shell/run-downloads.ts';
import { argumentsOf, type DockerfileRule, type Environment, scriptsIn, withEnvironment } from './subject.ts';

/** A RUN must not run what it downloads before its checksum is verified. In every stage: a build stage makes the image. */
export const pipedIntoShell: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  const budget = new Budget();
  for (const stage of subject.file.stages) {
    for (const { instruction, environment } of withEnvironment(subject, [stage])) {
      const inner = instruction.onbuild ?? instruction;
      const variables = variablesOf(environment);
      const inArguments = argumentsOf(inner).flatMap(({ words }) =>
        runDownloadsOf(words, budget).map((one) => ({ ...one, line: instruction.startLine })),
      );
      const inScripts = scriptsIn(inner).flatMap(({ text, lineOf }) =>
        runDownloads(text, budget, variables).map((one) => ({ ...one, line: lineOf(one.offset) })),
      );
      for (const { by, runner, line } of [...inArguments, ...inScripts]) {
        remarks.push({ rule: 'piped-download', line, message: `${runner} runs the download of ${by} unchecked.` });
      }
    }
  }
  return budget.isSpent ? [...remarks, CUT] : remarks;
};

const CUT: Remark = {
  rule: 'file-not-read',
  line: 1,
  message: 'Its instructions run more commands than are followed: downloads that these run were not looked for.',
};

function variablesOf({ values }: Environment): ReadonlyMap<string, readonly string[]> {
  const known = [...values].flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]] as const]));
  return new Map([['SHELL', ['/bin/sh']], ...known]);
}

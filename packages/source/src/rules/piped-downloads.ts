import type { Remark } from '../finding.ts';
import { InnerText } from '../shell/inner-text.ts';
import { downloadsIn, pipedDownloads } from '../shell/piped-downloads.ts';
import { argumentsOf, type DockerfileRule, scriptsIn } from './subject.ts';

/** A RUN must not run what it downloads before its checksum is verified. In every stage: a build stage makes the image. */
export const pipedIntoShell: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  for (const stage of subject.file.stages) {
    for (const instruction of stage.instructions) {
      const inner = instruction.onbuild ?? instruction;
      const inArguments = downloadsIn(argumentsOf(inner), new InnerText(inner.text.length)).map((one) => ({
        ...one,
        line: instruction.startLine,
      }));
      const inScripts = scriptsIn(inner).flatMap(({ text, lineOf }) =>
        pipedDownloads(text).map((one) => ({ ...one, line: lineOf(one.offset) })),
      );
      for (const { by, runner, line } of [...inArguments, ...inScripts]) {
        remarks.push({ rule: 'piped-download', line, message: `${runner} runs the download of ${by} unchecked.` });
      }
    }
  }
  return remarks;
};

import { clipped, credentialsIn, isSecretName, isSecretValue, sensitivePath } from '@tidegate/core';
import { type Instruction, lineAt } from '../dockerfile/parse.ts';
import { keyValue } from '../dockerfile/stages.ts';
import type { Remark } from '../finding.ts';
import { type DockerfileRule, flagOf, pairsOf, type Subject } from './subject.ts';

/** Secrets in ARG, ENV, copied files and anywhere in the text. What is found is never shown. */
export const secrets: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  const inImage = new Set(subject.lineage.flatMap((stage) => stage.instructions));
  for (const instruction of subject.file.instructions) {
    const inner = instruction.onbuild ? { ...instruction.onbuild, startLine: instruction.startLine } : instruction;
    const found = [
      ...byName(inner),
      ...byFile(inner, inImage.has(instruction)),
      ...byContext(inner, inImage.has(instruction), subject),
    ];
    remarks.push(...(found.length > 0 ? found : byValue(instruction)));
  }
  return remarks;
};

/** A history holds no credential by its name alone. */
const RULES = { secret: 'secret-in-image', history: 'history-in-image' } as const;

function byName(instruction: Instruction): Remark[] {
  const { keyword, startLine: line } = instruction;
  const names: string[] = [];
  if (keyword === 'ARG') names.push(...instruction.args.map((word) => keyValue(word)[0]));
  if (keyword === 'ENV') {
    // A variable is filled in when the image is built: what it holds then is in the image.
    const holds = (value: string) => isSecretValue(value) || /^["']?\$/.test(value);
    names.push(...pairsOf(instruction).flatMap(({ key, value }) => (holds(value) ? [key] : [])));
  }
  return names.filter(isSecretName).map((name) => ({
    rule: 'secret-in-image',
    line,
    message: `${keyword} ${clipped(name, 60)} holds a secret, by its name.`,
  }));
}

function byFile(instruction: Instruction, inImage: boolean): Remark[] {
  const { keyword, args, startLine: line } = instruction;
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  return args.slice(0, -1).flatMap((source): Remark[] => {
    if (/^<</.test(source)) return [];
    const kind = sensitivePath(source);
    // A build stage may need .git to know its version; what counts is whether it gets into the image.
    if (kind === undefined || (kind === 'history' && !inImage)) return [];
    const what = kind === 'history' ? 'the history of the repository' : 'what is a secret by its name';
    return [{ rule: RULES[kind], line, message: `${keyword} ${clipped(source, 60)} copies ${what}.` }];
  });
}

/** `COPY . .` takes along what .dockerignore does not keep out. */
function byContext(instruction: Instruction, inImage: boolean, { exposed }: Subject): Remark[] {
  const { keyword, args, startLine: line } = instruction;
  if ((keyword !== 'COPY' && keyword !== 'ADD') || !inImage || flagOf(instruction, 'from') !== undefined) return [];
  const takesAll = args.slice(0, -1).some((source) => /^(?:\.\/?|\/|\*|\.\/\*)$/.test(source));
  if (!takesAll) return [];
  return (['secret', 'history'] as const).flatMap((kind): Remark[] => {
    const taken = exposed.filter((name) => sensitivePath(name) === kind);
    if (taken.length === 0) return [];
    const names = clipped(taken.join(', '), 120);
    const message = `${keyword} ${clipped(args.join(' '), 60)} takes ${names} along: .dockerignore does not exclude it.`;
    return [{ rule: RULES[kind], line, message, fix: `Add ${names} to .dockerignore, or copy only what is needed.` }];
  });
}

function byValue(instruction: Instruction): Remark[] {
  const [found] = credentialsIn(instruction.text, 'configuration');
  if (found) return [told(instruction.keyword, found.what, lineAt(instruction, found.at))];
  for (const { content, startLine } of instruction.heredocs) {
    const [inside] = credentialsIn(content, 'configuration');
    if (inside)
      return [told(instruction.keyword, inside.what, startLine + content.slice(0, inside.at).split('\n').length - 1)];
  }
  return [];
}

function told(keyword: string, what: string, line: number): Remark {
  return { rule: 'secret-in-image', line, message: `${clipped(keyword, 20)} holds a credential by its form: ${what}.` };
}

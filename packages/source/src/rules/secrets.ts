import { clipped, gradedCredentialsIn, isFilledIn, isSecretName, isSecretValue, secretPairs } from '@tidegate/core';
import { type Instruction, lineAt } from '../dockerfile/parse.ts';
import { keyValue } from '../dockerfile/stages.ts';
import type { Remark } from '../finding.ts';
import { copiedSecrets } from './copied-secrets.ts';
import { type DockerfileRule, Environment, pairsOf, type Subject } from './subject.ts';

/**
 * Secrets in ARG, ENV, copied files and anywhere in the text. The value is never shown. A usable credential is an
 * error; a name alone and a placeholder are warnings.
 */
export const secrets: DockerfileRule = (subject) => {
  const remarks: Remark[] = [];
  const environment = new Environment(subject);
  for (const instruction of subject.file.instructions) {
    const inner = instruction.onbuild ? { ...instruction.onbuild, startLine: instruction.startLine } : instruction;
    const found = [...byName(inner, environment, subject), ...copiedSecrets(inner, instruction, subject)];
    remarks.push(...found);
    if (found.length === 0 || found.every(({ rule, atMost }) => rule === 'secret-in-image' && atMost !== undefined)) {
      remarks.push(...byValue(instruction, found.length > 0));
    }
    environment.take(instruction);
  }
  return remarks;
};

function byName(instruction: Instruction, environment: Environment, subject: Subject): Remark[] {
  const { keyword, args, startLine: line } = instruction;
  const remark = (name: string, what: string, isReal: boolean): Remark => ({
    ...{ rule: 'secret-in-image', line, message: `${keyword} ${clipped(name, 60)} ${what}.` },
    atMost: isReal ? undefined : 'warning',
  });
  if (keyword === 'ARG') {
    return args.map(keyValue).flatMap(([name, fallback]) => {
      if (!isSecretName(name)) return [];
      const given = subject.buildArgs.get(name);
      if (given !== undefined && isSecretValue(given)) {
        return [
          remark(name, 'gets a secret as a build argument, which stays in the image history and in provenance', true),
        ];
      }
      const isReal = fallback !== undefined && isSecretValue(environment.expand(fallback).text);
      return [
        remark(
          name,
          isReal ? 'contains a secret, according to its name' : 'takes a secret, according to its name',
          isReal,
        ),
      ];
    });
  }
  if (keyword !== 'ENV') return [];
  const pairs = pairsOf(instruction).map(({ key, value }) => ({ name: key, ...filledIn(value, environment) }));
  const real = new Set(secretPairs(pairs));
  return pairs.flatMap((pair) => {
    const { name, value, isUnknown } = pair;
    if (!isSecretName(name)) return [];
    // A variable is expanded during the build, so its value is in the image.
    if (isUnknown) return [remark(name, 'takes a secret from a build argument, according to its name', false)];
    if (real.has(pair)) return [remark(name, 'contains a secret, according to its name', true)];
    return isFilledIn(value) ? [remark(name, 'contains a placeholder for a secret', false)] : [];
  });
}

function filledIn(written: string, environment: Environment): { readonly value: string; readonly isUnknown: boolean } {
  const { text, unknown } = environment.expand(written);
  return { value: text, isUnknown: unknown.length > 0 };
}

/** @param realOnly placeholders were already reported */
function byValue(instruction: Instruction, realOnly: boolean): Remark[] {
  const texts = [
    { text: instruction.text, lineOf: (at: number) => lineAt(instruction, at) },
    ...instruction.heredocs.map(({ content, startLine }) => ({
      text: content,
      lineOf: (at: number) => startLine + content.slice(0, at).split('\n').length - 1,
    })),
  ];
  for (const isWanted of realOnly ? ['real'] : ['real', 'placeholder']) {
    for (const { text, lineOf } of texts) {
      const found = gradedCredentialsIn(text, 'configuration').find(({ grade }) => grade === isWanted);
      if (found) return [told(instruction.keyword, found.what, lineOf(found.at), isWanted === 'real')];
    }
  }
  return [];
}

function told(keyword: string, what: string, line: number, isReal: boolean): Remark {
  const message = `${clipped(keyword, 20)} contains text in the form of a credential: ${what}${isReal ? '' : ', a placeholder'}.`;
  return { rule: 'secret-in-image', line, message, atMost: isReal ? undefined : 'warning' };
}

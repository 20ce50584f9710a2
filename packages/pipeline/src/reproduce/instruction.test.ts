import { expect, test } from '@jest/globals';
import { instructionAt } from './instruction.ts';

const DOCKERFILE = 'FROM scratch\nWORKDIR /app\nRUN make \\\n  install\nCOPY a /a\nCOPY a /a\n';
const config = {
  history: [
    { created_by: 'WORKDIR /app' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'RUN |1 A=1 /bin/sh -c make   install # buildkit' },
    { created_by: 'COPY a /a # buildkit' },
  ],
};

test('the instruction of a layer is found by the history, its line by its text', () => {
  expect(instructionAt(config, 0, DOCKERFILE)).toEqual({ text: 'WORKDIR /app', line: 2 });
  expect(instructionAt(config, 1, DOCKERFILE)).toEqual({ text: 'RUN |1 A=1 /bin/sh -c make   install', line: 3 });
});

test('no line is guessed where two lines have the text, and nothing where the history is missing', () => {
  expect(instructionAt(config, 2, DOCKERFILE)).toEqual({ text: 'COPY a /a', line: undefined });
  expect(instructionAt(config, 3, DOCKERFILE)).toBeUndefined();
  expect(instructionAt({ history: 'none' }, 0, DOCKERFILE)).toBeUndefined();
  expect(instructionAt(undefined, 0, DOCKERFILE)).toBeUndefined();
});

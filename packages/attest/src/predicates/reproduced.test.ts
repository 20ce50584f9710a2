import { expect, test } from '@jest/globals';
import { digestOf, PredicateType } from '@tidegate/core';
import { evidenceOf, evidenceOfStatement } from './evidence.ts';
import { readReproduced, reproducedStatement } from './reproduced.ts';

const subject = digestOf('an image');
const facts = {
  builder: 'https://ci.example/workflow',
  runners: [{ environment: 'self-hosted' }],
  buildkit: 'OWN',
  startedOn: new Date('2026-11-29T10:00:00Z'),
  finishedOn: new Date('2026-11-29T10:01:00Z'),
} as const;

test('the statement is read as it was written', () => {
  const { bytes, statement } = reproducedStatement(subject, { ...facts, invocationId: 'https://ci.example/runs/1' });
  expect(statement.predicateType).toBe(PredicateType.reproduced);
  const { builder, finishedOn } = facts;
  const read = evidenceOf(bytes, subject);
  expect(read).toEqual({
    kind: 'reproduced',
    subject,
    statement: digestOf(bytes),
    builder,
    runners: 1,
    buildkit: 'own',
    finishedOn,
  });
  const shared = reproducedStatement(subject, { ...facts, buildkit: 'SHARED' });
  expect(evidenceOf(shared.bytes, subject)).toMatchObject({ buildkit: 'shared' });
  // A run outside of GitHub has no invocation: the statement in memory has the property, its bytes have not.
  const none = { invocationId: undefined, runners: [{ environment: undefined }] } as const;
  const local = reproducedStatement(subject, { ...facts, ...none });
  expect(evidenceOf(local.bytes, subject)).toMatchObject({ kind: 'reproduced' });
  expect(evidenceOfStatement(local, subject, digestOf(local.bytes))).toMatchObject({ kind: 'reproduced' });
});

test('a statement about another image, and one with another result, are unreadable', () => {
  const { bytes } = reproducedStatement(subject, facts);
  expect(evidenceOf(bytes, digestOf('another'))).toMatchObject({ kind: 'unreadable' });
  const { predicate } = reproducedStatement(subject, facts).statement;
  const changes = [
    ...[{ result: 'DIFFERENT' }, { cache: 'GHA' }, { only: 'linux/amd64' }, { finishedOn: 'today' }],
    ...[{ runners: [] }, { runners: [{}, {}, {}] }, { runners: [{ name: 'a' }] }, { buildkit: 'ANY' }],
  ];
  for (const change of changes) {
    expect(() => readReproduced({ ...(predicate as object), ...change }, subject)).toThrow(/The rebuild/);
  }
});

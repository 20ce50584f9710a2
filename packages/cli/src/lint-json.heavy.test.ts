import { expect, test } from '@jest/globals';
import { newRepository } from './repository.fixture.ts';

test('lint --json has every finding: file, line, rule, level, message, why and fix', async () => {
  const repository = await newRepository({ Dockerfile: 'FROM alpine:latest\n' });
  try {
    const argv = ['lint', '--no-buildkit-checks', '--hadolint', 'off', '--json'];
    const { outputs, report } = JSON.parse((await repository.run(...argv)).stdout);
    expect(report.findings.length).toBe(Number(outputs.findings));
    expect(report.findings).toContainEqual({
      ...{ file: 'Dockerfile', line: 1, rule: 'base-latest', level: expect.any(String) },
      ...{ message: expect.any(String), why: expect.any(String), fix: expect.any(String) },
    });
  } finally {
    await repository.remove();
  }
});

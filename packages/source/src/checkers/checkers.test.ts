import { describe, expect, test } from '@jest/globals';
import { lintDockerfileText } from '../repository.ts';
import { buildkitFindings } from './buildkit.ts';
import { hadolintFindings } from './hadolint.ts';

/** The output of buildx 0.36, without the sources. */
function checkReport(warnings: readonly (readonly [rule: string, line: number])[], buildError?: object): string {
  return JSON.stringify({
    warnings: warnings.map(([ruleName, line]) => ({
      ruleName,
      description: 'Described',
      url: 'https://docs.docker.com/go/x/',
      detail: `detail of ${ruleName}`,
      location: { ranges: [{ start: { line }, end: { line } }] },
    })),
    sources: [],
    ...(buildError ? { buildError } : {}),
  });
}

describe('findings of other checkers', () => {
  test('warnings of BuildKit keep their name, line and address', () => {
    expect(buildkitFindings(checkReport([['FromAsCasing', 3]]), 'Dockerfile')).toEqual([
      {
        ...{ rule: 'buildkit/FromAsCasing', level: 'warning', file: 'Dockerfile', line: 3 },
        ...{ message: 'detail of FromAsCasing.', why: 'Described.', fix: 'See https://docs.docker.com/go/x/.' },
      },
    ]);
  });

  test('a line that BuildKit refuses is an error, a registry that it does not reach a warning', () => {
    const at = { location: { ranges: [{ start: { line: 2 } }] } };
    const refused = checkReport([], { message: 'dockerfile parse error on line 2: unknown instruction: FRM', ...at });
    expect(buildkitFindings(refused, 'D')).toMatchObject([{ rule: 'buildkit/BuildError', level: 'error', line: 2 }]);
    const unreached = checkReport([], { message: 'failed to resolve source metadata', ...at });
    expect(buildkitFindings(unreached, 'D')).toMatchObject([{ rule: 'buildkit/BuildError', level: 'warning' }]);
  });

  test.each([
    '',
    '   ',
    '[]',
    '{}',
    'null',
    '{"warnings": 1, "sources": []}',
    '{"warnings": [1], "sources": []}',
    '{"warn',
  ])('%j is no report of BuildKit: it must not pass for a clean one', (text) => {
    expect(() => buildkitFindings(text, 'D')).toThrow();
  });

  test.each(['', '{}', 'null', '[1]', '[{"code"'])('%j is no report of hadolint', (text) => {
    expect(() => hadolintFindings(text, 'D')).toThrow();
  });

  test('an error of hadolint is a warning, unless it cannot read the file', () => {
    const of = (code: string) =>
      hadolintFindings(JSON.stringify([{ code, line: 1, level: 'error', message: 'm' }]), 'D');
    expect(of('DL3020')).toMatchObject([{ level: 'warning' }]);
    expect(of('DL1000')).toMatchObject([{ level: 'error' }]);
  });

  test('a secret by its name alone stays a warning, whatever another checker calls it', () => {
    const text = 'FROM debian:12\nARG TOKEN\nUSER app\n';
    const hadolint = hadolintFindings(JSON.stringify([{ code: 'DL3064', line: 2, level: 'error', message: 'm' }]), 'D');
    const { findings } = lintDockerfileText('D', text, {}, [{ checker: 'hadolint', findings: hadolint }]);
    expect(findings.filter(({ line }) => line === 2)).toMatchObject([
      { rule: 'secret-in-image', level: 'warning', also: ['hadolint/DL3064'] },
    ]);
  });

  test('a rule name that is none, and a line that is none, do not get through', () => {
    const text = JSON.stringify([{ code: '::error::x', line: -1, level: 'fatal', message: 'm' }]);
    expect(hadolintFindings(text, 'D')).toMatchObject([{ rule: 'hadolint/Unknown', line: 1, level: 'warning' }]);
  });
});

describe('the same problem is reported once', () => {
  const text = 'FROM debian\nARG TOKEN\nRUN apt-get update && \\\n  apt-get install -y curl\nUSER root\n';
  const buildkit = buildkitFindings(checkReport([['SecretsUsedInArgOrEnv', 2]]), 'Dockerfile');
  const hadolint = hadolintFindings(
    JSON.stringify([
      { code: 'DL3006', line: 1, level: 'warning', message: 'tag' },
      // hadolint reports the first line of a RUN, our rule the line of the command.
      { code: 'DL3009', line: 3, level: 'info', message: 'lists' },
      { code: 'DL3008', line: 3, level: 'warning', message: 'versions' },
      { code: 'DL3002', line: 5, level: 'warning', message: 'root' },
    ]),
    'Dockerfile',
  );
  const foreign = [
    { checker: 'buildkit', findings: buildkit },
    { checker: 'hadolint', findings: hadolint },
  ] as const;
  const told = (source: string, given = foreign as Parameters<typeof lintDockerfileText>[3]) =>
    lintDockerfileText('Dockerfile', source, {}, given).findings.map(({ rule, also = [] }) =>
      [rule, ...also].join(' '),
    );

  test('under our name, with the others beside it', () => {
    expect(told(text)).toEqual([
      'base-latest hadolint/DL3006',
      'secret-in-image buildkit/SecretsUsedInArgOrEnv',
      'hadolint/DL3008',
      'package-cache-left hadolint/DL3009',
      'root-user hadolint/DL3002',
    ]);
  });

  test('a file that all three cannot read has one finding', () => {
    const location = { ranges: [{ start: { line: 2 } }] };
    const refused = checkReport([], { message: 'dockerfile parse error on line 2: no build stage', location });
    const order = hadolintFindings(JSON.stringify([{ code: 'DL3061', line: 2, level: 'error', message: 'm' }]), 'D');
    const theirs = [
      { checker: 'buildkit', findings: buildkitFindings(refused, 'Dockerfile') },
      { checker: 'hadolint', findings: order.map((one) => ({ ...one, file: 'Dockerfile' })) },
    ] as const;
    expect(told('# To do\nRUN true\n', theirs)).toEqual(['dockerfile-unreadable buildkit/BuildError hadolint/DL3061']);
  });

  test('an ignore by any of its names is honoured, and one of a checker that did not run is left in peace', () => {
    const ignoring = `# tidegate: ignore=hadolint/DL3006 ours\n${text}`;
    const moved = foreign.map((one) => ({
      ...one,
      findings: one.findings.map((finding) => ({ ...finding, line: finding.line + 1 })),
    }));
    expect(told(ignoring, moved)).not.toContain('base-latest hadolint/DL3006');
    expect(told(ignoring, [])).toContain('base-latest');
    expect(told(ignoring, [])).not.toContain('ignore-unused');
  });

  test('levels of policy hold for all of them', () => {
    const levels = { 'root-user': 'off', 'hadolint/DL3002': 'off', 'hadolint/DL3008': 'error' } as const;
    const { findings } = lintDockerfileText('Dockerfile', text, { settings: { levels } }, foreign);
    expect(findings.map(({ rule }) => rule)).not.toContain('root-user');
    expect(findings.find(({ rule }) => rule === 'hadolint/DL3008')?.level).toBe('error');
  });
});

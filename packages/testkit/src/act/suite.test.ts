import { describe, expect, test } from '@jest/globals';
import { rewriteForAct } from './suite.ts';

const SOURCE = `
jobs:
  build:
    strategy:
      matrix: \${{ fromJSON(needs.plan.outputs.matrix) }}
    outputs:
      digest-0: \${{ matrix.index == 0 && steps.build.outputs.digest || '' }}
      digest-1: \${{ matrix.index == 1 && steps.build.outputs.digest || '' }}
    steps:
      - uses: $/actions/build-image
  join:
    needs: build
    steps:
      - uses: $/actions/join-layouts
        with:
          digests: \${{ needs.build.outputs.digest-1 }}
`;

describe('the workflow as act takes it', () => {
  const { text, env } = rewriteForAct(SOURCE);

  test('names its own actions as a foreign caller would', () => {
    expect(text).toContain('uses: acme/suite/actions/build-image@v1');
    expect(text).not.toContain('$/');
  });

  test("lets an output of another leg evaluate to its own text, so that act's map keeps it for that leg", () => {
    const own = '{{ matrix.index == 1 && steps.build.outputs.digest || env.LEFT_TO_OTHER_LEGS_digest_1 }}';
    expect(text).toContain(`digest-1: $${own}`);
    // format('{0}{1}', '$', text) is that text.
    expect(env.LEFT_TO_OTHER_LEGS_digest_1).toBe(`\${{ format('{0}{1}', '$', '${own}') }}`);
  });

  test('reads such a text as no output', () => {
    expect(text).toContain(
      `digests: \${{ (!startsWith(needs.build.outputs.digest-1, '$') && needs.build.outputs.digest-1 || '') }}`,
    );
  });

  test('runs the legs one after another', () => {
    expect(text).toContain('    strategy:\n      max-parallel: 1\n      matrix:');
  });

  test('refuses an output of a matrix job that is not said for one leg', () => {
    const careless = SOURCE.replace(
      "matrix.index == 0 && steps.build.outputs.digest || ''",
      'steps.build.outputs.digest',
    );
    expect(() => rewriteForAct(careless)).toThrow('output digest-0 of the matrix job build');
  });
});

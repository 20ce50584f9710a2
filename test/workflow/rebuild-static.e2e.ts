/** The job that builds a second time, held against the one that built first. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readWorkflow, repositoryRoot, type WorkflowJob } from '@tidegate/testkit';

test('the reusable workflow builds each platform again as it was built, on a runner like that one, and compares it by digest', async () => {
  const { jobs } = await readWorkflow(join(repositoryRoot, '.github/workflows/commit-to-registry.yml'));
  const { build = {}, rebuild = {} } = jobs;
  for (const key of ['runs-on', 'strategy', 'permissions', 'timeout-minutes'] as const) {
    expect(rebuild[key]).toEqual(build[key]);
  }
  const withOf = ({ steps = [] }: WorkflowJob, action: string) =>
    steps.filter(({ uses }) => uses?.startsWith(action)).map((step) => step.with ?? {});
  const own = (name: string) => `\${{ needs.build.outputs[format('${name}-{0}', matrix.index)] }}`;
  const [{ 'buildkit-state': state, ...given } = {}] = withOf(build, '$/actions/build-image');
  // It keeps unpacked base images, which the first build may have changed.
  expect(state).toBeDefined();
  const [again] = withOf(rebuild, '$/actions/build-image');
  expect(again).toEqual({
    ...given,
    reproducible: `\${{ inputs.reproducible }}`,
    'first-layout': `\${{ runner.temp }}/first/\${{ matrix.artifact }}`,
    'first-digest': own('digest'),
    'first-runner': own('runner'),
  });
  // Blanks around the value neither build twice on one runner, nor leave out the second build.
  const once = "contains(inputs.reproducible, 'check') && 'off' || inputs.reproducible";
  expect(given.reproducible).toBe(`\${{ ${once} }}`);
  const fetched = withOf(rebuild, 'actions/download-artifact@');
  expect(fetched.slice(0, -1)).toEqual(withOf(build, 'actions/download-artifact@'));
  expect(fetched.at(-1)).toEqual({ 'artifact-ids': own('artifact-id'), path: `\${{ runner.temp }}/first` });
  expect(withOf(rebuild, 'actions/checkout@')).toEqual(withOf(build, 'actions/checkout@'));
  // Nothing but the job output is handed over.
  expect(withOf(rebuild, 'actions/upload-artifact@')).toEqual([]);
});

/**
 * Runs every check of the repository in order, then prints `N passed, N failed` alone on the last line. A failed stage
 * does not stop the next. Arguments select the stages to run: `npm test -- lint types`.
 */
import { ROOT } from './repository.ts';
import { check, FEW_SUITES, jest, type Stage } from './stages.ts';

const tooling = (script: string) => `packages/tooling/src/${script}`;

const STAGES: readonly Stage[] = [
  check('lint', 'formatting and lint (biome)', ROOT, [
    'node_modules/@biomejs/biome/bin/biome',
    'ci',
    '--error-on-warnings',
    '.',
  ]),
  check('types', 'types (tsc)', ROOT, ['node_modules/typescript/bin/tsc', '-p', '.', '--noEmit']),
  check('layering', 'who may import whom', ROOT, [tooling('layering.ts')]),
  check('form', 'files are short, and no object is spread under a condition', ROOT, [tooling('form.ts')]),
  check('exports', 'every export has a reader (knip)', ROOT, [tooling('exports.ts')]),
  check('linear', 'no regular expression takes more than linear time (recheck)', ROOT, [tooling('expressions.ts')]),
  check('generated', 'action.yml and README tables are what action.ts says', ROOT, [tooling('generate.ts'), '--check']),
  check('dist', 'dist/ is what the source makes, in any folder, and within its budget', ROOT, [
    tooling('check-dist.ts'),
  ]),
  jest('unit', 'unit tests', ROOT, 'jest.config.js'),
  jest('heavy', 'unit tests that start programs, or hold limits with megabytes', ROOT, 'test/jest.heavy.config.js'),
  jest('e2e', 'the bundles with the real tools, end to end', ROOT, 'test/jest.config.js', FEW_SUITES),
];

/** Only run when selected. */
const SLOW: readonly Stage[] = [
  jest(
    'three-ways',
    'six ordinary applications in all three ways of use, with each preset',
    ROOT,
    'test/jest.three-ways.config.js',
  ),
  jest('faults', 'every fault at every step of a push, races and sudden deaths', ROOT, 'test/jest.faults.config.js'),
  jest(
    'cluster',
    "policies and manifests at an API server and by clusters' own engines, keys in a token by cosign's build for them",
    ROOT,
    'test/jest.cluster.config.js',
  ),
];
const ALL = [...STAGES, ...SLOW];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !ALL.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(', ')}. There are: ${ALL.map((stage) => stage.name).join(', ')}.`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
const failures: string[] = [];
for (const stage of asked.length === 0 ? STAGES : ALL.filter(({ name }) => asked.includes(name))) {
  console.log(`\n== ${stage.name}: ${stage.about}`);
  const began = performance.now();
  const tally = await stage.run();
  const took = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`== ${stage.name}: ${tally.failed === 0 ? 'passed' : `${tally.failed} failed`} in ${took} s`);
  passed += tally.passed;
  failed += tally.failed;
  if (tally.failed > 0) failures.push(stage.name);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}. One alone: npm test -- ${failures[0]}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** `npm run bench -- NAME`: one benchmark, by the name of its file. */
const BENCHMARKS = [
  'chain',
  'copy',
  'layers',
  'report-page',
  'scan',
  'sign',
  'startup',
  'tag-race',
  'ways',
  'workflow',
];

const [name = ''] = process.argv.slice(2);
if (!BENCHMARKS.includes(name)) {
  console.error(`npm run bench -- NAME, where NAME is one of ${BENCHMARKS.join(', ')}.`);
  process.exit(2);
}
await import(`./${name}.ts`);

export {};

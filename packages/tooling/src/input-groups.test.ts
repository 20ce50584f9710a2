/** Inputs are listed under headings: each once, none forgotten, and no heading names an input that is gone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadActions } from './actions.ts';
import { readCalledWorkflow } from './called-workflow.ts';
import { groupsOf, unusedNames } from './input-groups.ts';
import { fillReadme } from './readme.ts';
import { ROOT } from './repository.ts';

const actions = await loadActions(join(ROOT, 'actions'));
const called = (file: string) => readCalledWorkflow(join(ROOT, '.github/workflows', file));
const [workflow, later] = [await called('commit-to-registry.yml'), await called('publish.yml')];
const repository = { owner: 'acme', name: 'tidegate' };
const owners = [...actions, workflow, later].map(({ name, inputs }) => [name, Object.keys(inputs)] as const);

test.each(owners)('%s: every input is under one heading', (name, inputs) => {
  const listed = groupsOf(inputs, name).flatMap((group) => group.inputs);
  expect(listed.toSorted()).toEqual(inputs.toSorted());
});

test('no heading names an input that nothing has', () => {
  expect(
    unusedNames(
      actions,
      [workflow, later].flatMap(({ inputs }) => Object.keys(inputs)),
    ),
  ).toEqual([]);
});

test('an input without a heading is an error that names it', () => {
  expect(() => groupsOf(['image', 'colour'], 'greet')).toThrow(/greet has inputs without a heading: colour/);
});

test('the root action begins with the image and its tags, build-image with the build', () => {
  const first = (name: string) => groupsOf(owners.find(([one]) => one === name)?.[1] ?? [], name)[0];
  expect(first('ship')).toMatchObject({ title: 'Image and tags', inputs: expect.arrayContaining(['image', 'tags']) });
  expect(first('build-image')?.title).toBe('Build');
});

test('a few inputs are one table without headings', () => {
  expect(groupsOf(['image', 'tags', 'key'], 'greet')).toEqual([{ title: '', inputs: ['image', 'tags', 'key'] }]);
});

test('the pages of the root action and of the reusable workflows list all of it', async () => {
  const page = (name: string) => readFile(join(ROOT, 'docs/reference', name), 'utf8');
  const ship = actions.find(({ name }) => name === 'ship');
  const tables = (text: string) =>
    [...text.matchAll(/<!-- ([\w:-]+) -->\n(.*?)<!-- \/\1 -->/gs)].map(([, , rows]) => rows);
  const listed = (text: string) =>
    [
      ...tables(text)
        .join('')
        .matchAll(/^\| `([\w-]+)` \|/gm),
    ]
      .map(([, name]) => name)
      .toSorted();
  const all = ({ inputs = {}, secrets = {}, outputs = {} }) =>
    [inputs, secrets, outputs].flatMap((part) => Object.keys(part)).toSorted();
  expect(listed(await page('root-action.md'))).toEqual(all(ship ?? {}));
  expect(listed(await page('reusable-workflow.md'))).toEqual(all(workflow));
  expect(listed(await page('publish.md'))).toEqual(all(later));
});

test('the workflow has a table for its secrets, and an unknown workflow is an error', () => {
  const marked = (name: string) => `<!-- workflow-secrets:${name} -->\n<!-- /workflow-secrets:${name} -->\n`;
  const filled = fillReadme(marked('commit-to-registry'), actions, repository, [workflow]);
  expect(filled).toContain('| Secret | What it is |');
  expect(filled).toContain('| `signing-key` |');
  expect(() => fillReadme(marked('other'), actions, repository, [workflow])).toThrow(/no such workflow/);
});

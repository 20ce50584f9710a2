import { describe, expect, test } from '@jest/globals';
import { readImageTests } from './definition.ts';

const read = (text: string) => readImageTests(Buffer.from(text), 'tests.yaml');

test('a file of the original is read, with its defaults', async () => {
  const tests = await read(`
schemaVersion: 2.0.0
commandTests:
  - name: version
    command: /app
    args: ["--version", 1]
    expectedOutput: ['v1\\.']
fileExistenceTests:
  - { name: gone, path: /tmp/x, shouldExist: false }
metadataTest:
  envVars: [{ key: PORT, value: 8080 }]
  cmd: []
`);
  expect(tests.commandTests[0]).toMatchObject({ exitCode: 0, args: ['--version', '1'], excludedError: [] });
  expect(tests.fileExistenceTests[0]).toMatchObject({ shouldExist: false });
  expect(tests.metadataTest).toMatchObject({ envVars: [{ key: 'PORT', value: '8080', isRegex: false }], cmd: [] });
});

describe('refused is', () => {
  const V = 'schemaVersion: "2.0.0"\n';
  test.each([
    ['no schema version', 'commandTests: []', /schemaVersion/],
    ['another one', 'schemaVersion: 1.0.0', /must be "2.0.0"/],
    ['a file without a test', V, /contains no test/],
    ['a misspelt key', `${V}commandTest: []`, /commandTest/],
    ['a misspelt key of a test', `${V}commandTests: [{ name: a, command: b, expectOutput: [c] }]`, /expectOutput/],
    ['a test without a name', `${V}commandTests: [{ command: b }]`, /commandTests\.0\.name/],
    ['an empty setup command', `${V}commandTests: [{ name: a, command: b, setup: [[]] }]`, /empty command/],
    ['licence tests', `${V}licenseTests: [{ debian: true }]`, /licenseTests/],
    ['a privileged container', `${V}containerRunOptions: { privileged: true }`, /privileged/],
    ['a mount of the host', `${V}containerRunOptions: { bindMounts: ["/:/host"] }`, /bindMounts/],
    ['an exit code that is none', `${V}commandTests: [{ name: a, command: b, exitCode: 256 }]`, /exitCode/],
    ['a duplicate key', `${V}${V}`, /exists twice/],
    ['an alias', `${V}globalEnvVars: &a []\nfileContentTests: *a`, /alias/i],
    ['a list', '- a', /tests\.yaml is not a file of image tests/],
    ['an empty file', '', /is not a file of image tests/],
    ['no YAML', '{', /is not a file of image tests/],
    ['no text', Buffer.from([0xff]).toString('latin1'), /is not a file of image tests/],
    ['a file that is too large', `${V}# ${'x'.repeat(600_000)}`, /more than 524288/],
  ])('%s', async (_, text, says) => {
    await expect(read(text)).rejects.toMatchObject({
      id: 'image-tests-invalid',
      message: expect.stringMatching(says),
    });
  });
});

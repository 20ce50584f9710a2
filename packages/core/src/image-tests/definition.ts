import * as v from 'valibot';
import { messageOf, TidegateError } from '../error.ts';

/** Maximum size of a file of tests, in bytes. */
export const MAX_TESTS_BYTES = 512 * 1024;
const MAX_TESTS = 1000;

/** Go's YAML reader puts a number or a boolean into a text field as it is written. */
const text = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const name = v.pipe(text, v.minLength(1, 'is empty'));
const texts = v.optional(v.array(text), []);
const variable = v.strictObject({ key: name, value: text, isRegex: v.optional(v.boolean(), false) });
const commands = v.optional(v.array(v.pipe(v.array(text), v.minLength(1, 'is an empty command'))), []);
const variables = v.optional(v.array(variable), []);

const CommandTest = v.strictObject({
  name,
  setup: commands,
  // Each test has a container of its own, so nothing is left to undo. The original ignores them, too.
  teardown: commands,
  envVars: variables,
  exitCode: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)), 0),
  command: name,
  args: texts,
  expectedOutput: texts,
  excludedOutput: texts,
  expectedError: texts,
  excludedError: texts,
});

const FileTest = v.strictObject({
  name,
  path: name,
  shouldExist: v.optional(v.boolean(), true),
  permissions: v.optional(v.string()),
  uid: v.optional(v.pipe(v.number(), v.integer())),
  gid: v.optional(v.pipe(v.number(), v.integer())),
  isExecutableBy: v.optional(v.picklist(['any', 'owner', 'group', 'other'])),
});

const ContentTest = v.strictObject({ name, path: name, expectedContents: texts, excludedContents: texts });

const MetadataTest = v.strictObject({
  env: variables,
  envVars: variables,
  labels: variables,
  exposedPorts: texts,
  unexposedPorts: texts,
  entrypoint: v.optional(v.array(text)),
  cmd: v.optional(v.array(text)),
  workdir: v.optional(text),
  user: v.optional(text),
  volumes: texts,
  unmountedVolumes: texts,
});

const Tests = v.strictObject({
  schemaVersion: v.picklist(['2.0.0'], 'must be "2.0.0"'),
  globalEnvVars: variables,
  commandTests: v.optional(v.pipe(v.array(CommandTest), v.maxLength(MAX_TESTS)), []),
  fileExistenceTests: v.optional(v.pipe(v.array(FileTest), v.maxLength(MAX_TESTS)), []),
  fileContentTests: v.optional(v.pipe(v.array(ContentTest), v.maxLength(MAX_TESTS)), []),
  metadataTest: v.optional(MetadataTest),
  containerRunOptions: v.optional(v.strictObject({ user: v.optional(text) })),
});

export type ImageTests = v.InferOutput<typeof Tests>;
export type CommandTest = v.InferOutput<typeof CommandTest>;
export type FileTest = v.InferOutput<typeof FileTest>;
export type ContentTest = v.InferOutput<typeof ContentTest>;
export type MetadataTest = v.InferOutput<typeof MetadataTest>;

/**
 * Read a file of tests in the format of container-structure-test, schema 2.0.0. Stricter than the original: a key that
 * it ignores is an error here, because a test with a misspelt key tests nothing.
 * @param file its name in errors
 */
export async function readImageTests(bytes: Uint8Array, file: string): Promise<ImageTests> {
  if (bytes.length > MAX_TESTS_BYTES) throw invalid(file, `it has ${bytes.length} bytes, more than ${MAX_TESTS_BYTES}`);
  const value = await parsed(bytes, file);
  const { success, output, issues } = v.safeParse(Tests, value, { abortPipeEarly: true });
  if (!success) {
    const [issue] = issues;
    const path = v.getDotPath(issue);
    throw invalid(file, `${path === null ? '' : `${path}: `}${issue.message}`);
  }
  const count =
    output.commandTests.length +
    output.fileExistenceTests.length +
    output.fileContentTests.length +
    (output.metadataTest ? 1 : 0);
  if (count === 0) throw invalid(file, 'it contains no test');
  return output;
}

async function parsed(bytes: Uint8Array, file: string): Promise<unknown> {
  // Loaded only where it is used: the parser takes a while to load.
  const { isScalar, parseDocument, visit } = await import('yaml');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // The parser's own check of keys compares every pair, which takes minutes for 40,000 keys.
    const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
    const [wrong] = document.errors;
    if (wrong) throw wrong;
    visit(document, {
      Map: (_, { items }) => {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          const name = isScalar(key) ? key.value : key;
          if (seen.has(name)) throw new Error(`the key ${JSON.stringify(name)} exists twice`);
          seen.add(name);
        }
      },
    });
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw invalid(file, messageOf(error).split('\n', 1)[0] ?? '', error);
  }
}

function invalid(file: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('image-tests-invalid', `${file} is not a file of image tests: ${why}.`, {
    next: 'Write it in the format of container-structure-test, schema version 2.0.0.',
    cause,
  });
}

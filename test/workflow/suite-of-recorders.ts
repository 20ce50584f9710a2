import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ActionSpec } from '@tidegate/runner';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A suite whose actions declare what the real ones declare and only record. @returns the declared inputs by action. */
export async function makeSuiteOfRecorders(into: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const recorder = pathToFileURL(join(root, 'test/workflow/recorder/main.ts')).href;
  const declared = new Map<string, readonly string[]>();
  await cp(join(root, '.github/workflows'), join(into, '.github/workflows'), { recursive: true });
  await mkdir(join(into, 'dist'), { recursive: true });
  for (const entry of await readdir(join(root, 'actions'), { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'support') continue;
    const { action }: { action: ActionSpec } = await import(join(root, 'actions', entry.name, 'action.ts'));
    declared.set(action.name, Object.keys(action.inputs));
    // The root action is said in actions/ship.
    const folder = entry.name === 'ship' ? into : join(into, 'actions', action.name);
    await mkdir(folder, { recursive: true });
    const file = entry.name === 'ship' ? 'dist/ship.mjs' : 'main.mjs';
    await writeFile(join(folder, 'action.yml'), JSON.stringify(declaration(action, file)));
    const main = `process.argv[2] = ${JSON.stringify(action.name)};\nawait import(${JSON.stringify(recorder)});\n`;
    await writeFile(join(folder, file), main);
  }
  return declared;
}

/** JSON is YAML. */
function declaration(action: ActionSpec, main: string) {
  const inputs = Object.entries(action.inputs).map(([name, { description, required = false }]) => [
    name,
    { description, required },
  ]);
  const outputs = Object.entries(action.outputs).map(([name, { description }]) => [name, { description }]);
  return {
    name: action.title,
    description: action.description,
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    runs: { using: 'node24', main },
  };
}

/**
 * A copy of the suite that nektos/act 0.2.89 can run. Three things differ from GitHub, because act lacks them:
 *
 * - `uses: $/actions/x` (the same repository at the same commit) becomes `acme/suite/actions/x@v1`, mapped to the copy.
 * - GitHub keeps a matrix job's outputs name by name: the last leg that sets one wins, and an empty one is not set. In
 *   act the first leg to end replaces every output's expression by its value, for all legs. So an output that is not a
 *   leg's own evaluates to its own text there, and readers treat that text as empty; legs run one after another.
 * - Actions of other repositories (checkout, artifacts) become stand-ins: nothing is downloaded.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseWorkflow } from '../github/workflow.ts';

export interface ActSuite {
  /** The copy. */
  readonly folder: string;
  /** `--local-repository`: `owner/repo@ref` to a folder. */
  readonly repositories: Readonly<Record<string, string>>;
  /** Environment that the rewritten workflow needs. */
  readonly env: Readonly<Record<string, string>>;
  /** `uses:` of a calling workflow: `acme/suite/.github/workflows/<file>@v1`. */
  workflow(file: string): string;
}

export interface ActSuiteOptions {
  /** Root of the repository with `actions/`, `dist/` and `.github/workflows/`. */
  readonly root: string;
  /** An empty folder for the copy. */
  readonly into: string;
  /** File names of the workflows to copy. */
  readonly workflows: readonly string[];
  /** `owner/repo` to a folder with `action.yml` and `main.ts`. `actions/checkout` is act's own. */
  readonly standIns: Readonly<Record<string, string>>;
  /** Run the actions' sources instead of their bundles, to try a change without bundling. */
  readonly fromSource?: boolean;
}

const SELF = 'acme/suite';
const REF = 'v1';

export async function copySuiteForAct(options: ActSuiteOptions): Promise<ActSuite> {
  const suite = join(options.into, 'suite');
  await mkdir(join(suite, '.github', 'workflows'), { recursive: true });
  for (const part of ['action.yml', 'actions', 'dist']) {
    await cp(join(options.root, part), join(suite, part), {
      recursive: true,
      // act packs the whole copy for every step, so files that a runner would not read are left out.
      filter: (path) => !path.includes('node_modules') && !path.endsWith('.ts'),
    });
  }
  if (options.fromSource) await callSources(options.root, suite);
  const env: Record<string, string> = {};
  const repositories: Record<string, string> = { [`${SELF}@${REF}`]: suite };
  for (const file of options.workflows) {
    const source = await readFile(join(options.root, '.github', 'workflows', file), 'utf8');
    const rewritten = rewriteForAct(source);
    await writeFile(join(suite, '.github', 'workflows', file), rewritten.text);
    Object.assign(env, rewritten.env);
    for (const uses of thirdParties(rewritten.text)) {
      const repository = uses.slice(0, uses.indexOf('@'));
      if (repository === 'actions/checkout') continue;
      const standIn = options.standIns[repository];
      if (!standIn) throw new Error(`${file} uses ${uses}, and no stand-in for it is there`);
      repositories[uses] = await installStandIn(standIn, join(options.into, repository.replaceAll('/', '-')));
    }
  }
  return { folder: suite, repositories, env, workflow: (file) => `${SELF}/.github/workflows/${file}@${REF}` };
}

/** @returns the workflow in the form that act accepts, and the environment that it needs */
export function rewriteForAct(source: string): {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
} {
  const env: Record<string, string> = {};
  let text = source.replace(/(\buses: )\$\/(\S+)/g, `$1${SELF}/$2@${REF}`);
  const { jobs } = parseWorkflow(source);
  for (const [id, job] of Object.entries(jobs)) {
    if (job.strategy?.matrix === undefined) continue;
    for (const [name, expression] of Object.entries(job.outputs ?? {})) {
      const own = /^\$(\{\{ .* \|\| )'' \}\}$/.exec(expression)?.[1];
      if (own === undefined) throw new Error(`output ${name} of the matrix job ${id} does not end in || ''`);
      const variable = `LEFT_TO_OTHER_LEGS_${name.replaceAll('-', '_')}`;
      text = text.replace(expression, `$$${own}env.${variable} }}`);
      // act evaluates the environment, too: format() delays the evaluation of this expression.
      env[variable] = `\${{ format('{0}{1}', '$', '${own.replaceAll("'", "''")}env.${variable} }}') }}`;
      const read = `needs.${id}.outputs.${name}`;
      text = text.replace(
        new RegExp(`${read.replaceAll('.', '\\.')}(?![\\w-])`, 'g'),
        `(!startsWith(${read}, '$$') && ${read} || '')`,
      );
    }
  }
  // act rejects unknown keys.
  text = text.replace(/^ +queue: max\n/gm, '');
  text = text.replace(/^( +)strategy:\n/gm, '$&$1  max-parallel: 1\n');
  return { text, env };
}

/** Replaces each bundle by one line that loads the source. */
async function callSources(root: string, suite: string): Promise<void> {
  for (const name of await readdir(join(suite, 'dist'))) {
    const source = pathToFileURL(join(root, 'actions', name, 'main.ts')).href;
    await writeFile(join(suite, 'dist', name, 'index.js'), `await import(${JSON.stringify(source)});\n`);
  }
}

function thirdParties(workflow: string): readonly string[] {
  const uses = Object.values(parseWorkflow(workflow).jobs).flatMap((job) =>
    (job.steps ?? []).map((step) => step.uses ?? ''),
  );
  return [...new Set(uses)].filter((target) => target !== '' && !target.startsWith(`${SELF}/`));
}

/** act copies an action's folder without its dependencies, so the copy is one line that loads the original. */
async function installStandIn(from: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  for (const file of await readdir(from)) {
    if (file.endsWith('.yml')) await cp(join(from, file), join(into, file));
  }
  await writeFile(
    join(into, 'main.mjs'),
    `await import(${JSON.stringify(pathToFileURL(join(from, 'main.ts')).href)});\n`,
  );
  return into;
}

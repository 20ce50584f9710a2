/** Files that no image needs, by the file that shows the language. */
const OF_LANGUAGE: readonly (readonly [marker: RegExp, entries: readonly string[]])[] = [
  [/^package\.json$/, ['node_modules', 'npm-debug.log*', 'coverage']],
  [
    /^(pyproject\.toml|requirements.*\.txt|setup\.py|Pipfile)$/,
    ['**/__pycache__', '**/*.pyc', '.venv', '.pytest_cache'],
  ],
  [/^Cargo\.toml$/, ['target']],
  [/^(pom\.xml|build\.gradle(\.kts)?)$/, ['target', 'build', '.gradle']],
  [/^Gemfile$/, ['vendor/bundle', 'log', 'tmp']],
  [/^composer\.json$/, ['vendor']],
];
const ALWAYS = ['.git', '.github', '.env', '.env.*'];

/**
 * An ignore file for a context that copies whole folders; undefined if it copies only named files. Entries that the
 * Dockerfile names are left out.
 */
export function proposedIgnore(folder: string, paths: readonly string[], dockerfile: string): string | undefined {
  if (!dockerfile.split('\n').some(copiesContext)) return undefined;
  const within = folder === '.' ? '' : `${folder}/`;
  const here = paths.flatMap((path) => (path.startsWith(within) ? [path.slice(within.length)] : []));
  const own = OF_LANGUAGE.flatMap(([marker, entries]) => (here.some((path) => marker.test(path)) ? entries : []));
  const names = (entry: string) => dockerfile.includes(entry.replace(/^\*\*\//, '').replace(/[*]/g, ''));
  const entries = [...new Set([...ALWAYS, ...own])].filter((entry) => !names(entry));
  return `# Not part of the image, and not sent to the builder.\n${entries.join('\n')}\n`;
}

/** `COPY . /app`, `ADD --chown=1 ./ .` */
function copiesContext(line: string): boolean {
  const [instruction = '', ...words] = line.trim().split(/\s+/);
  const source = words.find((word) => !word.startsWith('--'));
  return /^(?:COPY|ADD)$/i.test(instruction) && (source === '.' || source === './');
}

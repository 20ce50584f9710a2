import { type Entry, linesOf } from './entry.ts';
import { originsOf, type Required } from './origins.ts';
import { requiredByPackageJson } from './package-json.ts';

/** The entry below one header: `lodash@^4.17.15:` or `"lodash@npm:^4.17.15":`. */
interface Block {
  readonly name: string;
  readonly line: number;
  /** `lodash@^4.17.15` */
  readonly specifications: readonly string[];
  /** Names and ranges. */
  readonly requires: (readonly [name: string, range: string])[];
  version?: string | undefined;
}

/**
 * yarn.lock, classic and berry: a header with the ranges that a package is for, its version and what it requires. Berry
 * lists the project and its workspaces as well; a classic lock file needs the package.json beside it.
 */
export function readYarnLock(text: string, packageJson?: string): readonly Entry[] {
  const blocks = blocksIn(text);
  const bySpecification = new Map<string, string>();
  for (const [at, { specifications }] of blocks.entries()) {
    for (const one of specifications) bySpecification.set(one, `${at}`);
  }
  function* resolved(required: Block['requires']): Generator<Required> {
    for (const [name, range] of required) {
      const key = bySpecification.get(`${name}@${range}`) ?? bySpecification.get(`${name}@npm:${range}`);
      if (key !== undefined) yield [key, name];
    }
  }
  const own = blocks.filter(({ specifications }) => specifications.some((one) => one.includes('@workspace:')));
  const direct = own.length > 0 ? own.flatMap(({ requires }) => requires) : requiredByPackageJson(packageJson);
  const origins = originsOf(resolved(direct), (key) => resolved(blocks[Number(key)]?.requires ?? []));
  return blocks.flatMap(({ name, version, line }, at) =>
    version === undefined || name === '' ? [] : [{ name, version, line, ...origins.get(`${at}`) }],
  );
}

function blocksIn(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let isRequired = false;
  for (const [line, content] of linesOf(text)) {
    if (content !== '' && !/^[\s#]/.test(content)) {
      const header = content.replaceAll('"', '').replace(/:$/, '');
      blocks.push({ name: nameBeforeRange(header), line, specifications: header.split(', '), requires: [] });
    }
    const block = blocks.at(-1);
    if (!block) continue;
    const [, version] = /^ {2}version:? "?([^"\s]+)"?$/.exec(content) ?? [];
    if (version !== undefined) block.version ??= version;
    if (/^ {0,2}\S/.test(content)) isRequired = /^ {2}(?:optionalD|d)ependencies:$/.test(content);
    const [, name, range] = (isRequired && /^ {4}"?([^"\s:]+)"?:? "?([^"]+)"?$/.exec(content)) || [];
    if (name !== undefined && range !== undefined) block.requires.push([name, range]);
  }
  return blocks;
}

/** `@babel/core@npm:^7.0.0` → `@babel/core`. */
function nameBeforeRange(specification: string): string {
  const at = specification.indexOf('@', 1);
  return at < 0 ? '' : specification.slice(0, at);
}

import { type Entry, linesOf, type Variable } from './entry.ts';

const BLOCK = /^\s*<(\/)?(?:dependency|parent|plugin)>/;
const ELEMENT = /^\s*<([\w.-]+)>([^<>]+)<\//;

/** pom.xml: `groupId`, `artifactId` and `version` of a dependency, parent or plugin, one on a line. */
export function readPom(text: string): readonly Entry[] {
  const found: { group: string; artifact: string; version: string; line: number }[] = [];
  let block: (typeof found)[number] | undefined;
  for (const [line, content] of linesOf(text)) {
    const [edge, closes] = BLOCK.exec(content) ?? [];
    if (edge !== undefined) {
      block = closes ? undefined : { group: '', artifact: '', version: '', line };
      if (block) found.push(block);
    }
    const [, name = '', value = ''] = ELEMENT.exec(content) ?? [];
    if (!block) continue;
    if (name === 'groupId') block.group ||= value;
    else if (name === 'artifactId' && block.artifact === '') [block.artifact, block.line] = [value, line];
    else if (name === 'version' && block.version === '') [block.version, block.line] = [value, line];
  }
  return found
    .filter(({ artifact }) => artifact !== '')
    .map(({ group, artifact, version, line }): Entry => {
      const [, variable] = /^\$\{([^{}]+)\}$/.exec(version) ?? [];
      const shown = version.includes('$') ? undefined : version || undefined;
      const named = variable === undefined ? {} : { variable: [variable] };
      return { name: `${group}:${artifact}`, version: shown, line, direct: true, ...named };
    });
}

/** The properties of a pom.xml, which the poms of its modules see as well. */
export function pomProperties(text: string): readonly Variable[] {
  const properties: Variable[] = [];
  let isBlock = false;
  for (const [line, content] of linesOf(text)) {
    const [edge, closes] = BLOCK.exec(content) ?? [];
    if (edge !== undefined) isBlock = !closes;
    const [, name = '', value = ''] = ELEMENT.exec(content) ?? [];
    if (name !== '' && !isBlock) properties.push({ name, value, line });
  }
  return properties;
}

import { type Entry, linesOf } from './entry.ts';

const BLOCKS = /^\s*<(dependency|parent|plugin)>/;

/**
 * pom.xml (Maven): `groupId`, `artifactId` and `version` of a dependency, parent or plugin, one on a line. If the version
 * is a property of the same file, the line is the property's: that one has to change.
 */
export function readPom(text: string): readonly Entry[] {
  const properties = new Map<string, { readonly value: string; readonly line: number }>();
  const found: { group: string; artifact: string; version: string; line: number }[] = [];
  let block: (typeof found)[number] | undefined;
  for (const [line, content] of linesOf(text)) {
    if (BLOCKS.test(content)) {
      block = { group: '', artifact: '', version: '', line };
      found.push(block);
    }
    const [, name = '', value = ''] = /^\s*<([\w.-]+)>([^<>]+)<\//.exec(content) ?? [];
    if (name === '') continue;
    if (!block) properties.set(name, { value, line });
    else if (name === 'groupId') block.group ||= value;
    else if (name === 'artifactId' && block.artifact === '') [block.artifact, block.line] = [value, line];
    else if (name === 'version' && block.version === '') [block.version, block.line] = [value, line];
    if (/^\s*<\/(dependency|parent|plugin)>/.test(content)) block = undefined;
  }
  return found
    .filter(({ artifact }) => artifact !== '')
    .map(({ group, artifact, version, line }): Entry => {
      const [, variable] = /^\$\{([^{}]+)\}$/.exec(version) ?? [];
      const property = variable === undefined ? undefined : properties.get(variable);
      const shown = property?.value ?? (version.includes('$') ? '' : version);
      return {
        name: `${group}:${artifact}`,
        version: shown || undefined,
        line: property?.line ?? line,
        direct: true,
      };
    });
}

/** build.gradle, build.gradle.kts and gradle.lockfile: `group:name:version`. */
export function readGradle(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [line, content] of linesOf(text)) {
    if (/^\s*(\/\/|#|\*)/.test(content)) continue;
    for (const [, group, artifact, version = ''] of content.matchAll(
      /(?<![\w.:-])([A-Za-z][\w.-]*):([A-Za-z][\w.-]*)(?::([\w.+-]+))?(?![\w.:-])/g,
    )) {
      entries.push({ name: `${group}:${artifact}`, version: version || undefined, line });
    }
  }
  return entries;
}

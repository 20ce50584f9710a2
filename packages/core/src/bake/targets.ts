import { TidegateError } from '../error.ts';
import { isRecord, parsedJson } from '../text/json.ts';
import { counted } from '../text/wording.ts';
import { TargetProblem } from './problem.ts';
import type { TargetBuild } from './target-build.ts';
import { FIELDS, type FieldOptions, type Part } from './target-fields.ts';
import { targetImages } from './target-images.ts';
import { contextInRepository, pathInRepository } from './target-paths.ts';

export interface TargetOptions extends FieldOptions {
  /** Every target is published as PREFIX/TARGET. Empty: the repositories of its tags. */
  readonly prefixes: readonly string[];
}

/** GitHub, "Running variations of jobs in a workflow": at most 256 jobs in a matrix. */
const MOST_TARGETS = 256;
/** Problems in one message. */
const MOST_PROBLEMS = 10;
/** buildx, bake/bake.go: validTargetNameChars. */
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/**
 * The builds of the targets that `buildx bake --print` printed, by name.
 * @param printed its standard output
 * @throws TidegateError `bad-input` that lists every setting that cannot be used, each with what to do; nothing is
 * left out in silence
 */
export function bakeTargets(printed: string, options: TargetOptions): readonly TargetBuild[] {
  const definition = parsedJson(printed);
  const given = isRecord(definition) ? definition.target : undefined;
  if (!isRecord(given)) {
    throw new TidegateError('bake-definition-invalid', 'buildx bake --print did not print targets.', {
      next: 'Use the pinned buildx.',
    });
  }
  const entries = Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) {
    throw new TidegateError('bake-definition-invalid', 'The bake files have no target to build.', {
      next: 'Add a group `default`, or name the targets in the input targets.',
    });
  }
  if (entries.length > MOST_TARGETS) {
    throw new TidegateError(
      'bake-definition-invalid',
      `The bake files have ${counted(entries.length, 'target')}, and GitHub runs at most ${MOST_TARGETS} jobs of one matrix.`,
      { next: 'Name fewer in the input targets, and plan the others in another workflow.' },
    );
  }
  const problems: string[] = [];
  const builds = entries.flatMap(([name, target]) => {
    const { build, found } = targetBuild(name, target, options);
    problems.push(...found.map((one) => `${JSON.stringify(name).slice(1, -1)}: ${one}`));
    return build ?? [];
  });
  problems.push(...sharedImages(builds));
  if (problems.length === 0) return builds;
  const shown = problems.slice(0, MOST_PROBLEMS).map((one) => `- ${one}`);
  if (problems.length > MOST_PROBLEMS) shown.push(`- and ${problems.length - MOST_PROBLEMS} more`);
  throw new TidegateError(
    'bake-target-unsupported',
    `${counted(problems.length, 'setting')} of the bake files cannot be used:\n${shown.join('\n')}`,
  );
}

interface Found {
  readonly build?: TargetBuild | undefined;
  readonly found: readonly string[];
}

function targetBuild(name: string, target: unknown, options: TargetOptions): Found {
  if (!NAME.test(name) || !isRecord(target)) {
    return { found: ['it is not a target with a name of letters, digits, dashes and underscores → rename it.'] };
  }
  const found: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TargetProblem)) throw error;
      found.push(error.message);
      return undefined;
    }
  };
  const parts = Object.entries(target).map(([field, value]): Part => {
    const read = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (read) return attempt(() => read(value, options)) ?? {};
    found.push(`it has the unknown field ${JSON.stringify(field)} → remove it, or use the pinned buildx.`);
    return {};
  });
  const part: Part = Object.assign({}, ...parts);
  const notices = parts.flatMap(({ notices: own = [] }) => own);
  const named = attempt(() => targetImages(name, part.tags ?? [], options.prefixes));
  const context = attempt(() => contextInRepository(part.context ?? '.'));
  const file = attempt(() => dockerfileOf(part.dockerfile ?? 'Dockerfile', context ?? '.'));
  if (!named || context === undefined || file === undefined || found.length > 0) return { found };
  const { network = 'default', allow = [] } = part;
  const build: TargetBuild = {
    name,
    images: named.images,
    context,
    file,
    stage: part.stage ?? '',
    platforms: part.platforms ?? [],
    buildArgs: part.buildArgs ?? [],
    buildContexts: part.buildContexts ?? [],
    labels: part.labels ?? [],
    annotations: part.annotations ?? [],
    cacheFrom: part.cacheFrom ?? [],
    cacheTo: part.cacheTo ?? [],
    noCache: part.noCache ?? false,
    noCacheFilters: part.noCacheFilters ?? [],
    pull: part.pull ?? false,
    network,
    // buildx adds the entitlement to the network; the input `network` already requests it.
    allow: allow.filter((one) => network !== 'host' || one !== 'network.host'),
    addHosts: part.addHosts ?? [],
    ulimits: part.ulimits ?? [],
    shmSize: part.shmSize ?? '',
    localContexts: part.localContexts ?? [],
    notices: [...named.notices, ...notices],
  };
  return { build, found };
}

/** buildx reads a Dockerfile relative to the context. */
function dockerfileOf(text: string, context: string): string {
  if (!text.startsWith('cwd://') && /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new TargetProblem(`its dockerfile ${JSON.stringify(text)} is a URL → commit the file.`);
  }
  return pathInRepository('dockerfile', text, context);
}

/** Two targets with one repository would set the same tags: the last one to finish would win. */
function sharedImages(builds: readonly TargetBuild[]): readonly string[] {
  const owners = new Map<string, string>();
  return builds.flatMap(({ name, images }) =>
    images.flatMap((image) => {
      const owner = owners.get(image);
      owners.set(image, owner ?? name);
      return owner === undefined
        ? []
        : [
            `${name}: it would set the same tags of ${image} as ${owner} → give each its own repository, or set the input image.`,
          ];
    }),
  );
}

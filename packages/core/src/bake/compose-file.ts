import type { Document } from 'yaml';
import { messageOf, TidegateError } from '../error.ts';
import { isRecord } from '../text/json.ts';

/** Characters. The largest compose files have some thousand lines. */
const LONGEST = 1024 * 1024;
const MOST_ALIASES = 100;

type Json = Readonly<Record<string, unknown>>;

/**
 * The build sections of a compose file, as JSON, which is YAML: buildx reads this in place of the file. compose-go
 * reads other files that a compose file names (`include`, `extends`, `env_file`), anywhere on the machine and from the
 * network; a pull request could print them. The rest is left out as buildx itself leaves it out
 * (bake/compose.go, loadComposeFiles). Writing out what was checked also makes sure that two YAML readers do not differ.
 * @param variables names whose values the user gives
 * @throws TidegateError `bad-input`
 */
export async function composeBuilds(text: string, file: string, variables: readonly string[]): Promise<string> {
  const wrong = (why: string, next: string) =>
    new TidegateError('bake-definition-invalid', `The compose file ${file} ${why}.`, { next });
  const content = await readYaml(text, wrong);
  if (!isRecord(content)) throw wrong('is not a mapping', 'Correct the file.');
  if (content.include !== undefined) {
    throw wrong('includes other files (include), which are not read', 'Name each file in the input bake-files.');
  }
  const { services = {}, secrets } = content;
  if (!isRecord(services)) throw wrong('has services that are not a mapping', 'Correct the file.');
  const kept = Object.entries(services).flatMap(([name, service]): [string, Json][] => {
    const of = (why: string) => `has the service ${JSON.stringify(name)}, which ${why}`;
    if (service === null) return [];
    if (!isRecord(service)) throw wrong(of('is not a mapping'), 'Correct the file.');
    const { image, build, environment, extends: parent } = service;
    if (isRecord(parent) && parent.file !== undefined) {
      const next = 'Name that file in the input bake-files, and remove `file`.';
      throw wrong(of('extends a service of another file (extends.file), which is not read'), next);
    }
    const unset = unsetArgument(build, environment, variables);
    if (unset !== undefined) {
      const next = `Write the value, or set ${unset} in the input bake-vars.`;
      throw wrong(
        of(`takes the build argument ${unset} from variables of the machine or an env_file, which are not read`),
        next,
      );
    }
    return [[name, present({ image, build, environment, extends: parentOf(parent) })]];
  });
  return JSON.stringify(present({ services: Object.fromEntries(kept), secrets }));
}

/** Nothing but the name of a service of this file. */
function parentOf(given: unknown): unknown {
  return isRecord(given) ? present({ service: given.service }) : given;
}

type Wrong = (why: string, next: string) => TidegateError;

async function readYaml(text: string, wrong: Wrong): Promise<unknown> {
  if (text.length > LONGEST) {
    throw wrong(`has more than ${LONGEST} characters`, 'Move the services with `build` to a file of their own.');
  }
  const yaml = await import('yaml');
  const options = { logLevel: 'silent', uniqueKeys: false, merge: true, prettyErrors: false } as const;
  // With `silent`, parseDocument ignores all documents but the first; compose-go merges them.
  const [document, ...more]: readonly Document[] = [...yaml.parseAllDocuments(text, options)];
  if (!document || more.length > 0) throw wrong('does not have one document', 'Write one file for each document.');
  const [complaint] = [...document.errors, ...document.warnings];
  if (complaint)
    throw wrong(`cannot be read (${complaint.message})`, 'Correct the file. Tags such as !reset are not supported.');
  yaml.visit(document, {
    Scalar(_, { value, source = '' }) {
      if (typeof value !== 'number' || (Math.abs(value) <= Number.MAX_SAFE_INTEGER && !/^[-+]?0\d/.test(source)))
        return;
      // Readers of YAML differ in the value, and docker's own makes another text from it.
      throw wrong(`contains the number ${source}`, 'Put it in quotes.');
    },
  });
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw wrong(`cannot be read (${messageOf(error)})`, 'Use fewer aliases.');
  }
}

/**
 * A build argument without a value takes it from the environment of its service, else from that of docker, and is
 * silently missing otherwise.
 */
function unsetArgument(build: unknown, environment: unknown, variables: readonly string[]): string | undefined {
  const args = isRecord(build) ? valuesOf(build.args) : [];
  const given = new Set([
    ...valuesOf(environment).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ...variables,
  ]);
  return args.find(([name, value]) => value === undefined && !given.has(name))?.[0];
}

/** Compose has two forms: a mapping, in which null is no value, and a list of NAME or NAME=VALUE. */
function valuesOf(value: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (isRecord(value)) return Object.entries(value).map(([name, one]) => [name, one ?? undefined]);
  if (!Array.isArray(value)) return [];
  return value.map(String).map((one) => {
    const equals = one.indexOf('=');
    return equals < 0 ? [one, undefined] : [one.slice(0, equals), one.slice(equals + 1)];
  });
}

function present(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

import { clipped } from '../text/wording.ts';
import type { Pairs, TargetBuild } from './target-build.ts';

/** The parameters of a published image's build, as its provenance records them. Expressions are evaluated. */
export interface RecordedBuild {
  readonly context?: string | undefined;
  readonly file?: string | undefined;
  readonly target?: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Those from git are among them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Keys begin with their levels: `manifest,index:KEY`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, string>>;
  readonly network?: string | undefined;
  readonly allow: readonly string[];
  readonly addHosts: readonly string[];
  readonly ulimit: readonly string[];
  readonly shmSize?: string | undefined;
}

/** A published image of one or several platforms. */
export interface RecordedImage {
  readonly tag: string;
  readonly platforms: readonly string[];
  /** Of each platform. */
  readonly builds: readonly RecordedBuild[];
  /** Of the root. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Labels of every image. */
const GIT = 'org.opencontainers.image.';

/** As in the bake file. */
type Setting =
  | 'context'
  | 'dockerfile'
  | 'target'
  | 'platforms'
  | 'args'
  | 'contexts'
  | 'labels'
  | 'annotations'
  | 'network'
  | 'entitlements'
  | 'extra-hosts'
  | 'ulimits'
  | 'shm-size';

/**
 * Why a target is built again although no file changed: its definition does not say what the published image was built
 * with. A variable has another value, or the call of the workflow added something that is not known here. Caches are not
 * compared: they change no image.
 * @param platforms of the plan
 */
export function definitionChange(
  build: TargetBuild,
  platforms: readonly string[],
  image: RecordedImage,
): string | undefined {
  const differs = (setting: Setting, names: readonly string[] = []) => {
    const which = names.length > 0 ? ` (${clipped(names.join(', '))})` : '';
    return `its ${setting}${which} differ${PLURAL.has(setting) ? '' : 's'} from the published image (${image.tag})`;
  };
  if (!isSameSet(platforms, image.platforms)) return differs('platforms');
  // Of one platform or of all, of the manifests or of the index: none has all of them.
  const annotations = Object.assign(
    {},
    ...image.builds.map((one) => withoutLevels(one.annotations)),
    image.annotations,
  );
  for (const recorded of image.builds) {
    const pairs: readonly (readonly [Setting, Difference | undefined])[] = [
      ['args', differenceOf(build.buildArgs, recorded.buildArgs)],
      ['contexts', differenceOf(build.buildContexts, recorded.contexts)],
      [
        'labels',
        differenceOf(
          literals(build.labels),
          recorded.labels,
          (name) => name.startsWith(GIT) || isExpression(build.labels, name),
        ),
      ],
      // Git and BuildKit add some, so one more is no difference.
      ['annotations', differenceOf(literals(build.annotations).map(withoutLevel), annotations, () => true)],
    ];
    for (const [setting, difference] of pairs) if (difference) return differs(setting, difference.names);
    const others: readonly (readonly [Setting, boolean])[] = [
      ['context', build.context === (recorded.context ?? '.')],
      ['dockerfile', build.file === recorded.file],
      ['target', build.stage === (recorded.target ?? '')],
      ['network', build.network === (recorded.network ?? 'default')],
      ['entitlements', isSameSet(build.allow, recorded.allow)],
      ['extra-hosts', isSameSet(build.addHosts, recorded.addHosts)],
      ['ulimits', isSameSet(build.ulimits, recorded.ulimit)],
      ['shm-size', build.shmSize === (recorded.shmSize ?? '')],
    ];
    const other = others.find(([, isSame]) => !isSame);
    if (other) return differs(other[0]);
  }
  return undefined;
}

const PLURAL: ReadonlySet<Setting> = new Set([
  ...(['platforms', 'args', 'contexts', 'labels', 'annotations', 'entitlements', 'extra-hosts', 'ulimits'] as const),
]);

interface Difference {
  /** Names that the target sets. Those that only the image has are text from outside. */
  readonly names: readonly string[];
}

/** @param isExpected whether the image may have this one beyond those of the target */
function differenceOf(
  pairs: Pairs,
  recorded: Readonly<Record<string, string>>,
  isExpected: (name: string) => boolean = () => false,
): Difference | undefined {
  const wanted = new Map(pairs);
  const has = new Map(Object.entries(recorded));
  const names = [...wanted].flatMap(([name, value]) => (has.get(name) === value ? [] : [name]));
  const more = [...has.keys()].some((name) => !wanted.has(name) && !isExpected(name));
  return names.length > 0 || more ? { names } : undefined;
}

/** The value of an expression is another one for each commit. */
const hasExpression = ([, value]: Pairs[number]) => value.includes('{{');
const literals = (pairs: Pairs): Pairs => pairs.filter((pair) => !hasExpression(pair) && pair[1] !== '');
const isExpression = (pairs: Pairs, name: string) => pairs.some((pair) => pair[0] === name && hasExpression(pair));

/** The key alone has no colon: `isLabelKey` refuses a level that is none. */
const withoutLevel = ([key, value]: Pairs[number]): Pairs[number] => [key.slice(key.indexOf(':') + 1), value];
const withoutLevels = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(annotations).map(withoutLevel));

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text) => other.includes(text));
}

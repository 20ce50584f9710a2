import { badInput } from '../error.ts';
import type { GitState } from '../plan/git-state.ts';

export interface LabelOptions {
  /** The image's version: see TagPlan. */
  readonly version?: string | undefined;
  readonly title?: string | undefined;
  /** Default: the repository's. */
  readonly description?: string;
  /** SPDX expression. Default: the repository's. */
  readonly licenses?: string;
  /** The user's labels, KEY=VALUE in order. They override the others; an empty value removes a label. */
  readonly override?: readonly (readonly [key: string, value: string])[] | undefined;
}

/** OCI image-spec, annotations.md: the image's metadata, as labels in its config and as annotations. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Labels from the commit. `created` is the commit's time and not the clock's: the same commit gives the same bytes.
 * @throws TidegateError `bad-input` for an invalid key.
 */
export function planLabels(git: GitState, options: LabelOptions = {}, input = 'labels'): Labels {
  const home = `${git.serverUrl}/${git.repository}`;
  const labels = new Map<string, string>();
  const say = (name: string, value: string | undefined) => {
    if (value) labels.set(`org.opencontainers.image.${name}`, value);
  };
  say('title', options.title ?? git.repository.slice(git.repository.indexOf('/') + 1));
  say('description', options.description ?? git.about.description);
  say('url', home);
  say('source', home);
  say('version', options.version);
  say('revision', git.sha);
  // RFC 3339 to the second, as required by image-spec and written by other builders.
  say('created', git.commitTime?.toISOString().replace(/\.\d{3}Z$/, 'Z'));
  say('licenses', options.licenses ?? git.about.license);
  for (const [key, value] of options.override ?? []) {
    if (!isLabelKey(key))
      throw badInput(
        'label-invalid',
        input,
        key,
        'KEY=VALUE with a key of printable characters',
        'Write org.example.team=blue.',
      );
    // The base image is known only after the build, which treats an empty value as "no label".
    if (value === '' && !key.startsWith('org.opencontainers.image.base.')) labels.delete(key);
    else labels.set(key, value);
  }
  return Object.fromEntries([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function isLabelKey(key: string): boolean {
  return /^[\x21-\x3c\x3e-\x7e]{1,256}$/.test(key) && key !== '__proto__';
}

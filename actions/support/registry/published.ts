import { formatReference, type OneOrMore, parseReference } from '@tidegate/core';
import type { PushReport } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';

/** The outputs of a push if nothing was pushed. */
export const NOT_PUSHED = {
  ...{ published: 'false', reference: '', references: '[]' },
  ...{ 'all-references': '', 'all-tags': '', report: '' },
} as const;

/** References to the image in one destination. */
interface Published {
  readonly byDigest: string;
  readonly byTag: readonly string[];
}

/** @param pushed the report of each of `images`, in the same order */
function publishedIn(images: readonly string[], pushed: OneOrMore<PushReport>): readonly Published[] {
  return pushed.map(({ digest, tags }, at) => {
    const repository = parseReference(images[at] ?? '');
    return {
      byDigest: formatReference({ ...repository, digest }),
      byTag: tags.map(({ tag }) => formatReference({ ...repository, tag })),
    };
  });
}

/** The references that others pull, where a reader of the run sees them first: one line for each destination. */
export function announcePublished(
  images: readonly string[],
  pushed: OneOrMore<PushReport>,
  job: Pick<Job, 'log'>,
): void {
  for (const [at, { byDigest }] of publishedIn(images, pushed).entries()) {
    const tags = pushed[at]?.tags.map(({ tag }) => tag) ?? [];
    const named = tags.length === 0 ? 'no tags' : `tags ${tags.join(', ')}`;
    job.log.notice(`${byDigest}, ${named}`, { title: 'Published' });
  }
}

export function pushOutputs(images: readonly string[], pushed: OneOrMore<PushReport>) {
  const published = publishedIn(images, pushed);
  const tags = published.flatMap(({ byTag }) => byTag);
  const [first, ...others] = pushed;
  return {
    published: 'true',
    reference: published[0]?.byDigest ?? '',
    references: JSON.stringify(tags),
    'all-references': published.map(({ byDigest }) => byDigest).join('\n'),
    'all-tags': tags.join('\n'),
    report: JSON.stringify(others.length > 0 ? { ...first, others } : first),
  };
}

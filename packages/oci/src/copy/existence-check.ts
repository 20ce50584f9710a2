import type { Descriptor, Digest } from '@tidegate/core';
import { Registry } from '../registry/registry.ts';
import type { CallOptions, Store } from '../store.ts';
import { callOf, type Graph } from './graph.ts';

/** Content that the target has before anything is sent. */
export interface ExistenceCheck {
  /** Manifests that exist; those with a subject only if they are listed as its referrers. Their blobs exist too. */
  readonly present: ReadonlySet<Digest>;
  /** Whether the target was checked: everything not in `present` is then known to be missing. */
  readonly checked: boolean;
}

/**
 * Check everything concurrently: a HEAD per manifest, and one list per subject instead of a HEAD per referrer (both, if
 * the list is a fallback tag, which may name deleted manifests). A registry accepts no manifest without its blobs, so
 * nothing below an existing manifest needs a check. A layout is not checked here: files can be corrupt, so push reads
 * them.
 */
export async function checkExistence(target: Store, graph: Graph, options: CallOptions): Promise<ExistenceCheck> {
  if (!(target instanceof Registry)) return { present: new Set(), checked: false };
  const present = new Set<Digest>();
  const subjects = new Map<Digest, Descriptor[]>();
  const pending: Promise<void>[] = [];
  for (const { descriptor, manifest } of graph.values()) {
    if (manifest.subject) {
      const { digest } = manifest.subject;
      subjects.set(digest, [...(subjects.get(digest) ?? []), descriptor]);
    } else {
      pending.push(
        target.exists(descriptor, callOf(options)).then((there) => {
          if (there) present.add(descriptor.digest);
        }),
      );
    }
  }
  for (const [subject, wanted] of subjects) {
    pending.push(
      target.listed(subject, wanted, callOf(options)).then((listed) => {
        for (const { digest } of listed) present.add(digest);
      }),
    );
  }
  // Wait for all, so that no request continues after a failure.
  const ended = await Promise.allSettled(pending);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { present, checked: true };
}

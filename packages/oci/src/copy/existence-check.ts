import type { Descriptor, Digest } from '@tidegate/core';
import { Registry } from '../registry/registry.ts';
import type { CallOptions, Store } from '../store.ts';
import { callOf, type Graph } from './graph.ts';

/** What is at the target before anything is sent. */
export interface ExistenceCheck {
  /** Manifests that are there; of those with a subject, those that are found by it. Their blobs are there with them. */
  readonly present: ReadonlySet<Digest>;
  /** Whether the target was asked at all: what is not `present` then is known to be missing. */
  readonly asked: boolean;
}

/**
 * One look, everything asked at once: a HEAD per manifest, and one list per subject instead of a HEAD per referrer (where
 * clients keep the list in a tag, both: it may name what is gone). A registry takes no manifest without its blobs, so of
 * a manifest that is there nothing below it has to be asked for. A layout is not surveyed: files can rot, and are read.
 */
export async function checkExistence(target: Store, graph: Graph, options: CallOptions): Promise<ExistenceCheck> {
  if (!(target instanceof Registry)) return { present: new Set(), asked: false };
  const present = new Set<Digest>();
  const subjects = new Map<Digest, Descriptor[]>();
  const asking: Promise<void>[] = [];
  for (const { descriptor, manifest } of graph.values()) {
    if (manifest.subject) {
      const { digest } = manifest.subject;
      subjects.set(digest, [...(subjects.get(digest) ?? []), descriptor]);
    } else {
      asking.push(
        target.exists(descriptor, callOf(options)).then((there) => {
          if (there) present.add(descriptor.digest);
        }),
      );
    }
  }
  for (const [subject, wanted] of subjects) {
    asking.push(
      target.listed(subject, wanted, callOf(options)).then((listed) => {
        for (const { digest } of listed) present.add(digest);
      }),
    );
  }
  // All of them, so that nothing goes on behind a failure.
  const ended = await Promise.allSettled(asking);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { present, asked: true };
}

import type { Trust } from '@tidegate/attest';
import { admissionMarkdown, formatReference, inLaterRuns, type OneOrMore, parseReference } from '@tidegate/core';
import type { PushReport } from '@tidegate/pipeline';

/** Cluster policies for every destination; empty if the image is not pushed or not signed. */
export function clusterSections(
  images: readonly string[],
  pushed: OneOrMore<PushReport> | undefined,
  trust: Trust,
): string {
  return (pushed ?? []).map((report, at) => clusterSection(images[at] ?? '', report, trust)).join('');
}

/** Cluster policies that admit the pushed image by its signer; empty if the image is not signed. */
export function clusterSection(image: string, pushed: PushReport | undefined, trust: Trust): string {
  if (!pushed) return '';
  // Clusters use the full name of Docker Hub, even if the user omitted it.
  const repository = formatReference(parseReference(image));
  const reference = `${repository}@${pushed.digest}`;
  const [identity] = trust.identities ?? [];
  // For images of later commits, too.
  const later = identity && inLaterRuns(identity);
  if (later) return `\n${admissionMarkdown({ repository, signer: { kind: 'keyless', identity: later } }, reference)}\n`;
  const [key] = trust.publicKeys;
  if (!key) return '';
  const publicKey = key.key.export({ type: 'spki', format: 'pem' }).toString();
  const logged = trust.log === 'required';
  return `\n${admissionMarkdown({ repository, signer: { kind: 'key', publicKey, logged } }, reference)}\n`;
}

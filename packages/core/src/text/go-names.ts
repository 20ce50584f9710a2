/**
 * Whether Go's encoding/json treats two member names as the same. It ignores case, by Unicode's simple folding: the
 * long s (U+017F) is an s, the Kelvin sign (U+212A) a k. So a container runtime would use `layerſ` beside `layers`, and
 * no other check would have read it.
 */
export function sameNameInGo(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** Lower case turns the Kelvin sign into k, but keeps the long s. */
function folded(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}

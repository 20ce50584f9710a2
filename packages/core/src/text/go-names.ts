/**
 * Whether Go's encoding/json takes one name of a member for the other. It heeds no case, by Unicode's simple folding:
 * the long s (U+017F) is an s, the Kelvin sign (U+212A) a k. So `layerſ` beside `layers` is what a container runtime
 * would run, and nobody else has looked at.
 */
export function sameNameInGo(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** Lower case takes the Kelvin sign to k, and leaves the long s. */
function folded(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}
